/** Which workflows there are: the product's and the tenant's own, in their versions (R004-16, R004-21). */
import type { Tx } from '../../platform/database.js';
import type { WorkflowType } from '../runs/runs.store.js';

/** A version that new runs can be started with. */
export interface RegisteredVersion {
  registration_id: string;
  name: string;
  type: WorkflowType;
  version: string;
  module: string;
  module_version: string;
  is_current: boolean;
}

export interface RegistrationRow {
  registration_id: string;
  workflow_type: WorkflowType;
  name: string;
  description: string | null;
  tags: string[];
  status: 'active' | 'deprecated';
  current_version: string | null;
  versions: { version: string; module: string; is_current: boolean }[];
}

const VERSIONS = `
  select r.registration_id, r.name, r.status, 'tenant' as type, v.version, v.module, v.module_version, v.is_current
    from functions.workflow_registrations r
    join functions.workflow_registration_versions v on v.tenant = r.tenant and v.registration_id = r.registration_id
   where r.tenant = engine.tenant()
  union all
  select r.registration_id, r.name, r.status, 'system', v.version, v.module, v.module_version, v.is_current
    from functions.system_workflow_registrations r join functions.system_workflow_registration_versions v using (registration_id)`;

/** A version of an active workflow, or the current one; the tenant's own before the product's. */
export const versionByName = (tx: Tx, name: string, version: string | null): Promise<RegisteredVersion | undefined> =>
  tx.one(
    `select * from (${VERSIONS}) as known
      where name = $1 and status = 'active' and case when $2::text is null then is_current else version = $2 end
      order by type desc limit 1`,
    [name, version],
  );

/** The current version of an active workflow. */
export const versionById = (tx: Tx, registrationId: string): Promise<RegisteredVersion | undefined> =>
  tx.one(`select * from (${VERSIONS}) as known where registration_id = $1 and status = 'active' and is_current`, [
    registrationId,
  ]);

const REGISTRATIONS = `
  select r.registration_id, 'tenant' as workflow_type, r.name, r.description, r.tags, r.status,
         (select json_agg(json_build_object('version', v.version, 'module', v.module || '@' || v.module_version, 'is_current', v.is_current)
                          order by v.created_at, v.version)
            from functions.workflow_registration_versions v where v.tenant = r.tenant and v.registration_id = r.registration_id) as versions
    from functions.workflow_registrations r where r.tenant = engine.tenant()
  union all
  select r.registration_id, 'system', r.name, r.description, r.tags, r.status,
         (select json_agg(json_build_object('version', v.version, 'module', v.module || '@' || v.module_version, 'is_current', v.is_current)
                          order by v.version)
            from functions.system_workflow_registration_versions v where v.registration_id = r.registration_id)
    from functions.system_workflow_registrations r`;

type Read = Omit<RegistrationRow, 'current_version' | 'versions'> & { versions: RegistrationRow['versions'] | null };
const shown = ({ versions, ...row }: Read): RegistrationRow => ({
  ...row,
  current_version: versions?.find(({ is_current }) => is_current)?.version ?? null,
  versions: versions ?? [],
});

/** One page, by id. */
export const listRegistrations = async (tx: Tx, after: string, limit: number): Promise<RegistrationRow[]> =>
  (
    await tx.query<Read>(
      `select * from (${REGISTRATIONS}) as known where registration_id > $1 order by registration_id limit $2`,
      [after, limit],
    )
  ).map(shown);

export const findRegistration = async (tx: Tx, id: string): Promise<RegistrationRow | undefined> => {
  const row = await tx.one<Read>(`select * from (${REGISTRATIONS}) as known where registration_id = $1`, [id]);
  return row && shown(row);
};

/** Writes the tenant's own workflow down; false when it has one of this name. */
export const insertRegistration = async (
  tx: Tx,
  {
    id,
    name,
    description,
    tags,
    by,
  }: { id: string; name: string; description: string | null; tags: string[]; by: string },
): Promise<boolean> =>
  (await tx.run(
    `insert into functions.workflow_registrations (tenant, registration_id, name, description, tags, status, created_by, created_at)
     values (engine.tenant(), $1, $2, $3, $4, 'active', $5, engine.now()) on conflict (tenant, name) do nothing`,
    [id, name, description, tags, by],
  )) > 0;

/** Adds a version, which is the current one from now on; false when there is one of that name. The registration is locked. */
export async function insertVersion(
  tx: Tx,
  id: string,
  { version, module, moduleVersion, by }: { version: string; module: string; moduleVersion: string; by: string },
): Promise<boolean> {
  await tx.run(
    `select from functions.workflow_registrations where tenant = engine.tenant() and registration_id = $1 for update`,
    [id],
  );
  await tx.run(
    `update functions.workflow_registration_versions set is_current = false
      where tenant = engine.tenant() and registration_id = $1 and is_current
        and not exists (select from functions.workflow_registration_versions where tenant = engine.tenant() and registration_id = $1 and version = $2)`,
    [id, version],
  );
  const written = await tx.run(
    `insert into functions.workflow_registration_versions (tenant, registration_id, version, module, module_version, is_current, created_by, created_at)
     values (engine.tenant(), $1, $2, $3, $4, true, $5, engine.now()) on conflict (tenant, registration_id, version) do nothing`,
    [id, version, module, moduleVersion, by],
  );
  return written > 0;
}

/** A compiled function as it is published. */
export interface Published {
  name: string;
  description: string | null;
  tags: readonly string[];
  version: string;
  is_current: boolean;
}

/** The registration of one of the product's workflows. */
export const systemId = (name: string): string => `sys_${name}`;

/** Brings the product's workflows up to date. Versions that are compiled no more stay: runs may be on them. */
export async function publishWorkflows(tx: Tx, workflows: readonly Published[]): Promise<void> {
  const rows = JSON.stringify(workflows.map((workflow) => ({ ...workflow, registration_id: systemId(workflow.name) })));
  await tx.run(
    `insert into functions.system_workflow_registrations (registration_id, name, description, tags, status)
     select registration_id, name, description, tags, 'active'
       from json_to_recordset($1::json) as w (registration_id text, name text, description text, tags text[], is_current boolean) where is_current
     on conflict (registration_id) do update set description = excluded.description, tags = excluded.tags`,
    [rows],
  );
  await tx.run(
    `update functions.system_workflow_registration_versions set is_current = false
      where is_current and registration_id in (select registration_id from json_to_recordset($1::json) as w (registration_id text))`,
    [rows],
  );
  await tx.run(
    `insert into functions.system_workflow_registration_versions (registration_id, version, module, module_version, is_current)
     select registration_id, version, name, version, is_current
       from json_to_recordset($1::json) as w (registration_id text, name text, version text, is_current boolean)
     on conflict (registration_id, version) do update set is_current = excluded.is_current`,
    [rows],
  );
}
