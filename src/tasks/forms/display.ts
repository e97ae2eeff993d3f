/** Fields that are shown only where others are filled in so (R004-79). Hidden fields are not required, and not stored. */
import type { Fields, Value } from '../../../machines/task.js';
import { isFields } from './form.js';

/** `{ field, value } | { not } | { and: […] } | { or: […] }` */
export type Condition =
  { field: string; value: Value } | { not: Condition } | { and: Condition[] } | { or: Condition[] };

const KEY = 'ui:displayIf';
const DEEPEST = 8;
const MOST_PARTS = 20;

/** Why a condition cannot be used, or undefined. */
export function conditionObjection(condition: Value | undefined, depth = 0): string | undefined {
  if (!isFields(condition) || depth > DEEPEST)
    return 'is {field, value}, {not}, {and: […]} or {or: […]}, at most 8 deep';
  const [kind, ...others] = Object.keys(condition);
  const parts = condition[kind ?? ''];
  if (kind === 'not' && others.length === 0) return conditionObjection(parts, depth + 1);
  if ((kind === 'and' || kind === 'or') && others.length === 0 && Array.isArray(parts) && parts.length <= MOST_PARTS)
    return parts.map((part) => conditionObjection(part, depth + 1)).find((objection) => objection !== undefined);
  return typeof condition['field'] === 'string' && 'value' in condition && Object.keys(condition).length === 2
    ? undefined
    : 'is {field, value}, {not}, {and: […]} or {or: […]}';
}

/** The conditions of a form's fields, by field. */
export function conditionsOf(uiSchema: Fields): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const [field, look] of Object.entries(uiSchema))
    if (isFields(look) && Object.hasOwn(look, KEY)) found.set(field, look[KEY] ?? null);
  return found;
}

/** The fields that are not shown, as these values have it. A field whose condition asks for a hidden field sees nothing there. */
export function hiddenFields(uiSchema: Fields, values: Fields): Set<string> {
  const hidden = new Set<string>();
  const conditions = conditionsOf(uiSchema);
  // What hides a field may hide others that ask for it: as often as there are fields, at most.
  for (let before = -1; before < hidden.size;) {
    before = hidden.size;
    for (const [field, condition] of conditions)
      if (!holds(condition as unknown as Condition, values, hidden)) hidden.add(field);
  }
  return hidden;
}

function holds(condition: Condition, values: Fields, hidden: ReadonlySet<string>): boolean {
  if ('not' in condition) return !holds(condition.not, values, hidden);
  if ('and' in condition) return condition.and.every((part) => holds(part, values, hidden));
  if ('or' in condition) return condition.or.some((part) => holds(part, values, hidden));
  const { field, value } = condition;
  const given = !hidden.has(field) && Object.hasOwn(values, field) ? values[field] : undefined;
  return JSON.stringify(given) === JSON.stringify(value);
}
