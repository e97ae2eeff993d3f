/** What the engine needs of this module to run SLA clocks: payloads, facts, and the rows that follow each transition. */
import { IsString, Length } from 'class-validator';
import type { sla, Schedule } from '../../../machines/sla.js';
import type { FactLoaders, Payloads, Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import type { SlaCalendar } from './sla.calendar.js';
import { passed, scheduleOf, type Terms } from './sla.terms.js';

type Context = Schedule & {
  clockId: number;
  ruleId: number;
  itemType: string;
  itemId: number;
  reasonCode: string;
  pausedAt: number | null;
  reason: string | null;
};

class Nothing {}

/** Why the clock is stopped, or what ended it. */
class WithReason {
  @IsString() @Length(1, 200) reason!: string;
}

export const slaPayloads: Payloads<typeof sla> = {
  'sla.met': WithReason,
  'sla.paused': WithReason,
  'sla.withdrawn': WithReason,
  'sla.resumed': Nothing,
  'sla.rescheduled': Nothing,
};

/** The rule and the calendar as they are at this moment, in moments. */
export const slaFacts = (calendars: SlaCalendar): FactLoaders<typeof sla> => ({
  schedule: async (tx, { context, event, at }): Promise<Schedule | null> => {
    const terms = await tx.one<Terms>(
      `select threshold_hrs::float8 as threshold_hrs, clock, warn_pct, revision from workstream.sla_rules
        where tenant = engine.tenant() and rule_id = $1 and is_active
          and coalesce(active_from, '-infinity') <= to_timestamp($2::float8 / 1000) and coalesce(active_to, 'infinity') > to_timestamp($2::float8 / 1000)`,
      [context.ruleId, at],
    );
    if (!terms) return null;
    const calendar = await calendars.known(tx);
    if (event.type !== 'sla.resumed') return scheduleOf(terms, calendar, context.since, context.countedMs);
    const counted = context.countedMs + passed(terms, calendar, context.since, context.pausedAt ?? at);
    return scheduleOf(terms, calendar, at, counted);
  },
});

/** The clock's row, and the breach that it is about. */
export async function followClock(tx: Tx, { state, status, context, at }: Transitioned<Context>): Promise<void> {
  await tx.run(
    `update workstream.sla_clocks
        set state = $2, reason = $3, rule_revision = $4, calendar = $5, warn_at = to_timestamp($6::float8 / 1000), due_at = to_timestamp($7::float8 / 1000),
            breached_at = case when $2 = 'breached' then coalesce(breached_at, to_timestamp($8::float8 / 1000)) else breached_at end,
            ended_at = case when $9 then null else to_timestamp($8::float8 / 1000) end
      where tenant = engine.tenant() and clock_id = $1`,
    [
      context.clockId,
      state,
      context.reason,
      context.ruleRevision,
      context.calendar,
      context.warnAt,
      context.dueAt,
      at,
      status === 'active',
    ],
  );
  if (state === 'breached') {
    // The unique keys are the second lock on the door: whatever happens, an item has one open breach of a rule (R001-15).
    await tx.run(
      `insert into workstream.sla_breaches (tenant, item_type, item_id, rule_id, clock_id, breached_at, reason_code)
       values (engine.tenant(), $1, $2, $3, $4, to_timestamp($5::float8 / 1000), $6) on conflict do nothing`,
      [context.itemType, context.itemId, context.ruleId, context.clockId, at, context.reasonCode],
    );
  } else if (status !== 'active') {
    await tx.run(
      `update workstream.sla_breaches set resolved_at = to_timestamp($2::float8 / 1000), resolution = $3
        where tenant = engine.tenant() and clock_id = $1 and resolved_at is null`,
      [context.clockId, at, context.reason],
    );
  }
}
