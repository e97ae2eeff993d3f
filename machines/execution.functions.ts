/** The functions that expressions may call (R002-49). Pure. */
import type { Expression, Value } from './execution.types.js';

/** Evaluates the body of `map` or `filter` for one item. */
export type Apply = (body: Expression, item: Value, index: number) => Value;
type Given = (of: readonly Expression[], visit: (part: Expression) => Value, apply: Apply) => Value;

/** What counts as true: everything but null, false, 0 and the empty text. */
export const isTrue = (value: Value): boolean => value !== null && value !== false && value !== 0 && value !== '';

/** Characters between two items of `join`. */
const LONGEST_BETWEEN = 20;
const NOTHING: Expression = { kind: 'literal', value: null };
const plain =
  (run: (...values: Value[]) => Value): Given =>
  (of, visit) =>
    run(...of.map(visit));
/** A function of a list and an expression about each of its items. */
const each =
  (run: (items: Value[], about: (item: Value, index: number) => Value) => Value): Given =>
  ([list = NOTHING, body = NOTHING], visit, apply) =>
    run(listOf(visit(list)), (item, index) => apply(body, item, index));
const ofText = (run: (text: string) => Value): Given =>
  plain((value = null) => (value === null ? null : run(text(value))));
const ofNumber = (run: (number: number) => number): Given =>
  plain((value = null) => (typeof value === 'number' ? run(value) : null));

const listOf = (value: Value): Value[] => (Array.isArray(value) ? value : value === null ? [] : [value]);
const numbers = (values: readonly Value[]): number[] =>
  values.flatMap(listOf).filter((value): value is number => typeof value === 'number');
const text = (value: Value): string => (typeof value === 'string' ? value : JSON.stringify(value));
const isObject = (value: Value): value is { [name: string]: Value } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const LIBRARY: Readonly<Record<string, Given>> = {
  length: plain((value = null) =>
    typeof value === 'string' || Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 0,
  ),
  lower: ofText((value) => value.toLowerCase()),
  upper: ofText((value) => value.toUpperCase()),
  trim: ofText((value) => value.trim()),
  string: plain((value = null) => text(value)),
  number: plain((value = null) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : null;
  }),
  boolean: plain((value = null) => isTrue(value)),
  abs: ofNumber(Math.abs),
  floor: ofNumber(Math.floor),
  ceil: ofNumber(Math.ceil),
  round: plain((value = null, places = 0) => {
    if (typeof value !== 'number') return null;
    const factor = 10 ** Math.min(Math.max(typeof places === 'number' ? Math.trunc(places) : 0, 0), 9);
    return Math.round(value * factor) / factor;
  }),
  // A list has at most as many items as an evaluation has steps, so that they can all be arguments.
  min: plain((...values) => (numbers(values).length === 0 ? null : numbers(values).reduce((a, b) => Math.min(a, b)))),
  max: plain((...values) => (numbers(values).length === 0 ? null : numbers(values).reduce((a, b) => Math.max(a, b)))),
  sum: plain((...values) => numbers(values).reduce((total, number) => total + number, 0)),
  first: plain((list = null) => listOf(list)[0] ?? null),
  last: plain((list = null) => listOf(list).at(-1) ?? null),
  keys: plain((value = null) => (isObject(value) ? Object.keys(value) : [])),
  values: plain((value = null) => (isObject(value) ? Object.values(value) : [])),
  contains: plain((value = null, part = null) =>
    typeof value === 'string' ? value.includes(text(part)) : listOf(value).some((item) => item === part),
  ),
  startsWith: plain((value = null, part = null) => typeof value === 'string' && value.startsWith(text(part))),
  endsWith: plain((value = null, part = null) => typeof value === 'string' && value.endsWith(text(part))),
  join: plain((list = null, by = ',') => listOf(list).map(text).join(text(by).slice(0, LONGEST_BETWEEN))),
  split: plain((value = null, by = ',') => (typeof value === 'string' && by !== '' ? value.split(text(by)) : [])),
  concat: plain((...lists) => lists.flatMap(listOf)),
  merge: plain((...values) => Object.fromEntries(values.filter(isObject).flatMap((fields) => Object.entries(fields)))),
  default: plain((value = null, otherwise = null) => value ?? otherwise),
  map: each((items, about) => items.map(about)),
  filter: each((items, about) => items.filter((item, index) => isTrue(about(item, index)))),
  some: each((items, about) => items.some((item, index) => isTrue(about(item, index)))),
  every: each((items, about) => items.every((item, index) => isTrue(about(item, index)))),
};

/** By name; without a prototype, so that nothing is there that does not stand here. */
export const FUNCTIONS: Readonly<Record<string, Given | undefined>> = Object.assign(
  Object.create(null) as Record<string, Given>,
  LIBRARY,
);
