import { Injectable } from '@nestjs/common';
import { firing, type FiringInput, type FiringJob } from '../../../machines/firing.js';
import { Actions } from '../../actions/actions.js';
import { EngineService, type Opening, type StartTx } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import type { Tx } from '../../platform/database.js';
import { Config } from '../../platform/config.js';
import { scopeOf, signatureOf, type Happening, type Rule } from '../rules/rule.js';
import { fillIn } from '../rules/template.js';
import { openActions } from '../rules/secrets.js';
import { sealJob } from './secrets.js';

/** Characters of a filled-in action as JSON. */
const LARGEST_JOB = 64_000;

/** Sets rules off: everything that is to be done is written down with the event that asks for it. */
@Injectable()
export class Firings {
  constructor(
    private readonly engine: EngineService,
    private readonly actions: Actions,
    private readonly config: Config,
  ) {}

  /** Starts the firing of a rule, in the transaction of its event. @returns its instance, or what is wrong with the rule's words for this event */
  async fire(
    tx: Tx,
    rule: Rule,
    event: Happening,
    depth: number,
    correlationId: string,
  ): Promise<string | { fault: string }> {
    const opened = this.opened(tx, rule);
    if ('fault' in opened) return opened;
    const filled = jobsOf(opened, event, depth);
    if ('fault' in filled) return filled;
    const jobs = filled.map((job) => sealJob(this.config.encryptionKeys, tx.tenant, this.actions.find(job.type), job));
    const cause: Cause = {
      kind: 'start',
      cause: `event:${event.event_id}`,
      actor: actorOf(rule.rule_id),
      roles: [],
      correlationId,
    };
    const ack = await this.engine.startWithin(tx, firing.name, cause, (start) =>
      this.open(start, { ruleId: rule.rule_id, eventId: event.event_id, jobs }, rule.owner_id),
    );
    return ack.instanceId;
  }

  /** The rule as it was meant. A key that is gone is a fault of this rule, and none of the others. */
  private opened(tx: Tx, rule: Rule): Rule | { fault: string } {
    const find = (type: string) => this.actions.find(type);
    try {
      return { ...rule, actions: openActions(this.config.encryptionKeys, tx.tenant, find, rule.actions) };
    } catch (error) {
      return { fault: `its secrets cannot be opened: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  /** Writes the jobs down. The unique keys are the second lock on the door: an event sets a rule off once. */
  private async open(tx: StartTx, input: FiringInput, owner: string): Promise<Opening> {
    for (const { position, key, type } of input.jobs)
      await tx.run(
        `insert into automation.jobs (tenant, idempotency_key, rule_id, event_id, workflow_instance_id, position, action_type, kind, created_at)
         values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now())`,
        [key, input.ruleId, input.eventId, tx.instanceId, position, type, this.actions.find(type)?.kind ?? 'event'],
      );
    return { parties: { owner }, keys: { ruleId: String(input.ruleId), eventId: input.eventId }, input };
  }
}

/** Who does what a rule does, for histories. No user can be called that. */
export const actorOf = (ruleId: number): string => `system:rule:${ruleId}`;

/** What is to be done, with every hole filled; or why it cannot be. */
export function jobsOf(rule: Rule, event: Happening, depth: number): FiringJob[] | { fault: string } {
  const scope = scopeOf(event, rule);
  try {
    return rule.actions.map((action, position) => {
      const params = fillIn(action.params, scope);
      if (JSON.stringify(params).length > LARGEST_JOB) throw new Error(`more than ${LARGEST_JOB} characters`);
      return {
        position,
        key: `${rule.rule_id}:${event.event_id}:${signatureOf(action)}`,
        type: action.type,
        params,
        owner: { id: rule.owner_id, roles: rule.owner_roles },
        ruleId: rule.rule_id,
        depth,
      };
    });
  } catch (error) {
    return { fault: `its parameters cannot be filled in: ${error instanceof Error ? error.message : String(error)}` };
  }
}
