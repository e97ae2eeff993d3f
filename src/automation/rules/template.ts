/** `{{payload.x}}` in the parameters of actions (R001-75). Pure. */
import { Liquid } from 'liquidjs';
import type { Json } from '../../engine/core/driver.js';

/** Filters that change how a value is shown and cost no more than the value is long. */
const FILTERS = [
  'capitalize',
  'default',
  'downcase',
  'first',
  'join',
  'json',
  'last',
  'round',
  'strip',
  'truncate',
  'upcase',
];
/** Characters of one text when it is filled. */
const LONGEST = 20_000;

// Templates are a user's, data is anybody's: outputs only, no tags, no files, own properties, bounded in every direction.
const liquid = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  /** Characters. */
  parseLimit: LONGEST,
  /** Milliseconds of one rendering. */
  renderLimit: 50,
  /** Characters and items put together while rendering. */
  memoryLimit: 100_000,
});
for (const name of Object.keys(liquid.tags)) delete liquid.tags[name];
for (const name of Object.keys(liquid.filters)) if (!FILTERS.includes(name)) delete liquid.filters[name];

/** A text that is one hole and nothing else keeps the kind of its value: `{{payload.amount}}` stays a number. */
const WHOLE = /^\s*\{\{-?\s*([\w.[\]'"-]+)\s*-?\}\}\s*$/;

export const hasHoles = (text: string): boolean => text.includes('{{') || text.includes('{%');

/** The value with every hole in it filled. What the data lacks is left empty, or null where it is the whole text. @throws Error past a limit */
export function fillIn(
  value: { [name: string]: Json },
  data: Readonly<Record<string, unknown>>,
): { [name: string]: Json };
export function fillIn(value: Json, data: Readonly<Record<string, unknown>>): Json;
export function fillIn(value: Json, data: Readonly<Record<string, unknown>>): Json {
  if (typeof value === 'string') return hasHoles(value) ? fillText(value, data) : value;
  if (Array.isArray(value)) return value.map((item) => fillIn(item, data));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillIn(item, data)]));
}

function fillText(text: string, data: Readonly<Record<string, unknown>>): Json {
  const path = WHOLE.exec(text)?.[1];
  if (path !== undefined) return (liquid.evalValueSync(path, { ...data }) ?? null) as Json;
  const filled = String(liquid.parseAndRenderSync(text, { ...data }));
  if (filled.length > LONGEST) throw new Error(`more than ${LONGEST} characters`);
  return filled;
}

/** Why a value cannot be a template, or undefined. */
export function templateObjection(value: Json): string | undefined {
  if (typeof value === 'string') {
    if (!hasHoles(value)) return undefined;
    try {
      liquid.parse(value);
      return undefined;
    } catch (error) {
      return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200);
    }
  }
  if (value === null || typeof value !== 'object') return undefined;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const objection = templateObjection(item);
    if (objection !== undefined) return objection;
  }
  return undefined;
}
