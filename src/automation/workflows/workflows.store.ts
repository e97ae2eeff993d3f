/** The rows of workflows and of their versions. */
import type { Plan } from '../../../machines/execution.types.js';
import type { Tx } from '../../platform/database.js';
import type { Page } from '../envelope.js';
import type { Compiled, Definition } from './definition.js';

/** A workflow with the version that new executions go by. */
export interface WorkflowRow {
  workflow_id: string;
  name: string;
  description: string | null;
  enabled: boolean;
  tags: string[];
  version: number;
  definition: Definition;
  execution_count: number;
  last_executed_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

const SELECT = `select w.workflow_id, w.name, w.description, w.enabled, w.tags, w.version, v.definition, w.execution_count::float8 as execution_count,
         w.last_executed_at, w.created_at, w.updated_at
    from automation.workflows w
    join automation.workflow_versions v on v.tenant = w.tenant and v.workflow_id = w.workflow_id and v.version = w.version`;
const THERE = 'where w.tenant = engine.tenant() and w.deleted_at is null';

export const findWorkflow = (tx: Tx, id: string): Promise<WorkflowRow | undefined> =>
  tx.one(`${SELECT} ${THERE} and w.workflow_id = $1`, [id]);

/** The workflow, which nobody else changes until this transaction ends. */
export const lockWorkflow = (tx: Tx, id: string): Promise<WorkflowRow | undefined> =>
  tx.one(`${SELECT} ${THERE} and w.workflow_id = $1 for update of w`, [id]);

/** Whether the name is taken, also by one that is gone: its executions still bear it. */
export const isTaken = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.one('select 1 from automation.workflows where tenant = engine.tenant() and workflow_id = $1', [id])) !==
  undefined;

/** One page, newest first. */
export async function listWorkflows(
  tx: Tx,
  filter: { enabled: boolean | null; tag: string | null },
  page: number,
  limit: number,
): Promise<Page<WorkflowRow>> {
  const where = `${THERE} and ($1::boolean is null or w.enabled = $1) and ($2::text is null or $2 = any(w.tags))`;
  const values = [filter.enabled, filter.tag];
  const rows = await tx.query<WorkflowRow>(
    `${SELECT} ${where} order by w.created_at desc, w.workflow_id limit $3 offset $4`,
    [...values, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(
    `select count(*)::int as total from automation.workflows w ${where}`,
    values,
  );
  return { rows, total: counted?.total ?? 0 };
}

/** What may be changed without a new version. */
export type Heading = Pick<WorkflowRow, 'name' | 'description' | 'enabled' | 'tags'>;

export const insertWorkflow = (tx: Tx, id: string, { name, description, enabled, tags }: Heading): Promise<number> =>
  tx.run(
    `insert into automation.workflows (tenant, workflow_id, name, description, enabled, tags, version, created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, 1, engine.now(), engine.now())`,
    [id, name, description, enabled, tags],
  );

export const updateWorkflow = (
  tx: Tx,
  id: string,
  { name, description, enabled, tags }: Heading,
  version: number,
): Promise<number> =>
  tx.run(
    `update automation.workflows set name = $2, description = $3, enabled = $4, tags = $5, version = $6, updated_at = engine.now()
      where tenant = engine.tenant() and workflow_id = $1`,
    [id, name, description, enabled, tags, version],
  );

/** Takes it out of sight; executions, versions and audit stay (R002-9). */
export const forgetWorkflow = (tx: Tx, id: string): Promise<number> =>
  tx.run(
    `update automation.workflows set enabled = false, deleted_at = engine.now(), updated_at = engine.now()
      where tenant = engine.tenant() and workflow_id = $1`,
    [id],
  );

export const insertVersion = (
  tx: Tx,
  id: string,
  version: number,
  { definition, plan }: Compiled,
  owner: { id: string; roles: readonly string[] },
): Promise<number> =>
  tx.run(
    `insert into automation.workflow_versions (tenant, workflow_id, version, definition, plan, owner_id, owner_roles, created_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, engine.now())`,
    [id, version, JSON.stringify(definition), JSON.stringify(plan), owner.id, owner.roles],
  );

/** A version, and who wrote it. */
export interface VersionRow {
  version: number;
  definition: Definition;
  owner_id: string;
  created_at: Date;
}

/** One page, newest first. */
export async function listVersions(tx: Tx, id: string, page: number, limit: number): Promise<Page<VersionRow>> {
  const rows = await tx.query<VersionRow>(
    `select version, definition, owner_id, created_at from automation.workflow_versions
      where tenant = engine.tenant() and workflow_id = $1 order by version desc limit $2 offset $3`,
    [id, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(
    'select count(*)::int as total from automation.workflow_versions where tenant = engine.tenant() and workflow_id = $1',
    [id],
  );
  return { rows, total: counted?.total ?? 0 };
}

/** What an execution is started by. */
export interface Runnable {
  enabled: boolean;
  version: number;
  plan: Omit<Plan, 'workflowId' | 'version'>;
  owner_id: string;
  owner_roles: string[];
}

/** The newest version of a workflow that is there; nobody deletes it until this transaction ends. */
export const findRunnable = (tx: Tx, id: string): Promise<Runnable | undefined> =>
  tx.one(
    `select w.enabled, w.version, v.plan, v.owner_id, v.owner_roles from automation.workflows w
       join automation.workflow_versions v on v.tenant = w.tenant and v.workflow_id = w.workflow_id and v.version = w.version
      ${THERE} and w.workflow_id = $1 for key share of w`,
    [id],
  );
