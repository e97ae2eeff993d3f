import { Injectable, SetMetadata, type CanActivate, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Admission } from '../platform/admission.js';
import { Config } from '../platform/config.js';
import { refuse } from '../platform/errors.js';
import { PUBLIC } from '../platform/public.js';
import type { Caller, Role } from './caller.js';
import { Credentials } from './credentials.js';
import { TokenBuckets } from './token.bucket.js';
import type { Identity } from './tokens.js';

export { Public } from '../platform/public.js';

/** Wrong credentials from one address: enough for a fleet with an old key, too few to search for keys or to load the database. */
const FAILURES_PER_SECOND = 10;
const FAILURES_AT_ONCE = 100;
/** The longest credential that is looked at; longer ones are no token of ours. */
const MAX_CREDENTIAL_LENGTH = 8_192;

const ALLOWED = Symbol('allowed');

/** Who may use a route: any of these roles. Without it, everybody with a good credential. */
export const Roles = (...roles: Role[]): CustomDecorator<symbol> => SetMetadata(ALLOWED, roles);

/** Every route asks who is there, unless it is public. Tenant, user and roles come from the credential only. */
@Injectable()
export class AuthGuard implements CanActivate {
  private readonly requests: TokenBuckets;
  private readonly failures = new TokenBuckets(FAILURES_PER_SECOND, FAILURES_AT_ONCE);

  constructor(
    private readonly reflector: Reflector,
    private readonly credentials: Credentials,
    private readonly admission: Admission,
    config: Config,
  ) {
    this.requests = new TokenBuckets(config.rateLimitPerSecond, 2 * config.rateLimitPerSecond);
  }

  /** @throws UNAUTHENTICATED, WF005, RATE_LIMITED */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & { caller?: Caller }>();
    const { tenant, userId, roles } = await this.identify(request);
    slowDown(this.requests.take(`${tenant}:${userId}`));
    this.admission.charge(request, tenant);
    const allowed = this.reflector.getAllAndOverride<Role[] | undefined>(ALLOWED, targets);
    if (allowed && !allowed.some((role) => roles.includes(role))) {
      throw refuse('WF005', { detail: `This is for: ${allowed.join(', ')}.` });
    }
    request.caller = { tenant, userId, roles, correlationId: request.id };
    return true;
  }

  private async identify({ headers, ip }: FastifyRequest): Promise<Identity> {
    const credential = bearer(headers.authorization);
    const remembered = this.credentials.remembered(credential);
    if (remembered) return remembered;
    // Asked before the look-up, so that whoever guesses keys cannot keep the database busy.
    slowDown(this.failures.wait(ip));
    const identity = await this.credentials.resolve(credential);
    if (identity) return identity;
    this.failures.take(ip);
    throw refuse('UNAUTHENTICATED', { detail: 'The API key or token is not valid, or no longer.' });
  }
}

function bearer(header: string | undefined): string {
  if (header === undefined) throw refuse('UNAUTHENTICATED');
  const credential = /^Bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1];
  if (!credential || credential.length > MAX_CREDENTIAL_LENGTH)
    throw refuse('UNAUTHENTICATED', { detail: 'Authorization must be: Bearer <API key or token>.' });
  return credential;
}

function slowDown(seconds: number): void {
  if (seconds > 0) throw refuse('RATE_LIMITED', { retryAfter: Math.ceil(seconds) });
}
