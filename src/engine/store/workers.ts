/** The processes that work, as they say of themselves (R004-58). */
import type { Tx } from '../../platform/database.js';

/** What a worker says of itself; counts since it started. */
export interface Standing {
  worker: string;
  capacity: number;
  active: number;
  processed: number;
  succeeded: number;
  failed: number;
  /** Milliseconds since it could last not do its work; null when it always could. */
  faultedMs: number | null;
}

/** What all of them are together. */
export interface Fleet {
  workers: number;
  healthy: number;
  degraded: number;
  unhealthy: number;
  processed: number;
  succeeded: number;
  failed: number;
  active: number;
}

/** Keeps what a worker says, and forgets those that have been silent for so long that nobody waits for them. */
export async function beat(tx: Tx, standing: Standing, forgetMs: number): Promise<void> {
  const { worker, capacity, active, processed, succeeded, failed, faultedMs } = standing;
  await tx.run(
    `insert into engine.workers as w (worker, started_at, seen_at, capacity, active, processed, succeeded, failed, faulted_at)
     values ($1, clock_timestamp(), clock_timestamp(), $2, $3, $4, $5, $6, clock_timestamp() - $7::float8 * interval '1 millisecond')
     on conflict (worker) do update
        set seen_at = excluded.seen_at, active = excluded.active, processed = excluded.processed, succeeded = excluded.succeeded,
            failed = excluded.failed, faulted_at = excluded.faulted_at`,
    [worker, capacity, active, processed, succeeded, failed, faultedMs],
  );
  await tx.run(`delete from engine.workers where seen_at < clock_timestamp() - $1 * interval '1 millisecond'`, [
    forgetMs,
  ]);
}

/** One that stops says goodbye. */
export const leave = (tx: Tx, worker: string): Promise<number> =>
  tx.run('delete from engine.workers where worker = $1', [worker]);

/** @param silentMs after which a worker counts as gone @param shakyMs for which one that could not do its work counts as degraded */
export const fleet = async (tx: Tx, silentMs: number, shakyMs: number): Promise<Fleet> => {
  const found = await tx.one<Fleet>(
    `with standing as (
       select w.*, case when seen_at < clock_timestamp() - $1 * interval '1 millisecond' then 'unhealthy'
                        when active >= capacity or faulted_at > clock_timestamp() - $2 * interval '1 millisecond' then 'degraded'
                        else 'healthy' end as health
         from engine.workers w)
     select count(*)::int as workers, count(*) filter (where health = 'healthy')::int as healthy,
            count(*) filter (where health = 'degraded')::int as degraded, count(*) filter (where health = 'unhealthy')::int as unhealthy,
            coalesce(sum(processed), 0)::float8 as processed, coalesce(sum(succeeded), 0)::float8 as succeeded,
            coalesce(sum(failed), 0)::float8 as failed, coalesce(sum(active) filter (where health <> 'unhealthy'), 0)::int as active
       from standing`,
    [silentMs, shakyMs],
  );
  if (!found) throw new Error('the workers were not counted');
  return found;
};
