/** API keys as rows. The key itself is never here: only its hash, and a hint to recognise it by. */
import type { Tx } from '../platform/database.js';
import type { Role } from './caller.js';

/** A key as administrators see it. */
export interface ApiKey {
  id: string;
  hint: string;
  userId: string;
  roles: string[];
  label: string;
  createdAt: Date;
  createdBy: string;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

const COLUMNS = `id, hint, user_id as "userId", roles, label, created_at as "createdAt", created_by as "createdBy",
                 last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

/** Stores a key; a key that is known already stays as it is, revoked or not. Answers undefined then. */
export const insertKey = (
  tx: Tx,
  key: {
    tenant: string;
    id: string;
    hash: string;
    hint: string;
    userId: string;
    roles: readonly Role[];
    label: string;
    createdBy: string;
  },
): Promise<ApiKey | undefined> =>
  tx.one<ApiKey>(
    `insert into auth.api_keys (tenant, id, hash, hint, user_id, roles, label, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (hash) do nothing returning ${COLUMNS}`,
    [key.tenant, key.id, key.hash, key.hint, key.userId, key.roles, key.label, key.createdBy],
  );

/** Whose key this is, if it is still good. Notes that it was used, at most once a minute. */
export const useKey = async (
  tx: Tx,
  hash: string,
): Promise<{ tenant: string; userId: string; roles: string[] } | undefined> => {
  const key = await tx.one<{ tenant: string; id: string; userId: string; roles: string[]; stale: boolean }>(
    `select tenant, id, user_id as "userId", roles, coalesce(last_used_at < clock_timestamp() - interval '1 minute', true) as stale
       from auth.api_keys where hash = $1 and revoked_at is null`,
    [hash],
  );
  if (key?.stale)
    await tx.run('update auth.api_keys set last_used_at = clock_timestamp() where tenant = $1 and id = $2', [
      key.tenant,
      key.id,
    ]);
  return key;
};

/** The roles that the live keys of a user have together; bearer tokens bring their own. */
export const rolesOf = async (tx: Tx, userId: string): Promise<string[]> =>
  (
    await tx.query<{ role: string }>(
      `select distinct unnest(roles) as role from auth.api_keys
        where tenant = engine.tenant() and user_id = $1 and revoked_at is null order by 1`,
      [userId],
    )
  ).map(({ role }) => role);

/** A page of the tenant's keys, newest first; their ids sort by the time they were made in. */
export const listKeys = (tx: Tx, limit: number, before: string | null): Promise<ApiKey[]> =>
  tx.query<ApiKey>(
    `select ${COLUMNS} from auth.api_keys where tenant = engine.tenant() and ($2::text is null or id < $2) order by id desc limit $1`,
    [limit, before],
  );

/** Makes a key useless. Answers its hash, and whether it was still good; undefined when there is no such key. */
export const revokeKey = (tx: Tx, id: string): Promise<{ hash: string; wasGood: boolean } | undefined> =>
  tx.one(
    `with before as (select id, hash, revoked_at from auth.api_keys where tenant = engine.tenant() and id = $1 for update)
     update auth.api_keys as key set revoked_at = coalesce(before.revoked_at, clock_timestamp())
       from before where key.tenant = engine.tenant() and key.id = before.id
     returning before.hash, before.revoked_at is null as "wasGood"`,
    [id],
  );

/** Whether there is such a tenant. */
export const tenantExists = async (tx: Tx, tenant: string): Promise<boolean> =>
  (await tx.one('select 1 from auth.tenants where tenant = $1', [tenant])) !== undefined;

/** Adds a tenant unless it is there. */
export const ensureTenant = (tx: Tx, tenant: string): Promise<number> =>
  tx.run('insert into auth.tenants (tenant, name) values ($1, $1) on conflict (tenant) do nothing', [tenant]);

/** Writes down who did what to a credential, in the transaction that does it. */
export const auditAccess = (
  tx: Tx,
  entry: { actor: string; action: string; target: string; details: object },
): Promise<number> =>
  tx.run(
    `insert into engine.audit (tenant, at, actor, action, target, reason, details) values (engine.tenant(), engine.now(), $1, $2, $3, '', $4)`,
    [entry.actor, entry.action, entry.target, JSON.stringify(entry.details)],
  );
