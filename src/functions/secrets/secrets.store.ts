/** Secrets of a tenant's own, sealed (R004-49): nobody reads them but actions that run. */
import type { Tx } from '../../platform/database.js';

/** A secret as it may be seen. */
export interface SecretRow {
  name: string;
  updated_by: string;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = 'name, updated_by, created_at, updated_at';

/** One page, by name. */
export const listSecrets = (tx: Tx, after: string, limit: number): Promise<SecretRow[]> =>
  tx.query(
    `select ${COLUMNS} from functions.workflow_secrets where tenant = engine.tenant() and name > $1 order by name limit $2`,
    [after, limit],
  );

/** Writes it down, new or in place of what it was. */
export const saveSecret = (tx: Tx, name: string, sealed: string, by: string): Promise<SecretRow | undefined> =>
  tx.one(
    `insert into functions.workflow_secrets (tenant, name, sealed, updated_by, created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, engine.now(), engine.now())
     on conflict (tenant, name) do update set sealed = excluded.sealed, updated_by = excluded.updated_by, updated_at = excluded.updated_at
     returning ${COLUMNS}`,
    [name, sealed, by],
  );

export const deleteSecret = (tx: Tx, name: string): Promise<number> =>
  tx.run('delete from functions.workflow_secrets where tenant = engine.tenant() and name = $1', [name]);

/** What is sealed under a name; undefined when there is nothing. */
export const sealedSecret = async (tx: Tx, name: string): Promise<string | undefined> =>
  (
    await tx.one<{ sealed: string }>(
      'select sealed from functions.workflow_secrets where tenant = engine.tenant() and name = $1',
      [name],
    )
  )?.sealed;

export const countSecrets = async (tx: Tx): Promise<number> =>
  (
    await tx.one<{ count: number }>(
      'select count(*)::int as count from functions.workflow_secrets where tenant = engine.tenant()',
    )
  )?.count ?? 0;
