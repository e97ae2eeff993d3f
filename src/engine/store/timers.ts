/** Timers: deadlines as rows, due by business time, fired at most once for each time they were armed. */
import type { Database, Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

export interface DueTimer {
  tenant: string;
  instance_id: string;
  timer_id: string;
  generation: number;
  attempts: number;
  event: { type: string };
  /** Where the next look may begin: the `from` of the next claim. */
  next_from: number;
}

/**
 * Takes due timers for this worker for `leaseMs` (database clock), in the order in which they fell due.
 * @param from passes over what was due before (business time, milliseconds); left out: looks from the beginning, past all that have fired and are not yet vacuumed
 */
export const claim = (
  database: Pick<Database, 'call'>,
  most: number,
  leaseMs: number,
  from?: number,
): Promise<DueTimer[]> => database.call('select * from engine.claim_timers($1, $2, $3)', [most, leaseMs, from ?? null]);

/** Marks the timer fired, in the transaction that acts on it. Undefined when it was cancelled or fired meanwhile. */
export const consume = (tx: Tx, timer: DueTimer): Promise<{ event: { type: string } } | undefined> =>
  tx.one(
    `update engine.timers set fired_at = engine.now()
      where tenant = engine.tenant() and instance_id = $1 and timer_id = $2 and generation = $3 and fired_at is null and due_at <= engine.now()
      returning event`,
    [timer.instance_id, timer.timer_id, timer.generation],
  );

/**
 * Keeps why firing a timer failed, and lets it wait before the next try; after `most` failures it is given up, until somebody decides.
 * @param delayMs by the failures so far, this one included
 * @returns whether it is given up now; undefined when it was cancelled or fired meanwhile
 */
export async function postpone(
  tx: Tx,
  timer: DueTimer,
  error: { name: string; message: string },
  most: number,
  delayMs: (failures: number) => number,
): Promise<boolean | undefined> {
  const key = [timer.instance_id, timer.timer_id, timer.generation];
  const row = await tx.one<{ failures: number }>(
    `update engine.timers set failures = failures + 1, last_error = $4
      where tenant = engine.tenant() and instance_id = $1 and timer_id = $2 and generation = $3 and fired_at is null
      returning failures`,
    [...key, JSON.stringify(error)],
  );
  if (!row) return undefined;
  const isDead = row.failures >= most;
  await tx.run(
    `update engine.timers
        set retry_at = case when $4 then 'infinity' else clock_timestamp() + $5 * interval '1 millisecond' end,
            dead_at = case when $4 then engine.now() end
      where tenant = engine.tenant() and instance_id = $1 and timer_id = $2 and generation = $3 and fired_at is null`,
    [...key, isDead, delayMs(row.failures)],
  );
  return isDead;
}

/** A timer that was given up. */
export interface DeadTimer {
  id: number;
  instance_id: string;
  timer_id: string;
  due_at: Date;
  dead_at: Date;
  failures: number;
  last_error: { name: string; message: string };
}

/** Those of the tenant behind an id, in the order in which they were armed. */
export const dead = (tx: Tx, after: number, limit: number): Promise<DeadTimer[]> =>
  tx.query(
    `select id, instance_id, timer_id, due_at, dead_at, failures, last_error from engine.timers
      where tenant = engine.tenant() and dead_at is not null and id > $1 order by id limit $2`,
    [after, limit],
  );

/** Lets a dead timer fire again, at once. */
export const revive = (tx: Tx, id: number): Promise<Decided | undefined> =>
  tx.one(
    `update engine.timers set dead_at = null, retry_at = null, failures = 0
      where tenant = engine.tenant() and id = $1 and dead_at is not null returning instance_id, timer_id`,
    [id],
  );

/** Takes a dead timer away, as leaving its state would have done. */
export const discard = (tx: Tx, id: number): Promise<Decided | undefined> =>
  tx.one(
    `delete from engine.timers where tenant = engine.tenant() and id = $1 and dead_at is not null returning instance_id, timer_id`,
    [id],
  );

type Decided = Pick<DeadTimer, 'instance_id' | 'timer_id'>;

export interface TimerView {
  timer_id: string;
  generation: number;
  due_at: Date;
  fired_at: Date | null;
  /** Since when it is given up: firing it failed as often as it may, and an operator has to decide. */
  dead_at: Date | null;
  event: Json;
}

export const ofInstance = (tx: Tx, instanceId: string): Promise<TimerView[]> =>
  tx.query(
    `select timer_id, generation, due_at, fired_at, dead_at, event from engine.timers where tenant = engine.tenant() and instance_id = $1 order by due_at, generation`,
    [instanceId],
  );
