/** Sums that are kept up from one event to the next: what has come in is added, what has fallen out of the window is taken off. */
import type { Tx } from '../../platform/database.js';
import type { Field, Seen } from './event.js';
import { total, type Scope } from './measuring.js';
import { numberOf } from './metric.js';

/** When the clock has not summed up anew for so long, the next event does: it does so every minute. */
const LONGEST_MS = 150_000;

/** A sum as it stood; times in milliseconds since 1970. */
export interface Running {
  /** Events up to here are not part of it. */
  from: number;
  /** Decimal, exact: what is added and taken off again leaves nothing behind. */
  sum: string;
  count: number;
  /** When all of the window was last read. */
  readAt: number;
  /** Since when the pattern had seen every event then. */
  since: number;
}

/** What a sum is kept up with. */
export interface Step {
  /** Of the window. */
  from: number;
  at: number;
  since: number;
  /** The event that has come in and was not there before; without one all of the window is read. */
  event: Seen | null;
}

/** The sum of a window. The state that it is part of has to be locked: every event of its group adds itself once, in the order of the locks. */
export async function summedUp(
  tx: Tx,
  scope: Scope,
  field: Field,
  before: Running | undefined,
  step: Step,
): Promise<Running> {
  const { from, at, since, event } = step;
  const isKept =
    before !== undefined && before.since === since && before.from <= from && at - before.readAt < LONGEST_MS;
  if (!event || !isKept) return { from, since, readAt: at, ...(await total(tx, scope, field, { from, to: null })) };
  const number = event.at > from ? numberOf(event, { kind: 'value', field }) : undefined;
  const gone = await total(tx, scope, field, { from: before.from, to: from }, event.id);
  const row = await tx.one<{ sum: string }>('select ($1::numeric + $2::numeric - $3::numeric)::text as sum', [
    before.sum,
    String(number ?? 0),
    gone.sum,
  ]);
  if (!row) throw new Error('there is no sum');
  const count = before.count + (number === undefined ? 0 : 1) - gone.count;
  return { ...before, from, sum: row.sum, count };
}

/** What a metric says of a sum; undefined when there was nothing to measure. */
export const valueOf = (kind: 'sum' | 'avg', { sum, count }: Running): number | undefined => {
  if (kind === 'sum') return Number(sum);
  return count === 0 ? undefined : Number(sum) / count;
};
