import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Config } from './config.js';
import type { ErrorCode } from './errors.js';
import { correlationIdOf } from './http.correlation.js';
import { collectRoutes } from './http.routes.js';
import { MAX_BODY_BYTES, screenHead, screenInput } from './http.screen.js';
import { Log } from './logger.js';
import { Metrics } from './metrics.js';
import { setUpOpenApi } from './openapi.js';
import { problem, problemHeaders } from './problem.js';
import { readError, sendProblem } from './problem.filter.js';

/** A request that has not arrived completely by then is given up, so that slow senders cannot hold connections. */
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_PARAM_LENGTH = 500;
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
/** Asked every few seconds by machines; their log lines are noise. */
const PROBES = /^\/(health|metrics)/;

/** Limits of the server itself: `new FastifyAdapter(serverOptions())`. */
export const serverOptions = () =>
  ({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // While the process stops, requests on open connections are still answered; the connection is then closed.
    return503OnClosing: false,
    genReqId: ({ headers }) => correlationIdOf(headers),
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, request, reply) => sendProblem(readError(error, request), request, reply),
    clientErrorHandler: (error, socket) => answerGarbage(error.code, socket),
  }) satisfies FastifyServerOptions;

/** Everything between the socket and the controllers. Call it after `NestFactory.create` and before `listen`. */
export async function setUpHttp(app: NestFastifyApplication, config: Config): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  collectRoutes(server);
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-correlation-id', request.id);
    screenHead(request);
  });
  server.addHook('preValidation', async (request) => screenInput(request));
  observe(server, app.get(Log), app.get(Metrics));
  const secure = config.publicUrl.startsWith('https:');
  await app.register(helmet, {
    hsts: secure,
    // Over plain HTTP a browser would ask for every script by HTTPS and find nobody there.
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: secure ? [] : null } },
  });
  // Any origin may ask: credentials travel in Authorization only, so a browser never adds them by itself.
  app.enableCors({ origin: '*', allowedHeaders: ALLOWED_HEADERS, exposedHeaders: EXPOSED_HEADERS, maxAge: 600 });
  setUpOpenApi(app);
}

function observe(server: FastifyInstance, log: Log, metrics: Metrics): void {
  server.addHook('onResponse', async (request, reply) => {
    const { method, id: correlationId } = request;
    const route = request.routeOptions.url ?? 'none';
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    metrics.request(method, route, reply.statusCode, ms);
    const line = { method, route, status: reply.statusCode, ms, correlationId };
    if (PROBES.test(route)) log.debug('request', line);
    else log.info('request', line);
  });
}

/** What is not HTTP never becomes a request; it is answered on the bare socket. */
function answerGarbage(reason: string, socket: Socket): void {
  if (!socket.writable || reason === 'ECONNRESET') return void socket.destroy();
  const code = GARBAGE[reason] ?? 'MALFORMED_REQUEST';
  const body = problem(code, {}, { url: '', correlationId: correlationIdOf({}) });
  const text = JSON.stringify(body);
  const headers = {
    ...problemHeaders(code, {}),
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\n${head.join('')}\r\n${text}`);
}

const GARBAGE: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};
