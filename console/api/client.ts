/** Requests to the public API: nothing else of the service is used. */
import type { ExplainedEvent, FieldProblem, Gets, Problem as ProblemBody, Sends } from './schema.js';
import { credential, signOut } from './session.js';

/** What an address is filled with: first the names in its braces, then its query. What is undefined or empty is left out. */
export type Values = Readonly<Record<string, string | number | boolean | undefined>>;
export type Route = keyof Sends;

/** A refusal of the API, or a failure on the way to it (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly explanation: ExplainedEvent | undefined = undefined,
    readonly correlationId: string | undefined = undefined,
  ) {
    super(detail);
  }
}

/** @param path as the API documents it: `/api/instances/{id}` @throws Problem */
export const get = <P extends keyof Gets>(path: P, values: Values = {}, signal?: AbortSignal): Promise<Gets[P]> =>
  request<Gets[P]>(address(path, values), { method: 'GET', ...(signal ? { signal } : {}) });

/** Changes something, under an idempotency key of its own. @param revision what the user has seen, where the change depends on it @throws Problem */
export const send = <R extends Route>(
  route: R,
  values: Values = {},
  body?: Sends[R]['body'],
  revision?: number,
): Promise<Sends[R]['answer']> => {
  const [method = 'POST', path = ''] = route.split(' ');
  return request<Sends[R]['answer']>(address(path, values), {
    method,
    headers: {
      'idempotency-key': randomKey(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(revision === undefined ? {} : { 'if-match': `"${revision}"` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
};

/** A picture, as text. @throws Problem */
export const getText = async (path: string, query: Values = {}, signal?: AbortSignal): Promise<string> =>
  (await answer(path + search(query), signal ? { signal } : {})).text();

/** An answer that goes on and on. @throws Problem */
export const open = (path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> =>
  answer(path, { headers, signal });

/** Who somebody is with this key; signs nobody out when it is wrong. @throws Problem */
export const whoIs = async (key: string): Promise<Gets['/api/me']> => {
  const response = await reach('/api/me', { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Gets['/api/me'];
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
  return new Problem(response.status, code, detail, errors, explanation as ExplainedEvent | undefined, correlationId);
}

function address(path: string, values: Values): string {
  const query = { ...values };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = query[name];
    delete query[name];
    return encodeURIComponent(String(value ?? ''));
  });
  return filled + search(query);
}

export function search(query: Values): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}

/** `crypto.randomUUID` is there only over HTTPS and on localhost. */
const randomKey = (): string =>
  `console-${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
