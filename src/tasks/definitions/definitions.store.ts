/** Kinds of task in the database: the tenant's own, and those that the product brings. */
import type { Origin } from '../../../machines/task.js';
import type { Tx } from '../../platform/database.js';
import type { TaskDefinition } from './definition.js';

const PARTS = 'task_type, name, description, form_origin, form_name, default_priority, default_sla_days, expire_on_due';
const OWN = `select ${PARTS}, status, 'tenant' as definition_type from tasks.definitions where tenant = engine.tenant()`;
const SYSTEM = `select ${PARTS}, 'active' as status, 'system' as definition_type from tasks.system_definitions`;

export type DefinitionStatus = 'active' | 'deprecated';

/** A kind of task, and whose it is. */
export interface DefinitionRow extends TaskDefinition {
  status: DefinitionStatus;
  definition_type: Origin;
}

/** The tenant's own kind before the product's (R004-61). */
export const findDefinition = (tx: Tx, taskType: string): Promise<DefinitionRow | undefined> =>
  tx.one(
    `select * from (${OWN} union all ${SYSTEM}) as kinds where task_type = $1 order by definition_type desc limit 1`,
    [taskType],
  );

/** One page, by name; the tenant's own in the place of the product's. */
export const listDefinitions = (tx: Tx, after: string, limit: number): Promise<DefinitionRow[]> =>
  tx.query(
    `select distinct on (task_type) * from (${OWN} union all ${SYSTEM}) as kinds where task_type > $1
      order by task_type, definition_type desc limit $2`,
    [after, limit],
  );

/** Writes the tenant's own kind, new or changed. */
export const saveDefinition = (
  tx: Tx,
  kind: TaskDefinition & { status: DefinitionStatus },
  by: string,
): Promise<number> =>
  tx.run(
    `insert into tasks.definitions (tenant, ${PARTS}, status, created_by, created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, engine.now(), engine.now())
     on conflict (tenant, task_type) do update
        set name = excluded.name, description = excluded.description, form_origin = excluded.form_origin, form_name = excluded.form_name,
            default_priority = excluded.default_priority, default_sla_days = excluded.default_sla_days,
            expire_on_due = excluded.expire_on_due, status = excluded.status, updated_at = excluded.updated_at`,
    [
      kind.task_type,
      kind.name,
      kind.description,
      kind.form_origin,
      kind.form_name,
      kind.default_priority,
      kind.default_sla_days,
      kind.expire_on_due,
      kind.status,
      by,
    ],
  );

/** Brings the product's kinds up to date. */
export const publishDefinitions = (
  tx: Tx,
  kinds: readonly (TaskDefinition & { form_version: string })[],
): Promise<number> =>
  tx.run(
    `insert into tasks.system_definitions (${PARTS}, form_version)
     select ${PARTS}, form_version
       from json_to_recordset($1::json) as k (task_type text, name text, description text, form_origin text, form_name text, default_priority text,
                                              default_sla_days int, expire_on_due boolean, form_version text)
      order by task_type
     on conflict (task_type) do update
        set name = excluded.name, description = excluded.description, form_name = excluded.form_name, form_version = excluded.form_version,
            default_priority = excluded.default_priority, default_sla_days = excluded.default_sla_days, expire_on_due = excluded.expire_on_due`,
    [JSON.stringify(kinds)],
  );
