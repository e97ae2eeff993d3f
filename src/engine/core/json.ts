/** Makes sure that what is stored is what will be read back. */
import { EngineFault, type Json } from './driver.js';

/**
 * A copy as JSON will store it: absent fields are left out, errors become `{ name, message, code }`.
 * @throws EngineFault NOT_JSON for what would change or vanish on the way: dates, maps, functions, NaN, class instances.
 */
export function toJson(value: unknown, where: string): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item, index) => toJson(item, `${where}[${index}]`));
  if (isError(value)) return errorToJson(value);
  if (isPlain(value)) {
    const copy: { [key: string]: Json } = {};
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') throw new EngineFault('NOT_JSON', `${where} has a field called __proto__`);
      if (item !== undefined) copy[key] = toJson(item, `${where}.${key}`);
    }
    return copy;
  }
  throw new EngineFault('NOT_JSON', `${where} is ${nameOf(value)}, which JSON cannot hold`);
}

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
