/** What an instance has under way, as far as an administrator must know it before he moves the instance by hand. */
import type { Tx } from '../../platform/database.js';

/** An effect that was written down and is not over. */
export interface OpenEffect {
  id: number;
  type: string;
  kind: 'job' | 'command' | 'compensation' | 'emit';
  /** The machine's own name of a job. */
  job: string | null;
  /** Whether a worker has begun it: then it may have happened in the world already. */
  begun: boolean;
}

export const openEffects = (tx: Tx, instanceId: string): Promise<OpenEffect[]> =>
  tx.query(
    `select id, type, kind, job_id as job, fence > 0 as begun from engine.outbox
      where tenant = engine.tenant() and instance_id = $1 and status in ('pending', 'claimed') and cancelled_at is null order by id limit 200`,
    [instanceId],
  );

/** Types of the effects that succeeded and would be undone, newest first. */
export const undoable = async (tx: Tx, instanceId: string): Promise<string[]> =>
  (
    await tx.query<{ compensate: string }>(
      `select done.compensate from engine.outbox done
        where done.tenant = engine.tenant() and done.instance_id = $1 and done.compensate is not null and done.status = 'done' and done.last_error is null
          and not exists (select 1 from engine.outbox undo where undo.tenant = done.tenant and undo.compensates = done.id)
        order by done.id desc`,
      [instanceId],
    )
  ).map(({ compensate }) => compensate);

/** Another instance that lives because this one asked for it, such as a task for a person. */
export interface Dependent {
  id: string;
  lifecycle: string;
  state: string;
}

export const dependents = (tx: Tx, instanceId: string): Promise<Dependent[]> =>
  tx.query(
    `select id, lifecycle, state from engine.instances
      where tenant = engine.tenant() and keys ->> 'executionId' = $1 and keys ? 'executionId' and status in ('active', 'paused')
      order by id limit 200`,
    [instanceId],
  );

/** The last row of a history, and where the instance was before it. */
export interface LastMove {
  seq: number;
  kind: string;
  /** State before it, with the phase; null when it was the first row. */
  before: { state: string; phase: string | null } | null;
}

export async function lastMove(tx: Tx, instanceId: string): Promise<LastMove | undefined> {
  const [last, earlier] = await tx.query<{ seq: number; kind: string; state: string; phase: string | null }>(
    `select seq, kind, to_state as state, phase from engine.history
      where tenant = engine.tenant() and instance_id = $1 order by seq desc limit 2`,
    [instanceId],
  );
  if (!last) return undefined;
  return { seq: last.seq, kind: last.kind, before: earlier ? { state: earlier.state, phase: earlier.phase } : null };
}
