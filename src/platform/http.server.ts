import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';
import helmet from 'helmet';
import { Admission } from './admission.js';
import type { Config } from './config.js';
import type { ErrorCode } from './errors.js';
import { correlationIdOf } from './http.correlation.js';
import { answerPreflights, CORS_HEADERS } from './http.cors.js';
import { Health } from './health.js';
import { collectRoutes } from './http.routes.js';
import { readTable } from './http.upload.js';
import { MAX_BODY_BYTES, screenHead, screenInput } from './http.screen.js';
import { Log } from './logger.js';
import { Metrics } from './metrics.js';
import { setUpOpenApi } from './openapi.js';
import { problem, problemHeaders } from './problem.js';
import { readError, sendProblem } from './problem.filter.js';

/** A request that has not arrived completely by then is given up, so that slow senders cannot hold connections. */
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_PARAM_LENGTH = 500;
/** Connections that are open at a time, quiet ones included; what is beyond is closed at once. */
const MAX_CONNECTIONS = 10_000;
/** Asked every few seconds by machines; their log lines are noise. */
const PROBES = /^\/(health|api\/health|metrics)/;

/** Limits of the server itself: `new FastifyAdapter(serverOptions())`. */
export const serverOptions = () =>
  ({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // While the process stops, requests on open connections are still answered; the connection is then closed.
    return503OnClosing: false,
    genReqId: ({ headers }) => correlationIdOf(headers),
    // A slash at the end means the same address, and no empty id.
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => sendProblem(readError(error, request), request, reply),
    clientErrorHandler: (error, socket) => answerGarbage(error.code, socket),
  }) satisfies FastifyServerOptions;

/** Everything between the socket and the controllers. Call it after `NestFactory.create` and before `listen`. */
export function setUpHttp(app: NestFastifyApplication, config: Config): void {
  const server = app.getHttpAdapter().getInstance();
  collectRoutes(server);
  const health = app.get(Health);
  protect(server, config.publicUrl.startsWith('https:'));
  admit(server, app.get(Admission));
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-correlation-id', request.id);
    // Whoever keeps this connection takes the next request elsewhere, before the process closes it under his hands.
    if (health.isStopping) reply.header('connection', 'close');
    screenHead(request);
    done();
  });
  server.addHook('preValidation', (request, _, done) => {
    screenInput(request);
    done();
  });
  server.addContentTypeParser('text/csv', (request: FastifyRequest, payload: IncomingMessage) =>
    readTable(request, payload, MAX_BODY_BYTES),
  );
  observe(server, app.get(Log), app.get(Metrics));
  answerPreflights(server);
  setUpOpenApi(app);
}

/**
 * Headers that are the same on every answer. Helmet would put its own together anew for each one, so it is asked once, about an answer nobody
 * gets. They go where Fastify keeps headers: what is on Node's response has Node check and copy all of them once more.
 */
function protect(server: FastifyInstance, secure: boolean): void {
  const model = new ServerResponse(new IncomingMessage(new Socket()));
  const shields = helmet({
    hsts: secure,
    // Over plain HTTP a browser would ask for every script by HTTPS and find nobody there.
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: secure ? [] : null } },
  });
  shields(model.req, model, () => undefined);
  const headers = { ...model.getHeaders(), ...CORS_HEADERS };
  server.addHook('onRequest', (_, reply, done) => {
    reply.headers(headers);
    done();
  });
}

/** Each request takes a place before a byte of its body is read, and gives it back when its answer is there. */
function admit(server: FastifyInstance, admission: Admission): void {
  server.server.maxConnections = MAX_CONNECTIONS;
  server.addHook('onRequest', (request, { raw }, done) => {
    admission.enter(request);
    raw.once('close', () => admission.close(request.raw));
    done();
  });
  server.addHook('preHandler', (request, _, done) => {
    admission.begin(request);
    done();
  });
  server.addHook('onSend', (request, _, payload, done) => {
    admission.leave(request.raw);
    done(null, payload);
  });
}

function observe(server: FastifyInstance, log: Log, metrics: Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { method, id: correlationId } = request;
    const route = request.routeOptions.url ?? 'none';
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    metrics.request(method, route, reply.statusCode, ms);
    const line = { method, route, status: reply.statusCode, ms, correlationId };
    if (PROBES.test(route)) log.debug('request', line);
    else log.often('request', line);
    done();
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
