/** Who signals are from, where they contradict each other, and what people decided about it (R001-19, R001-53). */
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { found, pageOf, type Page } from '../rows.js';
import type { ConflictView, IdentityStatus, ListConflicts } from './identity.dto.js';

const COLUMNS = `c.conflict_id, c.signal_id, c.cluster_id, c.other_cluster_id, c.status, c.created_at, c.resolved_at, c.resolved_by,
       (select max(m.merge_id) from workstream.contact_merge_history m
         where m.tenant = c.tenant and m.conflict_id = c.conflict_id and m.rolled_back_at is null) as merge_id`;

/** One page, newest first. */
export const listConflicts = (tx: Tx, query: ListConflicts): Promise<Page<ConflictView>> =>
  pageOf(
    tx,
    {
      columns: COLUMNS,
      from: `from workstream.identity_resolution_conflicts c where c.tenant = engine.tenant() and ($1::text is null or c.status = $1)`,
      order: 'c.conflict_id desc',
    },
    [query.status ?? null],
    query,
  );

/** Decides a conflict. A merge moves the signals and the keys of the number's cluster to the address's. @throws NOT_FOUND, WF007 when it was decided before */
export async function resolveConflict(
  tx: Tx,
  id: number,
  by: string,
  resolution: 'merge' | 'keep_apart',
): Promise<ConflictView> {
  const conflict = found(
    await tx.one<ConflictView>(
      `select ${COLUMNS} from workstream.identity_resolution_conflicts c where c.tenant = engine.tenant() and c.conflict_id = $1 for update of c`,
      [id],
    ),
  );
  if (conflict.status !== 'open') throw refuse('WF007', { detail: 'The conflict was decided before.' });
  if (resolution === 'merge') await merge(tx, conflict, by);
  await tx.run(
    `update workstream.identity_resolution_conflicts set status = $2, resolved_at = engine.now(), resolved_by = $3
      where tenant = engine.tenant() and conflict_id = $1`,
    [id, resolution === 'merge' ? 'merged' : 'kept_apart', by],
  );
  return read(tx, id);
}

/** Takes a merge back: what it moved goes where it was, and the conflict is open again. @throws NOT_FOUND when there is no merge to take back */
export async function rollBack(tx: Tx, id: number, by: string): Promise<ConflictView> {
  const merged = found(
    await tx.one<{ merge_id: number; merged_cluster_id: number; moved: Moved }>(
      `select merge_id, merged_cluster_id, moved from workstream.contact_merge_history
        where tenant = engine.tenant() and conflict_id = $1 and rolled_back_at is null for update`,
      [id],
    ),
  );
  const { merge_id, merged_cluster_id, moved } = merged;
  await tx.run('update workstream.signals set cluster_id = $1 where tenant = engine.tenant() and signal_id = any($2)', [
    merged_cluster_id,
    moved.signals,
  ]);
  await tx.run(
    `update workstream.canonical_identity_keys k set cluster_id = $1
       from json_to_recordset($2) as key (kind text, value text)
      where k.tenant = engine.tenant() and k.kind = key.kind and k.value = key.value`,
    [merged_cluster_id, JSON.stringify(moved.keys)],
  );
  await tx.run(
    'update workstream.contact_merge_history set rolled_back_at = engine.now(), rolled_back_by = $2 where tenant = engine.tenant() and merge_id = $1',
    [merge_id, by],
  );
  await tx.run(
    `update workstream.identity_resolution_conflicts set status = 'open', resolved_at = null, resolved_by = null
      where tenant = engine.tenant() and conflict_id = $1`,
    [id],
  );
  return read(tx, id);
}

/** How far signals are told apart. */
export const identityStatus = async (tx: Tx): Promise<IdentityStatus> =>
  found(
    await tx.one<IdentityStatus>(
      `select (select count(*) from workstream.signals where tenant = engine.tenant()) as signals,
              (select count(*) from workstream.signals where tenant = engine.tenant() and cluster_id is not null) as identified,
              (select count(distinct cluster_id) from workstream.canonical_identity_keys where tenant = engine.tenant()) as clusters,
              (select json_build_object('email', count(*) filter (where kind = 'email'), 'phone', count(*) filter (where kind = 'phone'),
                                        'domain', count(*) filter (where kind = 'domain'))
                 from workstream.canonical_identity_keys where tenant = engine.tenant()) as keys,
              (select count(*) from workstream.identity_resolution_conflicts where tenant = engine.tenant() and status = 'open') as open_conflicts,
              (select count(*) from workstream.contact_merge_history where tenant = engine.tenant() and rolled_back_at is null) as merges`,
    ),
  );

interface Moved {
  signals: number[];
  keys: { kind: string; value: string }[];
}

async function merge(tx: Tx, { conflict_id, cluster_id, other_cluster_id }: ConflictView, by: string): Promise<void> {
  const signals = await tx.query<{ signal_id: number }>(
    'update workstream.signals set cluster_id = $1 where tenant = engine.tenant() and cluster_id = $2 returning signal_id',
    [cluster_id, other_cluster_id],
  );
  const keys = await tx.query<{ kind: string; value: string }>(
    'update workstream.canonical_identity_keys set cluster_id = $1 where tenant = engine.tenant() and cluster_id = $2 returning kind, value',
    [cluster_id, other_cluster_id],
  );
  const moved: Moved = { signals: signals.map(({ signal_id }) => signal_id), keys };
  await tx.run(
    `insert into workstream.contact_merge_history (tenant, conflict_id, kept_cluster_id, merged_cluster_id, moved, merged_at, merged_by)
     values (engine.tenant(), $1, $2, $3, $4, engine.now(), $5)`,
    [conflict_id, cluster_id, other_cluster_id, JSON.stringify(moved), by],
  );
}

const read = async (tx: Tx, id: number): Promise<ConflictView> =>
  found(
    await tx.one<ConflictView>(
      `select ${COLUMNS} from workstream.identity_resolution_conflicts c where c.tenant = engine.tenant() and c.conflict_id = $1`,
      [id],
    ),
  );
