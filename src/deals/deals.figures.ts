/** Figures that are counted from the histories of deals. Conditions are of our own making; values are bound. */
import type { Tx } from '../platform/database.js';
import type { FunnelStep, TimeInState } from './deals.analytics.dto.js';
import type { DealKind } from './deals.kinds.js';

/** States ever reached, from the history: what is now COMPLETED was once in NEGOTIATION (R000-21). @param where about `d`, a deal */
export const funnel = (tx: Tx, { table }: DealKind, where: string, values: readonly unknown[]): Promise<FunnelStep[]> =>
  tx.query(
    `select h.to_state as status, count(distinct h.instance_id) as count
       from ${table} d join engine.history h on h.tenant = d.tenant and h.instance_id = d.workflow_instance_id
      where d.tenant = engine.tenant() and ${where}
      group by h.to_state order by count desc, min(h.seq), h.to_state`,
    values,
  );

/** How long deals stayed in each state that they have left (R000-21, R000-96). @param where about `d`, a deal */
export const timeInState = (
  tx: Tx,
  kinds: readonly DealKind[],
  where: string,
  values: readonly unknown[],
): Promise<TimeInState[]> =>
  tx.query(
    `with moves as (${kinds.map((kind) => movesOf(kind, where)).join(' union all ')})
     select type, state, count(*) as count, round(avg(ms))::float8 as "averageMs",
            ${[50, 95, 99].map((nth) => `round(percentile_cont(0.${nth}) within group (order by ms)) as "p${nth}Ms"`).join(', ')}
       from (select type, state, seq, (extract(epoch from left_at - at) * 1000)::float8 as ms from moves where left_at is not null) stays
      group by type, state order by type, min(seq), state`,
    values,
  );

/** Every time a deal came into a state, and when it left it. */
const movesOf = ({ type, table }: DealKind, where: string): string => `
  select '${type}' as type, h.to_state as state, h.seq, h.at, lead(h.at) over (partition by h.instance_id order by h.seq) as left_at
    from ${table} d join engine.history h on h.tenant = d.tenant and h.instance_id = d.workflow_instance_id
   where d.tenant = engine.tenant() and ${where} and h.from_state is distinct from h.to_state`;

/** `12.34%`. */
export const share = (part: number, whole: number): string => `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(2)}%`;
