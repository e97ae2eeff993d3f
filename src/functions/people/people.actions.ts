import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Fields, Value } from '../../../machines/function.types.js';
import { rolesOf } from '../../auth/api-keys.js';
import { ROLES } from '../../auth/caller.js';
import { audit } from '../../engine/store/audit.js';
import type { Tx } from '../../platform/database.js';
import { NotificationSender, type Recipient } from '../../notifications/notification.sender.js';
import type { ActionCall } from '../actions/action.js';
import { ActionRegistry } from '../actions/action.registry.js';
import type { Parameter } from '../actions/parameters.js';
import { ActionError } from '../failure.js';

const USER = /^[\w.:@-]{1,128}$/;
const TEAMS = ['legal-team', 'sales-team'];
const PRIORITIES = ['high', 'normal', 'low'] as const;
const LONGEST_LINE = 200;
const LONGEST_TEXT = 5_000;

const text = (name: string, most: number, required = true): Parameter => ({
  name,
  type: 'string',
  required,
  validate: (value) => {
    const { length } = String(value);
    return (length > 0 && length <= most) || `must have 1 to ${most} characters`;
  },
});

/** The built-in actions that tell people, look up who may what, and leave a trace: see R004-49. */
@Injectable()
export class PeopleActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly sender: NotificationSender,
  ) {}

  onModuleInit(): void {
    const { registry } = this;
    const to: Parameter = {
      ...text('to', 128),
      validate: (value) => USER.test(String(value)) || 'must be a user, legal-team or sales-team',
    };
    const priority: Parameter = {
      ...text('priority', 10, false),
      validate: (value) => PRIORITIES.some((known) => known === value) || `must be one of ${PRIORITIES.join(', ')}`,
    };
    registry.registerSimpleAction(
      'send_notification',
      'Tells somebody by every way that reaches him, in the app above all',
      [to, text('subject', LONGEST_LINE), text('body', LONGEST_TEXT), priority],
      (params, call) => this.notify(params, call),
    );
    registry.registerDatabaseAction(
      'get_user_role',
      'The roles that the API keys of a user have now',
      [text('userId', 128)],
      'READ COMMITTED',
      async ({ userId }, { transaction }) => ({
        userId: String(userId),
        roles: await rolesOf(transaction, String(userId)),
      }),
    );
    registry.registerSimpleAction(
      'find_role_by_name',
      'A role, or null when there is none of this name',
      [text('name', 50)],
      async ({ name }) => {
        const role = ROLES.find((role) => role === String(name).toLowerCase());
        return role === undefined ? null : { name: role };
      },
    );
    const note = (name: string, description: string, params: readonly Parameter[], action: (given: Fields) => string) =>
      registry.registerDatabaseAction(name, description, params, 'READ COMMITTED', (given, call) =>
        trace(given, action(given), call),
      );
    const details: Parameter = { name: 'details', type: 'object', required: false };
    const target = text('target', 255, false);
    note(
      'log_audit_event',
      'Something that happened, in the audit',
      [text('event', 100), text('message', LONGEST_TEXT), target, details],
      ({ event }) => `workflow.${String(event)}`,
    );
    note(
      'log_audit_message',
      'A sentence in the audit',
      [text('message', LONGEST_TEXT), target, details],
      () => 'workflow.message',
    );
  }

  /** The key of the call is the message's own: however often it is tried, he is told once by each way. */
  private async notify({ to, subject, body, priority }: Fields, call: ActionCall): Promise<Value> {
    const { tenant, executionId: instanceId, idempotencyKey: key, correlationId, signal, attempt } = call;
    const urgency = PRIORITIES.find((known) => known === priority);
    const message = {
      type: 'workflow_message',
      recipient: recipientOf(String(to)),
      data: { title: subject, text: body },
    };
    const run = { tenant, instanceId, key, attempt, begun: attempt, since: 0, correlationId, signal };
    const told = await this.sender.send({ ...message, ...(urgency && { priority: urgency }) }, run);
    if (told.kind === 'done') return { success: true, messageId: key };
    throw told.kind === 'retry'
      ? new ActionError('NOT_DELIVERED', told.reason, 'transient')
      : new ActionError(told.code, told.reason, 'permanent');
  }
}

const recipientOf = (id: string): Recipient => ({ id, type: TEAMS.includes(id) ? 'internal' : 'partner', email: null });

/** Who did it is the run, whoever it is for. */
async function trace(
  { message, target, details = {} }: Fields,
  action: string,
  { transaction, executionId, userId }: ActionCall & { transaction: Tx },
): Promise<Value> {
  await audit(transaction, {
    actor: `system:workflow:${executionId}`,
    action,
    target: typeof target === 'string' ? target : executionId,
    reason: String(message),
    details: { executionId, ...(userId !== null && { userId }), details },
  });
  return { success: true };
}
