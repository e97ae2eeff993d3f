import { sign } from 'node:crypto';
import type { DocusignConfig } from '../../platform/config.providers.js';
import { DocusignError } from './docusign.errors.js';

const LIFETIME_S = 3_600;
/** A token is not used in its last minutes, so that it cannot run out on its way. */
const MARGIN_MS = 5 * 60_000;
const TIMEOUT_MS = 10_000;

/** Access tokens by JWT grant. The SDK has a grant of its own, but that speaks to https addresses only. */
export class DocusignToken {
  private current: { token: string; until: number } | undefined;

  constructor(private readonly config: DocusignConfig) {}

  /** A valid token, kept until it is about to run out. @throws DocusignError: `consent_required` needs a person */
  async get(): Promise<string> {
    if (!this.current || Date.now() >= this.current.until) this.current = await this.ask();
    return this.current.token;
  }

  /** Forgets the token: it was refused. */
  drop(): void {
    this.current = undefined;
  }

  private async ask(): Promise<{ token: string; until: number }> {
    const now = Date.now();
    const response = await fetch(`${this.config.oauthBase}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: this.assertion(now),
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: Error) => {
      throw new DocusignError(undefined, 'NO_TOKEN', error.message);
    });
    const answer = (await response.json().catch(() => ({}))) as {
      access_token?: string;
      expires_in?: number;
      error?: string;
    };
    if (!response.ok || !answer.access_token) {
      throw new DocusignError(response.status, answer.error ?? 'NO_TOKEN', 'no access token was granted');
    }
    return { token: answer.access_token, until: now + (answer.expires_in ?? LIFETIME_S) * 1000 - MARGIN_MS };
  }

  private assertion(now: number): string {
    const { integrationKey, userId, oauthBase, privateKey } = this.config;
    const issued = Math.floor(now / 1000);
    const claims = {
      iss: integrationKey,
      sub: userId,
      aud: new URL(oauthBase).host,
      iat: issued,
      exp: issued + LIFETIME_S,
      scope: 'signature impersonation',
    };
    const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
