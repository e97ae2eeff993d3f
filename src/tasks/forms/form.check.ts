/** Whether a form is one that people can be asked to fill in, and whether an answer fits it (R004-68, R004-78, R004-79). */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import { RE2JS } from 're2js';
import type { Fields, Flaw, Judged, Value } from '../../../machines/task.js';
import type { FieldError } from '../../platform/errors.js';
import { conditionObjection, conditionsOf, hiddenFields } from './display.js';
import { isFields, propertiesOf, type Form } from './form.js';
import { prefill } from './prefill.js';

/** Characters of a form's parts as JSON. */
const LARGEST_PART = 65_536;
/** Fields at the top. */
const MOST_FIELDS = 200;
const LONGEST_PATTERN = 200;
/** Compiled schemas kept; the least useful of them is the oldest. */
const KEPT = 200;
/** What is told of an answer at most. */
const MOST_FLAWS = 100;

const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a form, by field. */
export function formErrors(form: Form): FieldError[] {
  const tooLarge = (['json_schema', 'ui_schema', 'default_values', 'actions'] as const)
    .filter((part) => JSON.stringify(form[part]).length > LARGEST_PART)
    .map((field) => ({ field, message: `${field} may have at most ${LARGEST_PART} characters` }));
  if (tooLarge.length > 0) return tooLarge;
  const fields = Object.keys(propertiesOf(form));
  const errors: FieldError[] = [];
  const say = (field: string, message: string) => errors.push({ field, message: `${field} ${message}` });
  if (form.json_schema['type'] !== 'object' || fields.length === 0 || fields.length > MOST_FIELDS)
    say('json_schema', `must be of type object, with 1 to ${MOST_FIELDS} properties`);
  else if (isCostly(form.json_schema))
    say('json_schema', 'is written out, without $ref; uniqueItems is for texts and numbers only');
  else
    try {
      compile(form.json_schema);
    } catch (error) {
      say('json_schema', `cannot be used: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300));
    }
  for (const [field, condition] of conditionsOf(form.ui_schema)) {
    const objection = conditionObjection(condition);
    if (objection !== undefined) say(`ui_schema.${field}.ui:displayIf`, objection);
  }
  for (const field of Object.keys(form.default_values))
    if (!fields.includes(field)) say(`default_values.${field}`, 'is not a field of the form');
  for (const { id, disabled, hidden } of form.actions)
    for (const [name, condition] of Object.entries({ disabled, hidden })) {
      const objection = condition === undefined || condition === null ? undefined : conditionObjection(condition);
      if (objection !== undefined) say(`actions.${id}.${name}`, objection);
    }
  const ids = form.actions.map(({ id }) => id);
  if (new Set(ids).size < ids.length) say('actions', 'must have different ids');
  return errors;
}

/** References multiply what one answer costs, and comparing everything with everything squares it. */
function isCostly(schema: Value): boolean {
  if (Array.isArray(schema)) return schema.some(isCostly);
  if (!isFields(schema)) return false;
  if (['$ref', '$dynamicRef', '$recursiveRef'].some((key) => Object.hasOwn(schema, key))) return true;
  const { items } = schema;
  if (schema['uniqueItems'] === true && !(isFields(items) && SCALAR.has(items['type'] ?? null))) return true;
  return Object.values(schema).some(isCostly);
}
const SCALAR: ReadonlySet<Value> = new Set(['string', 'number', 'integer', 'boolean']);

/**
 * An answer as it is kept: without what nobody may write, and without what is not shown.
 * @returns also everything in it that does not fit the form
 */
export function judge(form: Form, contextData: Fields, formData: Fields): Judged {
  const shown = prefill(form, contextData).data;
  const fields = propertiesOf(form);
  const isReadOnly = (name: string) => fields[name]?.['readOnly'] === true;
  const written = only(formData, (name) => !isReadOnly(name));
  // What may not be written is what the form showed.
  const values = { ...only(shown, isReadOnly), ...written };
  const hidden = hiddenFields(form.ui_schema, values);
  const validate = compile(form.json_schema);
  validate(only(values, (name) => !hidden.has(name)));
  const flaws = (validate.errors ?? []).filter((error) => !isMissing(error, hidden)).slice(0, MOST_FLAWS);
  return { answer: only(written, (name) => !hidden.has(name)), flaws: flaws.map(flawOf) };
}

/** Why a schema cannot be used; undefined when it can. */
export function schemaObjection(schema: Fields): string | undefined {
  if (JSON.stringify(schema).length > LARGEST_PART) return `may have at most ${LARGEST_PART} characters`;
  if (isCostly(schema)) return 'is written out, without $ref; uniqueItems is for texts and numbers only';
  try {
    compile(schema);
    return undefined;
  } catch (error) {
    return `cannot be used: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300);
  }
}

/** Everything in a value that does not fit a schema. @param whole what the value itself is called */
export function flawsOf(schema: Fields, value: Value, whole: string): Flaw[] {
  const validate = compile(schema);
  validate(value);
  const flaws = (validate.errors ?? []).slice(0, MOST_FLAWS).map(flawOf);
  return flaws.map(({ path, message }) => ({ path: path === 'formData' ? whole : path, message }));
}

const only = (data: Fields, isWanted: (name: string) => boolean): Fields =>
  Object.fromEntries(Object.entries(data).filter(([name]) => isWanted(name)));

const isMissing = ({ keyword, instancePath, params }: ErrorObject, hidden: ReadonlySet<string>): boolean =>
  keyword === 'required' && instancePath === '' && hidden.has(String(params['missingProperty']));

function flawOf({ instancePath, keyword, params, message = 'does not fit' }: ErrorObject): Flaw {
  const named: unknown = keyword === 'required' ? params['missingProperty'] : params['additionalProperty'];
  const path = [...instancePath.split('/').slice(1), ...(typeof named === 'string' ? [named] : [])].join('.');
  return { path: path === '' ? 'formData' : path, message: keyword === 'required' ? 'is required' : message };
}

function compile(schema: Fields): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  if (known) return known;
  const validate = validator().compile(schema);
  if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value ?? '');
  compiled.set(text, validate);
  return validate;
}

/** One for each schema: a schema that names itself would else be in the way of the next of that name. */
function validator(): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    code: { regExp: re2 },
  });
  // The formats of dates, addresses and so on.
  ajvFormats.default(ajv);
  ajv.addFormat('phone', /^\+?[0-9\s\-()]{8,20}$/);
  ajv.addFormat('currency', /^[A-Z]{3}$/);
  return ajv;
}

/** Patterns of tenants take linear time. */
const re2 = Object.assign(
  (pattern: string) => {
    if (pattern.length > LONGEST_PATTERN) throw new Error(`a pattern has at most ${LONGEST_PATTERN} characters`);
    const compiledPattern = RE2JS.compile(pattern);
    return { test: (text: string) => compiledPattern.matcher(text).find() };
  },
  { code: 're2' },
);
