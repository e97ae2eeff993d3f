/** Forms in the database: the tenant's own in all their versions, and those that the product brings. */
import type { Origin } from '../../../machines/task.js';
import type { Tx } from '../../platform/database.js';
import type { Form, FormRow } from './form.js';

const PARTS = `name, version, description, category, tags, status, is_strict, json_schema, ui_schema, default_values, actions`;
const OWN = `select ${PARTS}, 'tenant' as form_type from tasks.forms where tenant = engine.tenant()`;
const SYSTEM = `select ${PARTS}, 'system' as form_type from tasks.system_forms`;

/** What a list of forms is narrowed by. */
export interface FormFilter {
  text: string | null;
  category: string | null;
  tag: string | null;
  status: string | null;
  name: string | null;
}

/** One version of a form; its active one without `version`. */
export const findForm = (tx: Tx, origin: Origin, name: string, version: string | null): Promise<FormRow | undefined> =>
  tx.one(
    `${origin === 'system' ? `${SYSTEM} where true` : OWN} and name = $1
        and case when $2::text is null then status = 'active' else version = $2 end`,
    [name, version],
  );

/** The tenant's own version, kept from being changed until the transaction ends. */
export const lockForm = (tx: Tx, name: string, version: string): Promise<FormRow | undefined> =>
  tx.one(`${OWN} and name = $1 and version = $2 for update`, [name, version]);

/** One page, by name, the tenant's own before the product's, then by version; from behind `after`. */
export const listForms = (
  tx: Tx,
  { text, category, tag, status, name }: FormFilter,
  after: { name: string; origin: string; version: string } | null,
  limit: number,
): Promise<FormRow[]> =>
  tx.query(
    `select * from (${OWN} union all ${SYSTEM}) as forms
      where ($1::text is null or strpos(lower(name || ' ' || coalesce(description, '')), lower($1)) > 0)
        and ($2::text is null or category = $2)
        and ($3::text is null or $3 = any (tags))
        and ($4::text is null or status = $4)
        and ($5::text is null or name = $5)
        and ($6::text is null or (name, form_type = 'system', version) > ($6, $7::text = 'system', $8::text))
      order by name, form_type = 'system', version limit $9`,
    [text, category, tag, status, name, after?.name ?? null, after?.origin ?? null, after?.version ?? null, limit],
  );

/** Writes a version down, unless there is one of its name and number. @returns how many were written */
export const insertForm = (tx: Tx, form: Form, by: string): Promise<number> =>
  tx.run(
    `insert into tasks.forms (tenant, ${PARTS}, created_by, created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, engine.now(), engine.now())
     on conflict (tenant, name, version) do nothing`,
    [...valuesOf(form), by],
  );

export const updateForm = (tx: Tx, form: Form): Promise<number> =>
  tx.run(
    `update tasks.forms
        set description = $3, category = $4, tags = $5, status = $6, is_strict = $7, json_schema = $8, ui_schema = $9, default_values = $10,
            actions = $11, updated_at = engine.now()
      where tenant = engine.tenant() and name = $1 and version = $2`,
    valuesOf(form),
  );

/** The version that was active makes room for another one. */
export const retireForm = (tx: Tx, name: string, besides: string): Promise<number> =>
  tx.run(
    `update tasks.forms set status = 'deprecated', updated_at = engine.now()
      where tenant = engine.tenant() and name = $1 and version <> $2 and status = 'active'`,
    [name, besides],
  );

/** Brings the product's forms up to date. Versions that tasks are answered in stay. */
export async function publishForms(tx: Tx, forms: readonly Form[]): Promise<void> {
  const given = JSON.stringify(forms);
  await tx.run(
    `update tasks.system_forms s set status = 'deprecated'
       from json_to_recordset($1::json) as f (name text, version text) where s.name = f.name and s.version <> f.version`,
    [given],
  );
  await tx.run(
    `insert into tasks.system_forms (${PARTS})
     select f.name, f.version, f.description, f.category, array(select jsonb_array_elements_text(f.tags)), f.status, f.is_strict,
            f.json_schema, f.ui_schema, f.default_values, f.actions
       from json_to_recordset($1::json) as f (name text, version text, description text, category text, tags jsonb, status text, is_strict boolean,
                                              json_schema json, ui_schema json, default_values json, actions json)
      order by f.name
     on conflict (name, version) do update
        set description = excluded.description, category = excluded.category, tags = excluded.tags,
            status = excluded.status, is_strict = excluded.is_strict, json_schema = excluded.json_schema, ui_schema = excluded.ui_schema,
            default_values = excluded.default_values, actions = excluded.actions`,
    [given],
  );
}

const valuesOf = (form: Form): unknown[] => [
  form.name,
  form.version,
  form.description,
  form.category,
  form.tags,
  form.status,
  form.is_strict,
  JSON.stringify(form.json_schema),
  JSON.stringify(form.ui_schema),
  JSON.stringify(form.default_values),
  JSON.stringify(form.actions),
];
