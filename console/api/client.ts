/** Requests to the public API: nothing else of the service is used. */
import type { Explanation, FieldError, ProblemBody } from './types.js';
import { credential, signOut } from './session.js';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** A refusal of the API, or a failure on the way to it (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly fields: readonly FieldError[] = [],
    readonly explanation: Explanation | undefined = undefined,
    readonly correlationId: string | undefined = undefined,
  ) {
    super(detail);
  }
}

/** @throws Problem */
export const get = <T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> =>
  request<T>(path + search(query), { method: 'GET', ...(signal ? { signal } : {}) });

/** Changes something, under an idempotency key of its own. @param revision what the user has seen, where the change depends on it @throws Problem */
export const send = <T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  revision?: number,
): Promise<T> =>
  request<T>(path, {
    method,
    headers: {
      'idempotency-key': randomKey(),
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(revision === undefined ? {} : { 'if-match': `"${revision}"` }),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

/** A picture, as text. @throws Problem */
export const getText = async (path: string, query: Query = {}, signal?: AbortSignal): Promise<string> =>
  (await answer(path + search(query), signal ? { signal } : {})).text();

/** An answer that goes on and on. @throws Problem */
export const open = (path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> =>
  answer(path, { headers, signal });

/** Who somebody is with this key; signs nobody out when it is wrong. @throws Problem */
export const whoIs = async <T>(key: string): Promise<T> => {
  const response = await reach('/api/me', { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
};

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const response = await answer(path, init);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

async function answer(path: string, init: RequestInit): Promise<Response> {
  const key = credential();
  const headers = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${key ?? ''}` };
  const response = await reach(path, { ...init, headers });
  if (response.ok) return response;
  // The key is worth nothing any more, unless another has taken its place meanwhile.
  if (response.status === 401 && credential() === key) signOut();
  throw await problemOf(response);
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'UNREACHABLE', 'The service cannot be reached. Is it running?');
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Partial<ProblemBody>;
  const { code = `HTTP_${response.status}`, detail = response.statusText, errors, explanation, correlationId } = body;
  return new Problem(response.status, code, detail, errors, explanation, correlationId);
}

export function search(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}

/** `crypto.randomUUID` is there only over HTTPS and on localhost. */
const randomKey = (): string =>
  `console-${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
