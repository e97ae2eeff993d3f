import { createPublicKey, randomBytes, verify, type KeyObject } from 'node:crypto';
import type { SandboxSecrets } from '../../../platform/sandbox.secrets.js';
import type { Answer, Request } from '../http.js';

/** What the stand-in shares with the service. */
export type DocusignSecrets = Pick<SandboxSecrets, 'docusignIntegrationKey' | 'docusignUserId' | 'docusignPrivateKey'>;

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LIFETIME_S = 3_600;

/** Access tokens by JWT grant. They do not outlive the process: a client with an old one has to ask again, as in life. */
export class Tokens {
  private readonly publicKey: KeyObject;
  private readonly issued = new Map<string, number>();

  constructor(private readonly secrets: DocusignSecrets) {
    this.publicKey = createPublicKey(secrets.docusignPrivateKey);
  }

  /** `POST /oauth/token`. */
  grant({ body, headers }: Request): Answer {
    const form = new URLSearchParams(body);
    const claims = form.get('grant_type') === GRANT ? this.claimsOf(form.get('assertion') ?? '') : undefined;
    const now = Date.now() / 1000;
    const isOurs = claims?.iss === this.secrets.docusignIntegrationKey && claims.aud === headers.host;
    if (!isOurs || claims.exp <= now || claims.exp - claims.iat > LIFETIME_S) {
      return { status: 400, body: { error: 'invalid_grant', error_description: 'no_valid_keys_or_signatures' } };
    }
    if (claims.sub !== this.secrets.docusignUserId) return { status: 400, body: { error: 'consent_required' } };
    const token = randomBytes(24).toString('base64url');
    this.issued.set(token, now + LIFETIME_S);
    return {
      status: 200,
      body: { access_token: token, token_type: 'Bearer', expires_in: LIFETIME_S, scope: claims.scope },
    };
  }

  /** Whether a request carries a token that was issued and has not run out. */
  allows({ headers: { authorization = '' } }: Request): boolean {
    return (this.issued.get(authorization.replace('Bearer ', '')) ?? 0) > Date.now() / 1000;
  }

  /** Every client has to ask again. */
  revokeAll(): void {
    this.issued.clear();
  }

  private claimsOf(assertion: string): Claims | undefined {
    const [header = '', payload = '', signature = ''] = assertion.split('.');
    const signed = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      this.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    return signed ? (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims) : undefined;
  }
}

interface Claims {
  iss: string;
  sub: string;
  aud: string;
  iat: number;
  exp: number;
  scope: string;
}
