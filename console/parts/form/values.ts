/** What is filled into a form: where it begins, what is shown, and what belongs to which field. */
import type { FieldProblem } from '../../api/schema.js';
import type { Fields, Json, Schema } from './schema.js';

/** How a field looks and when it is shown, as far as the console knows: `ui:widget`, `ui:displayIf`. */
export type UiSchema = Record<string, Json>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a form begins with: what is given, else what its schema says. */
export function initialValues({ properties = {} }: Schema, given: Fields = {}): Fields {
  const begun = Object.entries(properties).flatMap(([name, field]): [string, Json][] => {
    const value = given[name] ?? field.default ?? (typeof field.const === 'boolean' ? undefined : field.const);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...given, ...Object.fromEntries(begun) };
}

/** Without what is not shown, and without what may not be written. */
export function answerOf({ properties = {} }: Schema, ui: UiSchema, values: Fields): Fields {
  const hidden = hiddenFields(ui, values);
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !hidden.has(name) && properties[name]?.readOnly !== true),
  );
}

/** The fields that are not shown, as these values have it; what a hidden field says counts for nothing. */
export function hiddenFields(ui: UiSchema, values: Fields): ReadonlySet<string> {
  const hidden = new Set<string>();
  const conditions = Object.entries(ui).flatMap(([name, look]): [string, Fields][] => {
    const condition = isFields(look) ? look['ui:displayIf'] : undefined;
    return isFields(condition) ? [[name, condition]] : [];
  });
  for (let before = -1; before < hidden.size;) {
    before = hidden.size;
    for (const [name, condition] of conditions) if (!holds(condition, values, hidden)) hidden.add(name);
  }
  return hidden;
}

function holds(condition: Fields, values: Fields, hidden: ReadonlySet<string>): boolean {
  const part = (inner: Json | undefined): boolean => isFields(inner) && holds(inner, values, hidden);
  const { not, and, or, field, value } = condition;
  if (not !== undefined) return !part(not);
  if (Array.isArray(and)) return and.every(part);
  if (Array.isArray(or)) return or.some(part);
  const given = typeof field === 'string' && !hidden.has(field) ? values[field] : undefined;
  return JSON.stringify(given) === JSON.stringify(value);
}

/** What the service says of each field, by its path; what belongs to none is left out. */
export function messagesByField(errors: readonly FieldProblem[], schema: Schema): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { field, message } of errors) {
    const path = field.replace(/^(payload|formData)\./, '');
    if (path.split('.')[0] !== undefined && schema.properties?.[path.split('.')[0] ?? ''])
      found[path] = found[path] === undefined ? message : `${found[path]}; ${message}`;
  }
  return found;
}

/** Errors that no field of the form can show. */
export const unplaced = (errors: readonly FieldProblem[], schema: Schema): FieldProblem[] =>
  errors.filter((error) => Object.keys(messagesByField([error], schema)).length === 0);
