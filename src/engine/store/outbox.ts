/** The outbox: effects written down with the transition that wants them, worked off afterwards. */
import type { Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

export interface OutboxRow {
  tenant: string;
  id: number;
  instance_id: string;
  seq: number;
  idx: number;
  kind: 'job' | 'command' | 'emit' | 'compensation';
  job_id: string | null;
  type: string;
  params: Json;
  key: string;
  compensate: string | null;
  status: 'pending' | 'claimed' | 'done' | 'dead' | 'cancelled';
  attempts: number;
  /** Grows with every claim; a result carried under an older fence changes nothing. */
  fence: number;
  correlation_id: string;
  created_at: Date;
}

/**
 * Takes up to `limit` due effects for this worker. Oldest first, so one poisoned row cannot starve the others.
 * The lease runs on the database's own clock: moving business time steals nobody's work.
 */
export const claim = (
  tx: Tx,
  worker: string,
  types: readonly string[],
  limit: number,
  leaseMs: number,
): Promise<OutboxRow[]> =>
  tx.query<OutboxRow>(
    `with due as (
       select o.tenant, o.id
         from engine.outbox o
        where o.status = 'pending' and o.next_attempt_at <= engine.now() and o.type = any($2)
          and not exists (select 1 from engine.instances i where i.tenant = o.tenant and i.id = o.instance_id and i.status in ('paused', 'quarantined'))
          and (not o.ordered or not exists (
                 select 1 from engine.outbox head
                  where head.tenant = o.tenant and head.instance_id = o.instance_id and head.id < o.id and head.ordered
                    and (head.status in ('pending', 'claimed') or (head.status = 'dead' and head.kind <> 'compensation'))))
        order by o.next_attempt_at, o.id
        limit $3
          for update of o skip locked)
     update engine.outbox o
        set status = 'claimed', claimed_by = $1, claimed_until = clock_timestamp() + $4 * interval '1 millisecond', fence = o.fence + 1, attempts = o.attempts + 1
       from due where o.tenant = due.tenant and o.id = due.id
     returning o.tenant, o.id, o.instance_id, o.seq, o.idx, o.kind, o.job_id, o.type, o.params, o.key, o.compensate, o.status, o.attempts, o.fence,
               o.correlation_id, o.created_at`,
    [worker, types, limit, leaseMs],
  );

/** Gives back what crashed workers had claimed; answers how many rows. */
export const reclaim = (tx: Tx): Promise<number> =>
  tx.run(
    `update engine.outbox set status = 'pending', claimed_by = null, claimed_until = null
      where status = 'claimed' and claimed_until < clock_timestamp()`,
  );

/** Extends the leases of the effects still running here. A row missing from the answer has been taken by someone else. */
export const heartbeat = (
  tx: Tx,
  worker: string,
  ids: readonly number[],
  leaseMs: number,
): Promise<{ id: number; fence: number }[]> =>
  tx.query(
    `update engine.outbox set claimed_until = clock_timestamp() + $3 * interval '1 millisecond'
      where claimed_by = $1 and id = any($2) and status = 'claimed' returning id, fence`,
    [worker, ids, leaseMs],
  );

/** Gives unfinished claims back at shutdown. The attempt they were charged for did not take place. */
export const release = (tx: Tx, worker: string): Promise<number> =>
  tx.run(
    `update engine.outbox set status = 'pending', claimed_by = null, claimed_until = null, attempts = attempts - 1
      where claimed_by = $1 and status = 'claimed'`,
    [worker],
  );

/** Ends a claimed effect, if this fence still holds it. Answers whether the machine had stopped waiting, or undefined when stale. */
export const finish = (
  tx: Tx,
  row: OutboxRow,
  status: 'done' | 'dead',
  result: Json | undefined,
  error: Json | undefined,
): Promise<{ cancelled: boolean } | undefined> =>
  tx.one(
    `update engine.outbox
        set status = $3, result = $4, last_error = $5, claimed_by = null, claimed_until = null, finished_at = engine.now()
      where tenant = engine.tenant() and id = $1 and fence = $2 and status = 'claimed'
      returning cancelled_at is not null as cancelled`,
    [row.id, row.fence, status, JSON.stringify(result ?? null), error === undefined ? null : JSON.stringify(error)],
  );

/** Puts a claimed effect back for a later attempt, if this fence still holds it. */
export const postpone = (tx: Tx, row: OutboxRow, delayMs: number, error: Json): Promise<number> =>
  tx.run(
    `update engine.outbox
        set status = 'pending', claimed_by = null, claimed_until = null, last_error = $4, next_attempt_at = engine.now() + $3 * interval '1 millisecond'
      where tenant = engine.tenant() and id = $1 and fence = $2 and status = 'claimed'`,
    [row.id, row.fence, delayMs, JSON.stringify(error)],
  );

export interface EffectView {
  id: number;
  instance_id: string;
  seq: number;
  kind: string;
  type: string;
  params: Json;
  key: string;
  status: string;
  attempts: number;
  next_attempt_at: Date;
  last_error: Json;
  result: Json;
  created_at: Date;
  finished_at: Date | null;
}

const VIEW = `id, instance_id, seq, kind, type, params, key, status, attempts, next_attempt_at, last_error, result, created_at, finished_at`;

export const ofInstance = (tx: Tx, instanceId: string): Promise<EffectView[]> =>
  tx.query(`select ${VIEW} from engine.outbox where tenant = engine.tenant() and instance_id = $1 order by id`, [
    instanceId,
  ]);

/** One page of a tenant's effects in a status, oldest first, continued behind `after`. */
export const inStatus = (tx: Tx, status: string | null, after: number, limit: number): Promise<EffectView[]> =>
  tx.query(
    `select ${VIEW} from engine.outbox where tenant = engine.tenant() and ($1::text is null or status = $1) and id > $2 order by id limit $3`,
    [status, after, limit],
  );

/** Puts a dead effect back to work under its old key. Answers its instance, or undefined when it is not dead. */
export const revive = (tx: Tx, id: number): Promise<{ instance_id: string; type: string } | undefined> =>
  tx.one(
    `update engine.outbox set status = 'pending', attempts = 0, next_attempt_at = engine.now(), finished_at = null
      where tenant = engine.tenant() and id = $1 and status = 'dead' returning instance_id, type`,
    [id],
  );

/** Gives a dead effect up for good. */
export const discard = (tx: Tx, id: number): Promise<{ instance_id: string; type: string } | undefined> =>
  tx.one(
    `update engine.outbox set status = 'cancelled', cancelled_at = engine.now(), finished_at = engine.now()
      where tenant = engine.tenant() and id = $1 and status = 'dead' returning instance_id, type`,
    [id],
  );

/** The dead effects of a tenant at a glance (R000-98). */
export interface DeadLetterStats {
  total: number;
  oldest: Date | null;
  newest: Date | null;
  /** By what they would have done, why they were given up, and the state their instance is in now. */
  groups: { type: string; code: string; state: string; count: number }[];
}

export const deadLetterStats = async (tx: Tx): Promise<DeadLetterStats> => {
  const groups = await tx.query<{ type: string; code: string; state: string; count: number }>(
    `select o.type, coalesce(o.last_error ->> 'code', 'UNKNOWN') as code, i.state, count(*) as count
       from engine.outbox o join engine.instances i on i.tenant = o.tenant and i.id = o.instance_id
      where o.tenant = engine.tenant() and o.status = 'dead'
      group by 1, 2, 3 order by count desc, 1, 2, 3`,
  );
  const ages = await tx.one<{ oldest: Date | null; newest: Date | null }>(
    `select min(finished_at) as oldest, max(finished_at) as newest from engine.outbox where tenant = engine.tenant() and status = 'dead'`,
  );
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  return { total, oldest: ages?.oldest ?? null, newest: ages?.newest ?? null, groups };
};

/** Gives up for good what has been dead for this many days. Answers how many. */
export const purge = (tx: Tx, olderThanDays: number): Promise<number> =>
  tx.run(
    `update engine.outbox set status = 'cancelled', cancelled_at = engine.now()
      where tenant = engine.tenant() and status = 'dead' and finished_at < engine.now() - $1 * interval '1 day'`,
    [olderThanDays],
  );
