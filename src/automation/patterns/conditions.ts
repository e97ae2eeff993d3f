/** What an event has to say to be the one that a pattern means (R002-29). Pure. */
import type { Json } from '../../engine/core/driver.js';
import type { Seen } from './event.js';
import { valueIn } from './event.js';
import { takes, type Conditions } from './pattern.js';

type Test = (value: Json | undefined, wanted: Json) => boolean;

/** Numbers are compared with numbers, texts with texts by their code units; everything else is neither more nor less. */
const compared =
  (holds: (order: number) => boolean): Test =>
  (value, wanted) => {
    if (typeof value === 'number' && typeof wanted === 'number') return holds(value - wanted);
    if (typeof value !== 'string' || typeof wanted !== 'string') return false;
    return holds(value === wanted ? 0 : value < wanted ? -1 : 1);
  };

const TESTS: Readonly<Record<string, Test>> = {
  gt: compared((order) => order > 0),
  gte: compared((order) => order >= 0),
  lt: compared((order) => order < 0),
  lte: compared((order) => order <= 0),
  ne: (value, wanted) => !equal(value, wanted),
  in: (value, wanted) => Array.isArray(wanted) && wanted.some((one) => equal(value, one)),
  exists: (value, wanted) => (value !== undefined) === wanted,
  contains: (value, wanted) =>
    Array.isArray(value)
      ? value.some((one) => equal(one, wanted))
      : typeof value === 'string' && typeof wanted === 'string' && value.includes(wanted),
};

/** Names of the operators. */
export const TEST_NAMES: readonly string[] = Object.keys(TESTS);

/** Whether an event is one that is meant. */
export const matches = (event: Seen, eventType: string, conditions: Conditions = {}): boolean =>
  takes(eventType, event.type) &&
  Object.entries(conditions).every(([field, wanted]) => fits(fieldIn(event.data, field), wanted));

/** An object of operators only asks all of them; everything else is a value to be equal to. */
export const isOperators = (wanted: Json): wanted is { [operator: string]: Json } =>
  typeof wanted === 'object' &&
  wanted !== null &&
  !Array.isArray(wanted) &&
  Object.keys(wanted).length > 0 &&
  Object.keys(wanted).every((name) => TEST_NAMES.includes(name));

function fits(value: Json | undefined, wanted: Json): boolean {
  if (!isOperators(wanted)) return equal(value, wanted);
  return Object.entries(wanted).every(([name, operand]) => TESTS[name]?.(value, operand) ?? false);
}

/** A field that is called so before a way of that name. */
function fieldIn(data: { [name: string]: Json }, field: string): Json | undefined {
  if (Object.hasOwn(data, field)) return data[field];
  const path = field.split('.');
  return valueIn(data, path) ?? (path[0] === 'data' ? valueIn(data, path.slice(1)) : undefined);
}

/** Deep equality; the order of fields says nothing. */
export function equal(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right))
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => equal(item, right[index]))
    );
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name]))
  );
}
