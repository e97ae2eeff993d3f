/** What rules have done and why, and why not. */
import type { Tx } from '../../platform/database.js';
import type { Happening, Rule } from '../rules/rule.js';

/** How a rule took an event, and how a job ended. */
export const LOG_OUTCOMES = [
  ...(['fired', 'unmatched', 'disbelieved', 'throttled', 'faulty', 'too_deep'] as const),
  ...(['succeeded', 'failed', 'dead', 'stopped'] as const),
] as const;
/** One of LOG_OUTCOMES. */
export type LogOutcome = (typeof LOG_OUTCOMES)[number];

/** Writes down how a rule took an event. */
export const log = (
  tx: Tx,
  {
    outcome,
    event,
    rule,
    detail,
  }: { outcome: LogOutcome; event: Happening; rule: Pick<Rule, 'rule_id' | 'name'> | null; detail: object },
): Promise<number> =>
  tx.run(
    `insert into automation.logs (tenant, at, outcome, event_id, event_type, rule_id, rule_name, detail)
     values (engine.tenant(), engine.now(), $1, $2, $3, $4, $5, $6)`,
    [outcome, event.event_id, event.type, rule?.rule_id ?? null, rule?.name ?? null, JSON.stringify(detail)],
  );

/** Writes down how a job ended. */
export const logJob = (
  tx: Tx,
  instanceId: string,
  position: number,
  outcome: LogOutcome,
  detail: object,
): Promise<number> =>
  tx.run(
    `insert into automation.logs (tenant, at, outcome, event_id, event_type, rule_id, rule_name, job_id, detail)
     select j.tenant, engine.now(), $3, j.event_id, e.type, j.rule_id, r.name, j.job_id, $4::jsonb || jsonb_build_object('action', j.action_type)
       from automation.jobs j
       join automation.events e on e.tenant = j.tenant and e.event_id = j.event_id
       left join automation.rules r on r.tenant = j.tenant and r.rule_id = j.rule_id
      where j.tenant = engine.tenant() and j.workflow_instance_id = $1 and j.position = $2`,
    [instanceId, position, outcome, JSON.stringify(detail)],
  );

/** A line of the log. */
export interface LogRow {
  log_id: number;
  at: Date;
  outcome: LogOutcome;
  event_id: string;
  event_type: string;
  rule_id: number | null;
  rule_name: string | null;
  job_id: number | null;
  detail: object;
}

/** One page, newest first, continued behind `before`. */
export const listLogs = (
  tx: Tx,
  filter: { rule_id?: number | undefined; event_id?: string | undefined; outcome?: LogOutcome | undefined },
  before: number | null,
  limit: number,
): Promise<LogRow[]> =>
  tx.query(
    `select log_id, at, outcome, event_id, event_type, rule_id, rule_name, job_id, detail from automation.logs
      where tenant = engine.tenant() and ($1::bigint is null or rule_id = $1) and ($2::text is null or event_id = $2)
        and ($3::text is null or outcome = $3) and ($4::bigint is null or log_id < $4)
      order by log_id desc limit $5`,
    [filter.rule_id ?? null, filter.event_id ?? null, filter.outcome ?? null, before, limit],
  );
