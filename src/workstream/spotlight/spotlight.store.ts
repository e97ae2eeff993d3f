/** Rows of spotlights: what they look for, and reading them. */
import { DEFAULT_COMPONENTS } from '../../../machines/spotlight.score.js';
import type { Component, Criterion } from '../../../machines/spotlight.types.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import type { FieldRules, FieldValues, SpotlightCriterion, SpotlightRow, SpotlightView } from './spotlight.dto.js';

const ROW = `
  s.spotlight_id, (select org_id from workstream.orgs where tenant = s.tenant) as org_id, s.name, s.domain, s.description, s.is_active, s.automatic,
  (select count(*) from (select field_id from workstream.spotlight_values v where v.tenant = s.tenant and v.spotlight_id = s.spotlight_id
                         union select field_id from workstream.spotlight_field_rules r where r.tenant = s.tenant and r.spotlight_id = s.spotlight_id) f) as field_count,
  s.created_at, s.created_by, s.updated_at`;

const LISTED = `
  from workstream.spotlights s
 where s.tenant = engine.tenant() and s.deleted_at is null
   and ($1::text is null or s.domain = $1) and ($2::boolean is null or s.is_active = $2)`;

/** One page, newest first, and how many there are. */
export async function list(
  tx: Tx,
  domain: string | null,
  active: boolean | null,
  limit: number,
  offset: number,
): Promise<{ data: SpotlightRow[]; total: number }> {
  const data = await tx.query<SpotlightRow>(
    `select ${ROW} ${LISTED} order by s.created_at desc, s.spotlight_id desc limit $3 offset $4`,
    [domain, active, limit, offset],
  );
  const counted = await tx.one<{ total: number }>(`select count(*) as total ${LISTED}`, [domain, active]);
  return { data, total: counted?.total ?? 0 };
}

/** @throws NOT_FOUND */
export async function find(tx: Tx, spotlightId: number): Promise<SpotlightView> {
  const row = await tx.one<Omit<SpotlightView, 'fields'>>(
    `select ${ROW}, s.workflow_instance_id from workstream.spotlights s
      where s.tenant = engine.tenant() and s.spotlight_id = $1 and s.deleted_at is null`,
    [spotlightId],
  );
  if (!row) throw refuse('NOT_FOUND');
  return { ...row, fields: await fieldsOf(tx, spotlightId) };
}

const fieldsOf = (tx: Tx, spotlightId: number): Promise<SpotlightCriterion[]> =>
  tx.query<SpotlightCriterion>(
    `select f.field_id, f.field_name, f.field_type, f.is_required, f.component, v.value, coalesce(r.rules, '[]') as rules
       from workstream.spotlight_fields f
       left join workstream.spotlight_values v on v.tenant = f.tenant and v.field_id = f.field_id and v.spotlight_id = $1
       left join lateral (select json_agg(json_build_object('operator', operator, 'value', value) order by rule_id) as rules
                            from workstream.spotlight_field_rules where tenant = f.tenant and field_id = f.field_id and spotlight_id = $1) r on true
      where f.tenant = engine.tenant() and (v.field_id is not null or r.rules is not null)
      order by f.display_order, f.field_id`,
    [spotlightId],
  );

/** What signals are held against. */
export const criteriaOf = (fields: readonly SpotlightCriterion[]): Criterion[] =>
  fields.map(({ field_name, field_type, is_required, component, value, rules }) => ({
    field: field_name,
    type: field_type,
    required: is_required,
    expected: value,
    rules,
    component,
  }));

/** The components of a spotlight; the product's own when it has none. */
export async function componentsOf(
  tx: Tx,
  spotlightId: number,
): Promise<{ isDefault: boolean; components: Component[] }> {
  const own = await tx.query<Component>(
    `select component_name as name, weight::float8 as weight, points::float8 as points from workstream.spotlight_score_components
      where tenant = engine.tenant() and spotlight_id = $1 order by component_name`,
    [spotlightId],
  );
  return own.length > 0
    ? { isDefault: false, components: own }
    : { isDefault: true, components: [...DEFAULT_COMPONENTS] };
}

/** Replaces all components. */
export async function putComponents(tx: Tx, spotlightId: number, components: readonly Component[]): Promise<void> {
  await tx.run(
    'delete from workstream.spotlight_score_components where tenant = engine.tenant() and spotlight_id = $1',
    [spotlightId],
  );
  await tx.run(
    `insert into workstream.spotlight_score_components (tenant, spotlight_id, component_name, weight, points)
     select engine.tenant(), $1, name, weight, points from json_to_recordset($2) c (name text, weight numeric, points numeric)`,
    [spotlightId, JSON.stringify(components)],
  );
}

/** Writes what is looked for; fields must be of the spotlight's domain and take the value. @throws WF006 naming each that does not */
export async function putCriteria(
  tx: Tx,
  spotlightId: number,
  domain: string,
  values: FieldValues,
  rules: FieldRules,
): Promise<void> {
  await checkFields(tx, domain, values, rules);
  const set = Object.entries(values).filter(([, value]) => value !== null);
  await tx.run(
    'delete from workstream.spotlight_values where tenant = engine.tenant() and spotlight_id = $1 and field_id = any($2::bigint[])',
    [spotlightId, Object.keys(values)],
  );
  await tx.run(
    `insert into workstream.spotlight_values (tenant, spotlight_id, field_id, value)
     select engine.tenant(), $1, f, v from unnest($2::bigint[], $3::text[]) as given (f, v)`,
    [spotlightId, set.map(([field]) => field), set.map(([, value]) => String(value))],
  );
  const ruled = Object.entries(rules).flatMap(([field, all]) =>
    all.map(({ operator, value }) => ({ field, operator, value: String(value) })),
  );
  await tx.run(
    'delete from workstream.spotlight_field_rules where tenant = engine.tenant() and spotlight_id = $1 and field_id = any($2::bigint[])',
    [spotlightId, Object.keys(rules)],
  );
  await tx.run(
    `insert into workstream.spotlight_field_rules (tenant, spotlight_id, field_id, operator, value)
     select engine.tenant(), $1, f, o, v from unnest($2::bigint[], $3::text[], $4::text[]) as given (f, o, v) on conflict do nothing`,
    [
      spotlightId,
      ruled.map(({ field }) => field),
      ruled.map(({ operator }) => operator),
      ruled.map(({ value }) => value),
    ],
  );
}

/** Forgets everything that a spotlight looks for. */
export async function dropCriteria(tx: Tx, spotlightId: number): Promise<void> {
  for (const table of ['workstream.spotlight_values', 'workstream.spotlight_field_rules'])
    await tx.run(`delete from ${table} where tenant = engine.tenant() and spotlight_id = $1`, [spotlightId]);
}

async function checkFields(tx: Tx, domain: string, values: FieldValues, rules: FieldRules): Promise<void> {
  const ids = [...new Set([...Object.keys(values), ...Object.keys(rules)])];
  const wellFormed = ids.filter((id) => /^[1-9]\d{0,14}$/.test(id));
  const known = await tx.query<{ field_id: number; field_type: string; enum_values: string[] | null }>(
    `select field_id, field_type, enum_values from workstream.spotlight_fields where tenant = engine.tenant() and domain = $1 and field_id = any($2::bigint[])`,
    [domain, wellFormed],
  );
  const errors = ids.flatMap((id) => {
    const field = known.find(({ field_id }) => String(field_id) === id);
    if (!field) return [{ field: id, message: `${id} is no field of the domain ${domain}` }];
    const given = [values[id], ...(rules[id] ?? []).map(({ value }) => value)].filter(
      (value) => value !== undefined && value !== null,
    );
    return given.flatMap((value) => {
      const objection = objectionTo(field.field_type, field.enum_values, String(value));
      return objection === undefined ? [] : [{ field: id, message: objection }];
    });
  });
  if (errors.length > 0) throw refuse('WF006', { errors });
}

/** Why a field cannot look for this, or undefined. */
function objectionTo(type: string, choices: readonly string[] | null, value: string): string | undefined {
  switch (type) {
    case 'number':
      return value.trim() !== '' && Number.isFinite(Number(value)) ? undefined : 'must be a number';
    case 'boolean':
      return ['true', 'false'].includes(value.toLowerCase()) ? undefined : 'must be true or false';
    case 'date':
      return Number.isNaN(Date.parse(value)) ? 'must be a date' : undefined;
    case 'enum':
      return choices?.some((choice) => choice.toLowerCase() === value.toLowerCase())
        ? undefined
        : `must be one of: ${choices?.join(', ')}`;
    default:
      return value.length <= 500 ? undefined : 'must be at most 500 characters';
  }
}
