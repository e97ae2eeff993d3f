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

/** Lets a timer whose firing threw wait before the next try. */
export const postpone = (tx: Tx, timer: DueTimer, delayMs: number): Promise<number> =>
  tx.run(
    `update engine.timers set retry_at = clock_timestamp() + $4 * interval '1 millisecond'
      where tenant = engine.tenant() and instance_id = $1 and timer_id = $2 and generation = $3 and fired_at is null`,
    [timer.instance_id, timer.timer_id, timer.generation, delayMs],
  );

export interface TimerView {
  timer_id: string;
  generation: number;
  due_at: Date;
  fired_at: Date | null;
  event: Json;
}

export const ofInstance = (tx: Tx, instanceId: string): Promise<TimerView[]> =>
  tx.query(
    `select timer_id, generation, due_at, fired_at, event from engine.timers where tenant = engine.tenant() and instance_id = $1 order by due_at, generation`,
    [instanceId],
  );
