/** How often the same may be asked for: so many deals of somebody in a span of time. */
import type { Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';

/** Whose deals are counted. The names are ours and become part of statements. */
export interface Counted {
  table: string;
  column: string;
  seconds: number;
  /** `A requester may ask for {most} NDAs in 24 hours.` */
  sentence: (most: number) => string;
}

/**
 * Lets the next deal of somebody begin. One at a time for each of them, or two at once would each see the other's not yet there.
 * @param most 0 for no limit
 * @throws RATE_LIMITED with the seconds until there is room again
 */
export async function slowDown(
  tx: Tx,
  { table, column, seconds, sentence }: Counted,
  id: string,
  most: number,
): Promise<void> {
  if (most === 0) return;
  await tx.run(`select pg_advisory_xact_lock(hashtextextended('${table}:' || engine.tenant() || ':' || $1, 0))`, [id]);
  const nth = await tx.one<{ seconds: number }>(
    `select ceil(extract(epoch from created_at + $3 * interval '1 second' - engine.now()))::int as seconds
       from ${table}
      where tenant = engine.tenant() and ${column} = $1 and created_at > engine.now() - $3 * interval '1 second'
      order by created_at desc offset $2 - 1 limit 1`,
    [id, most, seconds],
  );
  if (!nth) return;
  throw refuse('RATE_LIMITED', { detail: sentence(most), retryAfter: Math.max(1, nth.seconds) });
}
