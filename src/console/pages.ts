import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../platform/errors.js';
import type { ConsoleFile, ConsoleFiles } from './files.js';

/**
 * Where the console's views live. Each may be asked for directly, with an id behind it; everything else stays the API's, which
 * answers unknown addresses as problem+json.
 */
export const VIEWS = [
  'instances',
  'tasks',
  'today',
  'dead-letters',
  'messages',
  'lifecycles',
  'workflows',
  'executions',
  'patterns',
  'runs',
  'settings',
  'audit',
] as const;

/** Nothing from elsewhere, nothing written into the page, nothing that turns text into code. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Pages belong to no API document; `registeredRoutes` leaves them out. */
const PAGE = { config: { page: true } };

/** Serves the console at `/` to browsers, and its views; what is no browser still gets JSON at `/`. Call it before routes are added. */
export function serveConsole(server: FastifyInstance, { page, assets }: ConsoleFiles): void {
  server.addHook('onRoute', (route) => {
    if (route.url !== '/' || ![route.method].flat().some((method) => method === 'GET' || method === 'HEAD')) return;
    route.preHandler = async (request, reply) => {
      reply.header('vary', 'accept');
      if (isBrowser(request)) return sendPage(request, reply, page);
      return undefined;
    };
  });
  for (const view of VIEWS)
    for (const path of [`/${view}`, `/${view}/:id`])
      server.get(path, PAGE, (request, reply) => sendPage(request, reply, page));
  server.get<{ Params: { file: string } }>('/assets/:file', PAGE, (request, reply) => {
    const file = assets.get(request.params.file);
    if (!file) throw refuse('NOT_FOUND');
    return send(request, reply.header('cache-control', FOR_EVER), file);
  });
}

/** Programs ask for anything or for JSON; only browsers that show a page ask for one. */
const isBrowser = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') ?? false;

const sendPage = (request: FastifyRequest, reply: FastifyReply, page: ConsoleFile): FastifyReply =>
  send(
    request,
    reply.headers({
      'content-security-policy': CONTENT_POLICY,
      'cache-control': 'no-cache',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    }),
    page,
  );

function send(request: FastifyRequest, reply: FastifyReply, { type, body, gzipped, etag }: ConsoleFile): FastifyReply {
  const isTaken = gzipped !== undefined && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  void reply.headers({ etag, 'x-content-type-options': 'nosniff' });
  if (gzipped) void reply.header('vary', 'accept, accept-encoding');
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  if (isTaken) void reply.header('content-encoding', 'gzip');
  return reply.type(type).send(isTaken ? gzipped : body);
}
