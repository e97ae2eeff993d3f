import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refused, type ErrorCode, type RefusalData } from './errors.js';
import { methodsOf } from './http.routes.js';
import { Log } from './logger.js';
import { Metrics } from './metrics.js';
import { isOverload } from './overload.js';
import { problem, problemHeaders } from './problem.js';

const TRY_AGAIN_AFTER_SECONDS = 1;
const SHED_LINE_EVERY_MS = 1_000;

/** Turns whatever was thrown into problem+json. A fault says nothing of itself to the caller and everything to the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** Requests shed since the last line about it. */
  private untold = 0;
  private toldAt = -SHED_LINE_EVERY_MS;

  constructor(
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const refusal = readError(thrown, request);
    const correlationId = request.id;
    if (refusal.code === 'INTERNAL')
      this.log.error('request_failed', thrown, { correlationId, method: request.method, url: request.url });
    if (refusal.code === 'OVERLOADED') this.shed(correlationId, thrown);
    sendProblem(refusal, request, http.getResponse<FastifyReply>());
  }

  /** Under overload there are thousands in a second; writing a line about each would add to it. */
  private shed(correlationId: string, thrown: unknown): void {
    // A refusal was counted by whoever refused.
    if (!(thrown instanceof Refused)) this.metrics.shed('database');
    this.untold += 1;
    if (performance.now() - this.toldAt < SHED_LINE_EVERY_MS) return;
    this.log.warn('request_shed', { correlationId, reason: String(thrown), requests: this.untold });
    this.toldAt = performance.now();
    this.untold = 0;
  }
}

/** Answers a request with an error. */
export function sendProblem({ code, data = {}, headers }: Refusal, request: FastifyRequest, reply: FastifyReply): void {
  // A stream has sent its head already; all that is left is to end it.
  if (reply.raw.headersSent) return void reply.raw.end();
  const body = problem(code, data, { url: request.url, correlationId: request.id });
  void reply
    .status(body.status)
    .headers({ ...problemHeaders(code, data), ...headers, 'x-correlation-id': request.id })
    .serializer(JSON.stringify)
    .send(body);
}

interface Refusal {
  code: ErrorCode;
  data?: RefusalData;
  headers?: Record<string, string>;
}

/** What an error means to the caller. Only a refusal speaks for itself. */
export function readError(thrown: unknown, request: FastifyRequest): Refusal {
  if (thrown instanceof Refused) return { code: thrown.code, data: thrown.data };
  if (isOverload(thrown)) return { code: 'OVERLOADED', data: { retryAfter: TRY_AGAIN_AFTER_SECONDS } };
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOf(thrown);
  switch (status) {
    case 400:
      return badRequest(thrown);
    case 401:
      return { code: 'UNAUTHENTICATED' };
    case 403:
      return { code: 'WF005' };
    case 404:
    case 405:
      return nowhere(request);
    case 408:
      return { code: 'REQUEST_TIMEOUT' };
    case 413:
      return { code: 'PAYLOAD_TOO_LARGE' };
    case 414:
      return { code: 'URI_TOO_LONG' };
    case 415:
      return { code: 'UNSUPPORTED_MEDIA_TYPE' };
    case 429:
      return { code: 'RATE_LIMITED', data: { retryAfter: TRY_AGAIN_AFTER_SECONDS } };
    case 503:
      return { code: 'OVERLOADED', data: { retryAfter: TRY_AGAIN_AFTER_SECONDS } };
    default:
      return { code: status >= 400 && status < 500 ? 'MALFORMED_REQUEST' : 'INTERNAL' };
  }
}

/** An unknown path, or a known one asked with a method it does not take. */
function nowhere(request: FastifyRequest): Refusal {
  const methods = methodsOf(request.server, request.url);
  return methods.length === 0
    ? { code: 'ROUTE_NOT_FOUND' }
    : { code: 'METHOD_NOT_ALLOWED', headers: { allow: methods.join(', ') } };
}

function badRequest(thrown: unknown): Refusal {
  const cause = thrown instanceof HttpException ? thrown.cause : thrown;
  const { code } = (cause ?? {}) as { code?: unknown };
  return { code: typeof code === 'string' && code.startsWith('FST_ERR_CTP') ? 'MALFORMED_BODY' : 'MALFORMED_REQUEST' };
}

/** Fastify's own errors say what they are; nothing else that was thrown knows of HTTP. */
function statusOf(thrown: unknown): number {
  const { name, statusCode } = (thrown ?? {}) as { name?: unknown; statusCode?: unknown };
  return name === 'FastifyError' && typeof statusCode === 'number' ? statusCode : 500;
}
