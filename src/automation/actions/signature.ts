/** How the receiver of a webhook knows that it is from us: `t=<seconds>,v1=<hex of HMAC-SHA256 over "t.body">`. Pure. */
import { createHmac } from 'node:crypto';

/** A version of the service's key. */
export interface SigningKey {
  readonly version: number;
  readonly key: Buffer;
}

/** The secret that a tenant's receivers check signatures with; derived, so that nothing has to be kept. */
export const secretOf = ({ key }: SigningKey, tenant: string): string =>
  `whsec_${createHmac('sha256', key).update(`statewright.webhook:${tenant}`).digest('base64url')}`;

/** One signature for each secret, so that receivers can change over while keys do. @param seconds since 1970 */
export function signatureOf(body: string, seconds: number, secrets: readonly string[]): string {
  const signed = secrets.map((secret) => createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
  return [`t=${seconds}`, ...signed.map((hex) => `v1=${hex}`)].join(',');
}
