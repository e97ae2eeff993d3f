/** Timers: deadlines as rows, due by business time, fired at most once for each time they were armed. */
import type { Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

export interface DueTimer {
  tenant: string;
  instance_id: string;
  timer_id: string;
  generation: number;
  attempts: number;
}

/** Takes due timers for this worker for `leaseMs` (database clock), in the order in which they fell due. */
export const claim = (tx: Tx, limit: number, leaseMs: number): Promise<DueTimer[]> =>
  tx.query<DueTimer>(
    `with due as (
       select t.tenant, t.instance_id, t.timer_id, t.generation, t.due_at
         from engine.timers t
        where t.fired_at is null and t.due_at <= engine.now() and (t.retry_at is null or t.retry_at <= clock_timestamp())
          and not exists (select 1 from engine.instances i where i.tenant = t.tenant and i.id = t.instance_id and i.status in ('paused', 'quarantined'))
        order by t.due_at
        limit $1
          for update of t skip locked),
     taken as (
       update engine.timers t set retry_at = clock_timestamp() + $2 * interval '1 millisecond', attempts = t.attempts + 1
         from due where t.tenant = due.tenant and t.instance_id = due.instance_id and t.timer_id = due.timer_id and t.generation = due.generation
       returning t.tenant, t.instance_id, t.timer_id, t.generation, t.attempts, t.due_at)
     select tenant, instance_id, timer_id, generation, attempts from taken order by due_at`,
    [limit, leaseMs],
  );

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
