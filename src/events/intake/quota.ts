/** Events that an account may have in a month (R002-7): counted where they are accepted, for accounts that have a limit. */
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';

/** When something is accepted, and what the account may have. */
export interface Moment {
  /** Business time, milliseconds since 1970. */
  now: number;
  /** Events a month; null where there is no limit. */
  most: number | null;
}

/** Both in one question, so that it costs nothing to have no limit. */
export async function momentOf(tx: Tx): Promise<Moment> {
  const moment = await tx.one<Moment>(
    `select (extract(epoch from engine.now()) * 1000)::float8 as now,
            (select max_events_per_month from automation.accounts where tenant = engine.tenant()) as most`,
  );
  if (!moment) throw new Error('there is no time');
  return moment;
}

/** Charges events that have begun, in the transaction that accepts them. @throws QUOTA_EXCEEDED when these are too many */
export async function charge(tx: Tx, fresh: number, { most }: Moment): Promise<void> {
  if (most === null || fresh === 0) return;
  const row = await tx.one<{ used: number; resets_at: Date }>(
    `insert into automation.usage as u (tenant, month, events, last_at)
     select engine.tenant(), date_trunc('month', engine.now() at time zone 'UTC')::date, $1, engine.now()
     on conflict (tenant, month) do update set events = u.events + excluded.events, last_at = excluded.last_at
     returning u.events as used, (u.month + interval '1 month') at time zone 'UTC' as resets_at`,
    [fresh],
  );
  if (!row || row.used <= most) return;
  throw refuse('QUOTA_EXCEEDED', {
    detail: `The account may have ${most} events a month.`,
    members: { quota: 'events', limit: most, resetsAt: row.resets_at.toISOString() },
  });
}

/** Whether the account has a limit of events. */
export const isLimited = async (tx: Tx): Promise<boolean> => (await momentOf(tx)).most !== null;
