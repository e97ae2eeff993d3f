/** Checkpoints of a tenant's histories. Rows are only ever added. */
import type { Tx } from '../../platform/database.js';

export interface Checkpoint {
  number: number;
  until: Date;
  instances: number;
  root: string;
  taken_at: Date;
}

/** One process at a time takes checkpoints; answers false when another is at it. */
export const claim = async (tx: Tx): Promise<boolean> =>
  (await tx.one<{ mine: boolean }>(`select pg_try_advisory_xact_lock(hashtext('statewright checkpoint')) as mine`))
    ?.mine ?? false;

/**
 * Tenants whose histories have grown, with their last checkpoint. Rows younger than `lagMs` wait for the next one:
 * a transaction that is still open may yet add a row that is older than them.
 */
export const due = (
  tx: Tx,
  lagMs: number,
): Promise<{ tenant: string; number: number; since: Date; until: Date; root: string }[]> =>
  tx.query(
    `select t.tenant, coalesce(c.number, 0) as number, coalesce(c.until, '-infinity') as since, w.until, coalesce(c.root, '') as root
       from auth.tenants t
       cross join (select engine.now() - $1 * interval '1 millisecond' as until) w
       left join lateral (select number, until, root from engine.checkpoints k where k.tenant = t.tenant order by number desc limit 1) c on true
      where exists (select 1 from engine.history h where h.tenant = t.tenant and h.at > coalesce(c.until, '-infinity') and h.at <= w.until)`,
    [lagMs],
  );

/** The last row of each history that grew in `(since, until]`, in order of the instances' ids. */
export const heads = (
  tx: Tx,
  tenant: string,
  since: Date | number,
  until: Date,
): Promise<{ instance_id: string; seq: number; hash: string }[]> =>
  tx.query(
    `select distinct on (instance_id) instance_id, seq, hash from engine.history
      where tenant = $1 and at > $2 and at <= $3 order by instance_id, seq desc`,
    [tenant, since, until],
  );

export const add = (tx: Tx, tenant: string, checkpoint: Omit<Checkpoint, 'taken_at'>): Promise<number> =>
  tx.run(`insert into engine.checkpoints (tenant, number, until, instances, root) values ($1, $2, $3, $4, $5)`, [
    tenant,
    checkpoint.number,
    checkpoint.until,
    checkpoint.instances,
    checkpoint.root,
  ]);

/** A tenant's checkpoints behind `after`, oldest first. */
export const list = (tx: Tx, tenant: string, after: number, limit: number): Promise<Checkpoint[]> =>
  tx.query(
    `select number, until, instances, root, taken_at from engine.checkpoints where tenant = $1 and number > $2 order by number limit $3`,
    [tenant, after, limit],
  );
