import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { refuse, type FieldError, type Refused } from './errors.js';

/** A body may have at most 1 MB. */
export const MAX_BODY_BYTES = 1_048_576;
const MAX_DEPTH = 32;
const MAX_KEYS = 1_000;
const MAX_VALUES = 50_000;

/** NUL, which Postgres cannot store, and halves of surrogate pairs, which are not text. */
const NOT_TEXT = /[\0\p{Surrogate}]/u;
/** What an id in an address can look like. */
const ID = /^[\w.:-]{1,255}$/;

/** What a route may say of itself: `@RouteConfig({ accepts: 'text/csv' })` takes tables beside JSON. */
interface Accepting {
  accepts?: string;
}

/** Refuses what is not JSON, or what else the route takes, by its media type, before a byte of it is read. @throws UNSUPPORTED_MEDIA_TYPE */
export function screenHead({ headers, routeOptions }: FastifyRequest): void {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  // Many clients announce JSON with every POST, also when they send nothing; nothing is what it is taken for.
  if (!hasBody) delete headers['content-type'];
  else if (!isTaken(headers['content-type'] ?? '', routeOptions.config as Accepting))
    throw refuse('UNSUPPORTED_MEDIA_TYPE');
}

/** Parameters such as the character set may follow. */
function isTaken(contentType: string, { accepts }: Accepting): boolean {
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase();
  return mediaType === 'application/json' || (accepts !== undefined && mediaType === accepts);
}

/** Refuses hostile and broken input before any guard, pipe or handler sees it. @throws MALFORMED_BODY, MALFORMED_REQUEST, WF006 */
export function screenInput(request: FastifyRequest & { rawBody?: Buffer }): void {
  if (request.rawBody && !isUtf8(request.rawBody)) throw refuse('MALFORMED_BODY', { detail: 'The body is not UTF-8.' });
  const flaw = flawOf(request.body);
  if (flaw) throw refuse('MALFORMED_BODY', { detail: `${flaw.field} ${flaw.message}.`, errors: [flaw] });
  // Here, because a handler without a class for its body would take anything.
  if (request.rawBody && !isObject(request.body)) throw refuse('WF006', { errors: [NO_OBJECT] });
  screenQuery(request.query as Record<string, unknown>, request.url);
  for (const [name, value] of Object.entries(request.params as Record<string, string>)) {
    // The rest of a path under a folder of static files is no id; whoever serves the folder checks it.
    if (name !== '*' && !ID.test(value)) throw notAnId(name);
  }
}

const NO_OBJECT: FieldError = { field: 'body', message: 'the body must be an object' };
const isObject = (body: unknown): boolean => typeof body === 'object' && body !== null && !Array.isArray(body);

const notAnId = (field: string): Refused =>
  refuse('WF006', { errors: [{ field, message: `${field} must be 1 to 255 letters, digits or any of _ . : -` }] });

function screenQuery(query: Record<string, unknown>, url: string): void {
  const raw = url.split('?').slice(1).join('?');
  try {
    decodeURIComponent(raw);
  } catch {
    throw refuse('MALFORMED_REQUEST', { detail: 'The query is not percent-encoded UTF-8.' });
  }
  const twice = Object.entries(query).find(([, value]) => Array.isArray(value));
  if (twice) throw refuse('WF006', { errors: [{ field: twice[0], message: `${twice[0]} may be given once` }] });
  const flaw = flawOf(query);
  if (flaw) throw refuse('MALFORMED_REQUEST', { detail: `${flaw.field} ${flaw.message}.`, errors: [flaw] });
}

/** What is wrong with a parsed document, or undefined. Walks without recursion, so depth costs no stack. */
export function flawOf(document: unknown): FieldError | undefined {
  const open: { value: unknown; path: string; depth: number }[] = [{ value: document, path: '', depth: 0 }];
  let seen = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path, depth } = next;
    const message =
      flawOfScalar(value) ?? (typeof value === 'object' && value !== null ? flawOfContainer(value, depth) : undefined);
    if (message) return { field: path || 'body', message };
    if (typeof value !== 'object' || value === null) continue;
    const entries = Object.entries(value);
    seen += entries.length;
    if (seen > MAX_VALUES) return { field: 'body', message: `has more than ${MAX_VALUES} values` };
    for (const [key, child] of entries)
      open.push({ value: child, path: path ? `${path}.${key}` : key, depth: depth + 1 });
  }
  return undefined;
}

/** class-transformer leaves fields of these names out, without a word. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

function flawOfScalar(value: unknown): string | undefined {
  if (typeof value === 'string' && NOT_TEXT.test(value)) return 'contains characters that are not text';
  if (typeof value !== 'number') return undefined;
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return exact ? undefined : 'is a number too large to be exact';
}

function flawOfContainer(value: object, depth: number): string | undefined {
  if (depth >= MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep`;
  if (Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.length > MAX_KEYS) return `has more than ${MAX_KEYS} fields`;
  if (keys.some((key) => NOT_TEXT.test(key))) return 'has a field whose name is not text';
  if (keys.includes('__proto__') || reachesPrototype(value)) return 'has a field that would reach a prototype';
  const inherited = keys.find((key) => INHERITED.has(key));
  return inherited && `has a field ${inherited}, which every object has already`;
}

const reachesPrototype = (value: object): boolean => {
  const own: unknown = Object.getOwnPropertyDescriptor(value, 'constructor')?.value;
  return typeof own === 'object' && own !== null && Object.hasOwn(own, 'prototype');
};
