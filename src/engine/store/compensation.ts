/** Compensation: undoing, newest first, what an instance did in the world before it failed. */
import type { Tx } from '../../platform/database.js';

const INSERT = `
  insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, compensates, ordered, next_attempt_at, correlation_id, created_at)
  select o.tenant, o.instance_id, $2, base.idx + o.n, 'compensation', o.compensate, json_build_object('input', o.params, 'output', o.result),
         o.tenant || ':' || o.instance_id || ':' || $2::bigint || ':' || (base.idx + o.n), o.id, true, engine.now(), o.correlation_id, engine.now()
    from (select done.*, row_number() over (order by done.id desc) as n
            from engine.outbox done
           where done.tenant = engine.tenant() and done.instance_id = $1 and done.compensate is not null and done.status = 'done' and done.last_error is null
             and not exists (select 1 from engine.outbox undo where undo.tenant = done.tenant and undo.compensates = done.id)) o,
         (select coalesce(max(idx), -1)::int as idx from engine.outbox where tenant = engine.tenant() and instance_id = $1 and seq = $2) base
   order by o.id desc`;

/** Writes down the undoing of every effect that succeeded and is not undone yet. Answers how many. */
export const undoAll = (tx: Tx, instanceId: string, seq: number): Promise<number> => tx.run(INSERT, [instanceId, seq]);

/**
 * How far undoing has come: what is still open, and what was given up.
 * @param isOver counts what may yet have to be undone as open too; an instance that goes on has always something of that kind
 */
export const progress = async (
  tx: Tx,
  instanceId: string,
  isOver = true,
): Promise<{ open: number; dead: number; undone: number }> =>
  (await tx.one(
    `select count(*) filter (where stage = 'open' and (kind = 'compensation' or ($2 and compensate is not null))) as open,
            count(*) filter (where stage = 'dead' and kind = 'compensation') as dead,
            count(*) filter (where status = 'done' and kind = 'compensation') as undone
       from engine.outbox where tenant = engine.tenant() and instance_id = $1`,
    [instanceId, isOver],
  )) ?? { open: 0, dead: 0, undone: 0 };

/** Puts every compensation of the instance that was given up back to work. Answers how many. */
export const reviveAll = (tx: Tx, instanceId: string): Promise<number> =>
  tx.run(
    `update engine.outbox set status = 'pending', attempts = 0, next_attempt_at = engine.now(), finished_at = null
      where tenant = engine.tenant() and instance_id = $1 and kind = 'compensation' and stage = 'dead'`,
    [instanceId],
  );
