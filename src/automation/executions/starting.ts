import { Injectable } from '@nestjs/common';
import { execution } from '../../../machines/execution.js';
import type { ExecutionInput, Trigger, Value } from '../../../machines/execution.types.js';
import { EngineService } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import { NotificationSender } from '../../notifications/notification.sender.js';
import type { Tx } from '../../platform/database.js';
import { findRunnable } from '../workflows/workflows.store.js';
import { insertExecution, startedBy } from './executions.store.js';
import { executionQuota, type UsedUp } from './quota.js';

/** What is asked for when an execution is to start. */
export interface Order {
  workflowId: string;
  /** What sets it off; `id` is the pattern, the schedule or the user. */
  trigger: Trigger;
  input: Value;
  /** For `{{event.…}}`; null when there was none. */
  event?: Value;
  /** The same key sets off one execution, for ever; null: every order is one of its own. */
  key: string | null;
  /** Who orders it, for the history: a user, or `system:<what>`. */
  by: Pick<Cause, 'actor' | 'roles' | 'correlationId'>;
}

/** What became of an order. */
export type Answer =
  | { kind: 'started' | 'known'; executionId: string }
  | { kind: 'refused'; because: 'NO_WORKFLOW' | 'DISABLED' }
  | { kind: 'refused'; because: 'QUOTA_EXCEEDED'; usedUp: UsedUp };

/** Starts executions, in the transaction of whatever sets them off (R002-26). */
@Injectable()
export class Starting {
  constructor(
    private readonly engine: EngineService,
    private readonly sender: NotificationSender,
  ) {}

  /** Starts an execution of the workflow's newest version, once for each key: both come to be, or neither. */
  async startWithin(tx: Tx, order: Order): Promise<Answer> {
    const { workflowId, trigger, input, event = null, key, by } = order;
    const known = key === null ? undefined : await startedBy(tx, key);
    if (known !== undefined) return { kind: 'known', executionId: known };
    const workflow = await findRunnable(tx, workflowId);
    if (!workflow) return { kind: 'refused', because: 'NO_WORKFLOW' };
    if (!workflow.enabled) return { kind: 'refused', because: 'DISABLED' };
    const { plan, version, owner_id, owner_roles } = workflow;
    const usedUp = await executionQuota(tx);
    if (usedUp) {
      // Whoever asks himself is told by the answer.
      if (trigger.type !== 'manual') await this.tell(tx, owner_id, workflowId, usedUp);
      return { kind: 'refused', because: 'QUOTA_EXCEEDED', usedUp };
    }
    const given: ExecutionInput = {
      plan: { ...plan, workflowId, version },
      trigger,
      input,
      event,
      owner: { id: owner_id, roles: owner_roles },
    };
    const cause: Cause = { ...by, kind: 'start', cause: `workflow:${trigger.type}` };
    const { instanceId } = await this.engine.startWithin(tx, execution.name, cause, async (start) => {
      const { instanceId: id, at: startedAt } = start;
      await insertExecution(start, { id, workflowId, version, key, trigger, event, input, startedAt });
      return { parties: { owner: owner_id }, keys: { workflowId }, input: given };
    });
    return { kind: 'started', executionId: instanceId };
  }

  /** Who wrote the workflow is told once, until the limit begins anew. */
  private tell(tx: Tx, owner: string, workflowId: string, { quota, limit, resetsAt }: UsedUp): Promise<void> {
    const until = resetsAt?.toISOString() ?? null;
    return this.sender.keepInApp(tx, `quota:${quota}:${owner}:${until ?? ''}`, {
      type: 'quota_exceeded',
      recipient: { id: owner, type: 'partner', email: null },
      data: { quota, limit, resetsAt: until, workflowId },
    });
  }
}
