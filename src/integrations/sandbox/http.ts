import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

/** A request, read to its end. */
export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An answer in JSON. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** No answer: the connection is closed after a while. */
export interface Silence {
  silentMs: number;
}

/** Answers the requests below a path. */
export interface Part {
  prefixes: readonly string[];
  answer(request: Request): Promise<Answer | Silence>;
}

/** One operation of a part: its method, its path with the ids in groups, and what it does. */
export interface Route<Handler> {
  method: string;
  path: RegExp;
  handle: Handler;
}

/** The route of a request, with the ids in its path. */
export function match<Handler>(
  routes: readonly Route<Handler>[],
  { method, path }: Request,
): { handle: Handler; ids: string[] } | undefined {
  for (const route of routes) {
    const found = route.method === method ? route.path.exec(path) : null;
    if (found) return { handle: route.handle, ids: found.slice(1).map(decodeURIComponent) };
  }
  return undefined;
}

/** A server for the parts; the first whose prefix fits answers. */
export function serve(parts: readonly Part[]): Server {
  return createServer((incoming, response) => {
    respond(parts, incoming, response).catch((error: unknown) => {
      send(response, { status: 500, body: { sandbox: error instanceof Error ? error.message : String(error) } });
    });
  });
}

async function respond(parts: readonly Part[], incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://sandbox');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const request: Request = {
    method: incoming.method ?? 'GET',
    path: pathname,
    query: searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
  const part = parts.find(({ prefixes }) => prefixes.some((prefix) => pathname.startsWith(prefix)));
  const answer = part ? await part.answer(request) : { status: 404, body: { sandbox: `nothing at ${pathname}` } };
  if ('silentMs' in answer) setTimeout(() => response.destroy(), answer.silentMs).unref();
  else send(response, answer);
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
