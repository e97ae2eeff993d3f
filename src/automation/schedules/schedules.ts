import { Injectable } from '@nestjs/common';
import { schedule, type ScheduleContext } from '../../../machines/schedule.js';
import type { Caller } from '../../auth/caller.js';
import { EngineService, type StartTx } from '../../engine/engine.service.js';
import type { FactLoaders, Payloads, Transitioned } from '../../engine/host.js';
import type { Cause } from '../../engine/recording.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import type { RuleSchedule } from '../rules/rule.js';
import { nextOccurrence } from './occurrences.js';

class Nothing {}

export const schedulePayloads: Payloads<typeof schedule> = {
  'schedule.changed': Nothing,
  'schedule.stopped': Nothing,
};

/** The rule's schedule as it is at this moment, in moments. */
export const scheduleFacts: FactLoaders<typeof schedule> = {
  next: async (tx, { context: { ruleId }, at }) => nextOf(tx, ruleId, at),
};

/** Keeps the durable timers of rules what they should be, in the transaction that changes the rule. */
@Injectable()
export class Schedules {
  constructor(private readonly engine: EngineService) {}

  /** Starts, sets and stops the schedule of a rule by what the rule is now, or by its being gone. @throws WF006 when it would never be due */
  async follow(tx: Tx, ruleId: number, by: Caller): Promise<void> {
    const running = await tx.one<{ instanceId: string }>(
      `select s.workflow_instance_id as "instanceId" from automation.schedules s
         join engine.instances i on i.tenant = s.tenant and i.id = s.workflow_instance_id
        where s.tenant = engine.tenant() and s.rule_id = $1 and i.status in ('active', 'paused')`,
      [ruleId],
    );
    const wanted = await scheduleOf(tx, ruleId);
    const cause = causeOf(by, ruleId);
    if (running)
      await this.engine.receiveWithin(
        tx,
        running.instanceId,
        cause,
        async () => ({ type: wanted ? 'schedule.changed' : 'schedule.stopped', payload: {} }),
        'ignore',
        'automation:rule',
      );
    else if (wanted)
      await this.engine.startWithin(tx, schedule.name, { ...cause, kind: 'start' }, (start) => open(start, ruleId));
  }

  /** Takes away the row of a rule that is gone; the history of its schedule stays. */
  forget(tx: Tx, ruleId: number): Promise<number> {
    return tx.run('delete from automation.schedules where tenant = engine.tenant() and rule_id = $1', [ruleId]);
  }

  /** When a rule is due next, and was last. */
  dates(tx: Tx, ruleId: number): Promise<{ next_at: Date | null; last_due_at: Date | null } | undefined> {
    return tx.one(
      'select next_at, last_due_at from automation.schedules where tenant = engine.tenant() and rule_id = $1',
      [ruleId],
    );
  }
}

/** Keeps the schedule's row in step. */
export async function followSchedule(
  tx: Tx,
  { context, status, from, at }: Transitioned<ScheduleContext>,
): Promise<void> {
  // Its row came with it.
  if (from === null) return;
  await tx.run(
    `update automation.schedules
        set next_at = case when $2 then to_timestamp($3::float8 / 1000) end, last_due_at = to_timestamp($4::float8 / 1000),
            last_fired_at = to_timestamp($5::float8 / 1000)
      where tenant = engine.tenant() and rule_id = $1`,
    [context.ruleId, status === 'active', context.dueAt, context.lastDueAt, context.firedAt === null ? null : at],
  );
}

async function open(tx: StartTx, ruleId: number) {
  const dueAt = await nextOf(tx, ruleId, tx.at);
  if (dueAt === null)
    throw refuse('WF006', {
      detail: 'The rule is not valid.',
      errors: [{ field: 'trigger.schedule', message: 'is never due' }],
    });
  await tx.run(
    `insert into automation.schedules (tenant, rule_id, workflow_instance_id, next_at) values (engine.tenant(), $1, $2, to_timestamp($3::float8 / 1000))
     on conflict (tenant, rule_id) do update
        set workflow_instance_id = excluded.workflow_instance_id, next_at = excluded.next_at, last_due_at = null, last_fired_at = null`,
    [ruleId, tx.instanceId, dueAt],
  );
  return { parties: {}, keys: { ruleId: String(ruleId) }, input: { ruleId, dueAt } };
}

async function nextOf(tx: Tx, ruleId: number, at: number): Promise<number | null> {
  const wanted = await scheduleOf(tx, ruleId);
  return wanted ? nextOccurrence(wanted.schedule, at, wanted.since.getTime()) : null;
}

const scheduleOf = (tx: Tx, ruleId: number): Promise<{ schedule: RuleSchedule; since: Date } | undefined> =>
  tx.one(
    `select schedule, schedule_set_at as since from automation.rules
      where tenant = engine.tenant() and rule_id = $1 and is_enabled and schedule is not null`,
    [ruleId],
  );

const causeOf = ({ userId: actor, roles, correlationId }: Caller, ruleId: number): Cause => ({
  kind: 'event',
  cause: `rule:${ruleId}`,
  actor,
  roles,
  correlationId,
});
