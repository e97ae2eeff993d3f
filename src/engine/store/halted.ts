/** Instances with nothing under way: no deadline and no work that could bring them on. */
import type { Tx } from '../../platform/database.js';
import type { Instance } from './instances.js';

/** An instance that only somebody from outside can bring on. */
export type Waiting = Pick<
  Instance,
  'id' | 'lifecycle' | 'version' | 'state' | 'phase' | 'snapshot' | 'parties' | 'updated_at'
>;

/** Ids of instances in their order, behind `after`: each page costs the same, whatever is found in it. */
export const page = async (tx: Tx, after: string | null, limit: number): Promise<string[]> =>
  (
    await tx.query<{ id: string }>(
      `select id from engine.instances where tenant = engine.tenant() and ($1::text is null or id > $1) order by id limit $2`,
      [after, limit],
    )
  ).map(({ id }) => id);

/** Those of them that are active and have neither a deadline nor work of their own ahead. */
export const waiting = (tx: Tx, ids: readonly string[]): Promise<Waiting[]> =>
  tx.query(
    `select i.id, i.lifecycle, i.version, i.state, i.phase, i.snapshot, i.parties, i.updated_at from engine.instances i
      where i.tenant = engine.tenant() and i.id = any ($1) and i.status = 'active'
        and not exists (select 1 from engine.timers t where t.tenant = i.tenant and t.instance_id = i.id and t.fired_at is null and t.dead_at is null)
        and not exists (select 1 from engine.outbox o where o.tenant = i.tenant and o.instance_id = i.id and o.status in ('pending', 'claimed'))
      order by i.id`,
    [ids],
  );
