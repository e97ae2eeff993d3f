/** The outbox: effects written down with the transition that wants them, worked off afterwards. */
import { recordArray, type Cell, type Columns } from '../../platform/binary.js';
import type { Database, Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

export interface OutboxRow {
  tenant: string;
  id: number;
  instance_id: string;
  kind: 'job' | 'command' | 'emit' | 'compensation' | 'letter';
  job_id: string | null;
  type: string;
  params: Json;
  key: string;
  compensate: string | null;
  attempts: number;
  /** Grows with every claim; a result carried under an older fence changes nothing. */
  fence: number;
  correlation_id: string;
  /** Business time at which it was written down, milliseconds. */
  since: number;
  /** Where the next look for effects of its type may begin: `Room.from`. */
  next_from: number;
}

/** How many more of a type may run here, and for how long a claim of it lasts unless it is prolonged. */
export interface Room {
  type: string;
  room: number;
  leaseMs: number;
  /** Passes over what was due before (business time, milliseconds); left out: looks from the beginning, past all that is over and not yet vacuumed. */
  from?: number | undefined;
}

/**
 * Takes up to `most` due effects for this worker, of each type as far as there is room. Oldest first, so one poisoned row cannot starve the
 * others. The lease runs on the database's own clock: moving business time steals nobody's work. What a crashed worker holds is taken like
 * the others once its lease has ended.
 */
export const claim = (
  database: Pick<Database, 'call'>,
  worker: string,
  rooms: readonly Room[],
  most: number,
): Promise<OutboxRow[]> =>
  database.call('select * from engine.claim($1, $2, $3, $4, $5, $6)', [
    worker,
    rooms.map(({ type }) => type),
    rooms.map(({ room }) => room),
    rooms.map(({ leaseMs }) => leaseMs),
    rooms.map(({ from }) => from ?? null),
    most,
  ]);

const FINISHED = {
  ...({ tenant: 'text', id: 'int8', instance_id: 'text', fence: 'int8', status: 'text', result: 'json' } as const),
  ...({ last_error: 'json', outcome: 'text', request_hash: 'text', provider: 'text', provider_id: 'text' } as const),
  ...({ response_code: 'text', detail: 'text', duration_ms: 'int4' } as const),
} satisfies Columns;

/** How an effect ended that no machine waits for. */
export type Finished = Readonly<Record<keyof typeof FINISHED, Cell>>;

/** Ends effects of any tenants in one call. @param type number of `engine.finished` in this database */
export const finishAll = (database: Database, type: number, ends: readonly Finished[]): Promise<unknown[]> =>
  database.call('select engine.finish($1)', [recordArray(type, FINISHED, ends)]);

/**
 * Extends the leases of the effects still running here, except those that are just being ended. One that is missing from the answer has been
 * taken by someone else.
 */
export const heartbeat = (
  tx: Tx,
  worker: string,
  running: readonly (Pick<OutboxRow, 'tenant' | 'id'> & { leaseMs: number })[],
): Promise<{ id: number; fence: number }[]> =>
  tx.query(
    `with running as (select * from unnest($2::text[], $3::bigint[], $4::int[]) as r (tenant, id, lease_ms)),
     mine as (
       select o.ctid as place, r.lease_ms from running r join engine.outbox o using (tenant, id)
        where o.claimed_by = $1 and o.status = 'claimed' for update of o skip locked),
     kept as (
       update engine.outbox o set claimed_until = clock_timestamp() + mine.lease_ms * interval '1 millisecond' from mine where o.ctid = mine.place)
     select o.id, o.fence from running r join engine.outbox o using (tenant, id) where o.claimed_by = $1 and o.status = 'claimed'`,
    [worker, running.map(({ tenant }) => tenant), running.map(({ id }) => id), running.map(({ leaseMs }) => leaseMs)],
  );

/** Gives back the claims of effects that were running and have been stopped. The attempt they were charged for did not take place. */
export const release = (
  tx: Tx,
  worker: string,
  stopped: readonly Pick<OutboxRow, 'tenant' | 'id' | 'fence'>[],
): Promise<number> =>
  tx.run(
    `update engine.outbox o set status = 'pending', claimed_by = null, claimed_until = null, attempts = attempts - 1
       from (select o.ctid as place from unnest($2::text[], $3::bigint[], $4::bigint[]) as s (tenant, id, fence) join engine.outbox o using (tenant, id, fence)
              where o.claimed_by = $1 and o.status = 'claimed' for update of o skip locked) held
      where o.ctid = held.place`,
    [worker, stopped.map(({ tenant }) => tenant), stopped.map(({ id }) => id), stopped.map(({ fence }) => fence)],
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

/** Puts a claimed effect back that this process could not even try: the attempt it was charged for did not take place. */
export const giveBack = (tx: Tx, row: OutboxRow, delayMs: number, error: Json): Promise<number> =>
  tx.run(
    `update engine.outbox
        set status = 'pending', claimed_by = null, claimed_until = null, last_error = $4, attempts = attempts - 1,
            next_attempt_at = engine.now() + $3 * interval '1 millisecond'
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

/** One page of a tenant's effects in a status and of a type (or, `functions.`, a family of them), oldest first, continued behind `after`. */
export const inStatus = (
  tx: Tx,
  { status, type }: { status: string | null; type: string | null },
  after: number,
  limit: number,
): Promise<EffectView[]> =>
  tx.query(
    `select ${VIEW} from engine.outbox where tenant = engine.tenant() and ($1::text is null or status = $1) and id > $2
        and ($4::text is null or case when $4 like '%.' then starts_with(type, $4) else type = $4 end)
      order by id limit $3`,
    [status, after, limit, type],
  );

/**
 * Puts a dead effect back to work under its old key. The machine that waited for it has been told that it failed, and may wait for another of
 * the same kind by now: what comes of it is written down, and is no answer any more. Answers its instance, or undefined when it is not dead.
 */
export const revive = (tx: Tx, id: number): Promise<{ instance_id: string; type: string } | undefined> =>
  tx.one(
    `update engine.outbox
        set status = 'pending', attempts = 0, next_attempt_at = engine.now(), finished_at = null,
            cancelled_at = case when kind = 'job' then coalesce(cancelled_at, engine.now()) else cancelled_at end
      where tenant = engine.tenant() and id = $1 and stage = 'dead' returning instance_id, type`,
    [id],
  );

/** Gives a dead effect up for good. */
export const discard = (tx: Tx, id: number): Promise<{ instance_id: string; type: string } | undefined> =>
  tx.one(
    `update engine.outbox set status = 'cancelled', cancelled_at = engine.now(), finished_at = engine.now()
      where tenant = engine.tenant() and id = $1 and stage = 'dead' returning instance_id, type`,
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
      where o.tenant = engine.tenant() and o.stage = 'dead'
      group by 1, 2, 3 order by count desc, 1, 2, 3`,
  );
  const ages = await tx.one<{ oldest: Date | null; newest: Date | null }>(
    `select min(finished_at) as oldest, max(finished_at) as newest from engine.outbox where tenant = engine.tenant() and stage = 'dead'`,
  );
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  return { total, oldest: ages?.oldest ?? null, newest: ages?.newest ?? null, groups };
};

/** Gives up for good what has been dead for this many days. Answers how many. */
export const purge = (tx: Tx, olderThanDays: number): Promise<number> =>
  tx.run(
    `update engine.outbox set status = 'cancelled', cancelled_at = engine.now()
      where tenant = engine.tenant() and stage = 'dead' and finished_at < engine.now() - $1 * interval '1 day'`,
    [olderThanDays],
  );
