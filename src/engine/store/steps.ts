/** The steps that instances have taken in their life, counted. */
import type { Tx } from '../../platform/database.js';
import type { HistoryKind } from './history.js';

/** Steps that are alike: the same event from the same place to the same place. */
export interface LivedStep {
  kind: HistoryKind;
  type: string;
  from: string | null;
  fromPhase: string | null;
  to: string;
  phase: string | null;
  count: number;
  last: Date;
}

/** Of the newest instances of a version. @param most how many instances are looked at: their whole histories are read */
export const livedSteps = (tx: Tx, lifecycle: string, version: number, most: number): Promise<LivedStep[]> =>
  tx.query(
    `with chosen as (
       select id from engine.instances
        where tenant = engine.tenant() and lifecycle = $1 and version = $2 order by created_at desc, id desc limit $3),
     steps as (
       select h.kind, h.type, h.from_state, lag(h.phase) over one as from_phase, h.to_state, h.phase, h.at
         from chosen c join engine.history h on h.tenant = engine.tenant() and h.instance_id = c.id
       window one as (partition by h.instance_id order by h.seq))
     select kind, type, from_state as "from", from_phase as "fromPhase", to_state as "to", phase, count(*)::int as count, max(at) as last
       from steps group by 1, 2, 3, 4, 5, 6 order by 7 desc limit 5000`,
    [lifecycle, version, most],
  );

/** How many instances of a version that is. */
export const livedInstances = async (tx: Tx, lifecycle: string, version: number, most: number): Promise<number> =>
  (
    await tx.one<{ n: number }>(
      `select count(*)::int as n from (
         select 1 from engine.instances where tenant = engine.tenant() and lifecycle = $1 and version = $2 limit $3) newest`,
      [lifecycle, version, most],
    )
  )?.n ?? 0;
