import { Injectable } from '@nestjs/common';
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  SignJWT,
  type JWTPayload,
  type JWTVerifyOptions,
} from 'jose';
import { Config } from '../platform/config.js';
import { refuse } from '../platform/errors.js';
import { ROLES, type Role } from './caller.js';

/** Who a credential speaks for. */
export interface Identity {
  tenant: string;
  userId: string;
  roles: readonly string[];
}

/** Issuer and audience when none is configured. */
const SELF = 'statewright';
const OWN_ALGORITHM = 'HS256';
/** What an identity provider may sign with. Symmetric algorithms are left out: its public key would be everybody's secret. */
const PROVIDER_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_SECONDS = 5;
const USER_ID = /^(?!system:)[\w.:@-]{1,128}$/;
const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** JSON Web Tokens: our own, signed with JWT_SECRET, and those of an identity provider, by its published keys. */
@Injectable()
export class Tokens {
  private readonly secret: Uint8Array | undefined;
  private readonly provider: ReturnType<typeof createRemoteJWKSet> | undefined;
  private readonly expected: JWTVerifyOptions;

  constructor(config: Config) {
    const { secret, jwksUrl, issuer = SELF, audience = SELF } = config.jwt;
    this.secret = secret === undefined ? undefined : new TextEncoder().encode(secret);
    this.provider = jwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(jwksUrl));
    this.expected = {
      issuer,
      audience,
      requiredClaims: ['sub', 'exp', 'tenant', 'roles'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    };
  }

  /** A token for a user of a tenant. @param ttl seconds @throws NOT_CONFIGURED without JWT_SECRET */
  async mint(identity: Identity, ttl: number): Promise<{ token: string; expiresAt: Date }> {
    if (!this.secret)
      throw refuse('NOT_CONFIGURED', { detail: 'Tokens come from the identity provider here: JWT_SECRET is not set.' });
    const now = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({ tenant: identity.tenant, roles: [...identity.roles] })
      .setProtectedHeader({ alg: OWN_ALGORITHM, typ: 'JWT' })
      .setSubject(identity.userId)
      .setIssuer(String(this.expected.issuer))
      .setAudience(String(this.expected.audience))
      .setIssuedAt(now)
      .setExpirationTime(now + ttl)
      .sign(this.secret);
    return { token, expiresAt: new Date((now + ttl) * 1000) };
  }

  /** Who a token speaks for, and until when (milliseconds); undefined when it is not good. @throws OVERLOADED when the provider's keys cannot be read */
  async verify(token: string): Promise<(Identity & { expiresAt: number }) | undefined> {
    try {
      return identityOf(await this.payload(token));
    } catch (error) {
      if (isProviderDown(error))
        throw refuse('OVERLOADED', { detail: 'The keys of the identity provider cannot be read.', retryAfter: 1 });
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** The algorithm only chooses which key to try; each key goes with algorithms of its own kind, so they cannot be confused. */
  private async payload(token: string): Promise<JWTPayload> {
    const { alg } = decodeProtectedHeader(token);
    if (alg === OWN_ALGORITHM && this.secret)
      return (await jwtVerify(token, this.secret, { ...this.expected, algorithms: [OWN_ALGORITHM] })).payload;
    if (alg !== OWN_ALGORITHM && this.provider)
      return (await jwtVerify(token, this.provider, { ...this.expected, algorithms: PROVIDER_ALGORITHMS })).payload;
    throw new errors.JOSEAlgNotAllowed('no key goes with this algorithm');
  }
}

/** The claims, if they are of the right kind. Roles nobody here knows are dropped. */
function identityOf({ sub, exp, tenant, roles }: JWTPayload): (Identity & { expiresAt: number }) | undefined {
  if (typeof sub !== 'string' || !USER_ID.test(sub) || typeof tenant !== 'string' || !TENANT.test(tenant))
    return undefined;
  if (typeof exp !== 'number' || !Array.isArray(roles)) return undefined;
  return { tenant, userId: sub, roles: roles.filter(isRole), expiresAt: exp * 1000 };
}

const isRole = (role: unknown): role is Role => (ROLES as readonly unknown[]).includes(role);

/** jose reports a network failure as the fetch error itself or as a bare JOSEError. */
const isProviderDown = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') ||
  (error instanceof TypeError && error.message === 'fetch failed');
