/** The counters: each change is added once, in the transaction that makes it true (R003-19). */
import type { Tx } from '../platform/database.js';

/** What is counted. */
export const COUNTED = ['total', 'pending', 'delivered', 'failed', 'removed:delivered', 'removed:failed'] as const;
/** One of COUNTED. */
export type Counter = (typeof COUNTED)[number];

/** Adds what changed with one event, in the shard that its id leads to. */
export const add = (tx: Tx, eventId: string, changes: Readonly<Partial<Record<Counter, number>>>): Promise<number> =>
  tx.run(
    `select events.add(array_agg((key, hashtext($1) & 15, value::bigint)::events.change)) from json_each_text($2::json) as given (key, value)`,
    [eventId, JSON.stringify(changes)],
  );

/** The sums of all shards; what was never counted is 0. */
export async function countersOf(tx: Tx): Promise<Record<Counter, number>> {
  const rows = await tx.query<{ key: Counter; value: number }>(
    `select substr(key, 16) as key, sum(value)::float8 as value from events.metric_counters where tenant = engine.tenant() group by key`,
  );
  const found = new Map(rows.map(({ key, value }) => [key, value]));
  return Object.fromEntries(COUNTED.map((key) => [key, found.get(key) ?? 0])) as Record<Counter, number>;
}
