import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { refuse } from './errors.js';

/** Documents a header on the route whose parameter reads it. */
const documented =
  (name: string, description: string): ParameterDecorator =>
  (controller, method) => {
    const route = method === undefined ? undefined : Object.getOwnPropertyDescriptor(controller, method);
    if (route && method !== undefined) ApiHeader({ name, description, required: false })(controller, method, route);
  };

/** The caller's Idempotency-Key, or undefined: 1 to 255 visible ASCII characters, bare or in double quotes. @throws IDEMPOTENCY_KEY_INVALID */
export const IdempotencyKey = createParamDecorator(
  (_: unknown, context: ExecutionContext) => idempotencyKeyOf(header(context, 'idempotency-key')),
  [
    documented(
      'Idempotency-Key',
      'The same key and the same body give the same answer again, and do nothing twice. 1 to 255 visible ASCII characters.',
    ),
  ],
);

/** The revision that the caller expects (`"17"`, `W/"17"` or `17`), or undefined. @throws MALFORMED_REQUEST */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext) => revisionOf(header(context, 'if-match')),
  [documented('If-Match', 'The revision the instance is expected to be at; 409 when it has moved on.')],
);

export function idempotencyKeyOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const key = /^"(.*)"$/.exec(given)?.[1] ?? given;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw refuse('IDEMPOTENCY_KEY_INVALID');
  return key;
}

export function revisionOf(given: string | undefined): number | undefined {
  if (given === undefined || given === '*') return undefined;
  const revision = /^(?:(?:W\/)?"(\d{1,15})"|(\d{1,15}))$/.exec(given.trim());
  if (!revision) throw refuse('MALFORMED_REQUEST', { detail: 'If-Match must be a revision: "17".' });
  return Number(revision[1] ?? revision[2]);
}

const header = (context: ExecutionContext, name: string): string | undefined => {
  const value = context.switchToHttp().getRequest<FastifyRequest>().headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};
