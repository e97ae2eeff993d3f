/** How far a version of a pattern has come with a group of events. */
import { hash } from 'node:crypto';
import type { Json } from '../../engine/core/driver.js';
import { canonicalText } from '../../engine/core/json.js';
import type { Tx } from '../../platform/database.js';
import type { PatternRow } from './patterns.store.js';

/** Groups that are looked at without an event in one turn, the last that were heard of. */
const MOST_GROUPS = 500;

/** A group by what it has in common, however long that is. */
export const keyOf = (group: Json): string => hash('sha256', canonicalText(group));

/** The state of a group, which nobody else changes until this transaction ends; undefined when it is new. */
export async function lockState<State>(tx: Tx, { id, version }: PatternRow, key: string): Promise<State | undefined> {
  // There may be no row to lock yet: of two that begin with a group at once, one waits here.
  await tx.run(
    `select pg_advisory_xact_lock(hashtextextended('automation.pattern:' || engine.tenant() || ':' || $1 || ':' || $2, 0))`,
    [id, key],
  );
  const row = await tx.one<{ state: State }>(
    'select state from automation.pattern_states where tenant = engine.tenant() and pattern_id = $1 and version = $2 and key = $3',
    [id, version, key],
  );
  return row?.state;
}

export const keepState = (tx: Tx, { id, version }: PatternRow, key: string, state: object): Promise<number> =>
  tx.run(
    `insert into automation.pattern_states (tenant, pattern_id, version, key, state, updated_at) values (engine.tenant(), $1, $2, $3, $4, engine.now())
     on conflict (tenant, pattern_id, version, key) do update set state = excluded.state, updated_at = excluded.updated_at`,
    [id, version, key, JSON.stringify(state)],
  );

/** The groups of a pattern that are known. */
export const knownGroups = async (tx: Tx, { id, version }: PatternRow): Promise<Json[]> => {
  const rows = await tx.query<{ group: Json }>(
    `select state -> 'group' as group from automation.pattern_states where tenant = engine.tenant() and pattern_id = $1 and version = $2
      order by updated_at desc, key limit ${MOST_GROUPS}`,
    [id, version],
  );
  return rows.map(({ group }) => group);
};
