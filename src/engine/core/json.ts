/** Makes sure that what is stored is what will be read back. */
import { EngineFault, type Json } from './driver.js';

/**
 * The value as JSON will store it: absent fields are left out, errors become `{ name, message, code }`. What is JSON already is answered as it
 * is, not copied: most of a context stays what it was from step to step.
 * @throws EngineFault NOT_JSON for what would change or vanish on the way: dates, maps, functions, NaN, class instances.
 */
export const toJson = (value: unknown, where: string): Json => asJson(value, [where]);

/** @param path where the value is; joined only when something is wrong with it */
function asJson(value: unknown, path: (string | number)[]): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  // There is no negative zero in JSON.
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value;
  if (Array.isArray(value)) return listJson(value, path);
  if (isPlain(value)) return fieldsJson(value, path);
  if (isError(value)) return errorToJson(value);
  throw new EngineFault('NOT_JSON', `${placeOf(path)} is ${nameOf(value)}, which JSON cannot hold`);
}

function listJson(list: readonly unknown[], path: (string | number)[]): Json {
  let copy: Json[] | undefined;
  for (let index = 0; index < list.length; index++) {
    path.push(index);
    const item = asJson(list[index], path);
    path.pop();
    if (copy) copy.push(item);
    else if (!Object.is(item, list[index])) copy = [...(list.slice(0, index) as Json[]), item];
  }
  return copy ?? (list as Json[]);
}

function fieldsJson(fields: Record<string, unknown>, path: (string | number)[]): Json {
  let changed: { [key: string]: Json } | undefined;
  for (const key of Object.keys(fields)) {
    if (key === '__proto__') throw new EngineFault('NOT_JSON', `${placeOf(path)} has a field called __proto__`);
    const item = fields[key];
    path.push(key);
    const json = item === undefined ? undefined : asJson(item, path);
    path.pop();
    // From the first field on that is another: as if it had been a copy all along.
    if (!changed && (json === undefined || !Object.is(json, item))) changed = before(fields, key);
    if (changed && json !== undefined) changed[key] = json;
  }
  return changed ?? (fields as { [key: string]: Json });
}

/** The fields in front of one. */
function before(fields: Record<string, unknown>, end: string): { [key: string]: Json } {
  const copy: { [key: string]: Json } = {};
  for (const key of Object.keys(fields)) {
    if (key === end) break;
    copy[key] = fields[key] as Json;
  }
  return copy;
}

const placeOf = ([first, ...rest]: readonly (string | number)[]): string =>
  rest.reduce<string>((place, part) => place + (typeof part === 'number' ? `[${part}]` : `.${part}`), String(first));

/** What is kept of an error: enough to decide on and to read, nothing that leaks. */
export function errorToJson(error: unknown): { name: string; message: string; code?: string | number } {
  if (!isError(error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  const { name, message } = error;
  return typeof code === 'string' || typeof code === 'number' ? { name, message, code } : { name, message };
}

/** JSON text with sorted keys: equal for equal values, whatever order they were written in. */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    isPlain(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );

// Not instanceof: an error from another realm is an error too.
const isError = (value: unknown): value is Error => Object.prototype.toString.call(value) === '[object Error]';

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Values from another realm (a Jest sandbox) have another Object.prototype, whose own prototype is null too.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && !Array.isArray(value));
}

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? value.constructor.name : String(value) === 'NaN' ? 'NaN' : typeof value;
