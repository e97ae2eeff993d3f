import type { FastifyInstance } from 'fastify';

/** Headers a browser may send (R000-23) and read. */
const ALLOWED_HEADERS = [
  'Content-Type',
  'Authorization',
  'X-User-ID',
  'X-User-Type',
  'Idempotency-Key',
  'If-Match',
  'X-Correlation-ID',
  'traceparent',
];
const EXPOSED_HEADERS = ['X-Correlation-ID', 'Retry-After', 'ETag', 'Allow'];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** A browser asks again after this long. */
const MAX_AGE_SECONDS = 600;

/** On every answer. Any origin may ask: credentials travel in Authorization only, so a browser never adds them by itself. */
export const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
} as const;

/** Tells browsers what pages of other origins may send; it is the same for every address. */
export function answerPreflights(server: FastifyInstance): void {
  server.options('*', (_, reply) =>
    reply
      .code(204)
      .headers({
        'access-control-allow-methods': METHODS.join(', '),
        'access-control-allow-headers': ALLOWED_HEADERS.join(', '),
        'access-control-max-age': String(MAX_AGE_SECONDS),
      })
      .send(),
  );
}
