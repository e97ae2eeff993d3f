/** What a form shows before anybody has filled in anything (R004-75 to R004-78). Done here, so that every client shows the same. */
import type { Fields, Value } from '../../../machines/task.js';
import { isFields, propertiesOf, type Form } from './form.js';

/** What a form starts with, and the paths of the task's data that its templates ask for in vain. */
export interface Prefilled {
  data: Fields;
  unresolved: string[];
}

const HOLE = /\$\{contextData\.([\w.-]{1,255})\}/g;

/**
 * By field: what the task's data has under the field's name; else the default of its schema with templates filled in; else the form's
 * default value; else the schema's plain default.
 */
export function prefill(form: Pick<Form, 'json_schema' | 'default_values'>, contextData: Fields): Prefilled {
  const unresolved = new Set<string>();
  const data: Fields = {};
  const usual = form.default_values;
  for (const [name, schema] of Object.entries(propertiesOf(form))) {
    const value = first(
      () => own(contextData, name),
      () => (asksForData(schema) ? defaultOf(schema, contextData, unresolved) : undefined),
      () => (Object.hasOwn(usual, name) ? filledIn(usual[name] ?? null, contextData, unresolved) : undefined),
      () => defaultOf(schema, contextData, unresolved),
    );
    if (value !== undefined) data[name] = value;
  }
  return { data, unresolved: [...unresolved] };
}

function first(...sources: (() => Value | undefined)[]): Value | undefined {
  for (const source of sources) {
    const value = source();
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The default of a field, or of the fields that it consists of. */
function defaultOf(schema: Value | undefined, contextData: Fields, unresolved: Set<string>): Value | undefined {
  if (!isFields(schema)) return undefined;
  if (schema['default'] !== undefined) return filledIn(schema['default'], contextData, unresolved);
  if (!isFields(schema['properties'])) return undefined;
  const parts = Object.entries(schema['properties']).flatMap(([name, part]) => {
    const value = defaultOf(part, contextData, unresolved);
    return value === undefined ? [] : [[name, value] as const];
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

const asksForData = (schema: Fields): boolean =>
  JSON.stringify([schema['default'], schema['properties']]).includes('${contextData.');

/** The value with its holes filled, once: what is filled in is text, and holes in it are none. */
function filledIn(value: Value, contextData: Fields, unresolved: Set<string>): Value {
  if (typeof value === 'string')
    return value.replace(HOLE, (_, path: string) => {
      const found = at(contextData, path);
      if (found === undefined) unresolved.add(path);
      return found === undefined ? '' : typeof found === 'string' ? found : JSON.stringify(found);
    });
  if (Array.isArray(value)) return value.map((part) => filledIn(part, contextData, unresolved));
  if (isFields(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, filledIn(part, contextData, unresolved)]),
    );
  return value;
}

function at(data: Fields, path: string): Value | undefined {
  let found: Value | undefined = data;
  for (const name of path.split('.')) found = isFields(found) ? own(found, name) : undefined;
  return found;
}

const own = (data: Fields, name: string): Value | undefined => (Object.hasOwn(data, name) ? data[name] : undefined);
