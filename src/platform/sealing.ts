/** Secrets at rest: AES-256-GCM, with the version of the key in front, so that keys can be changed. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** A version of the service's key: 32 bytes. */
export interface SealingKey {
  readonly version: number;
  readonly key: Buffer;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^sealed:(\d{1,4}):([\w-]+)$/;

/**
 * A text that only this service can read again.
 * @param keys the current one first
 * @param place what it belongs to, the tenant first; moved anywhere else it does not open
 */
export function seal(keys: readonly SealingKey[], place: readonly string[], text: string): string {
  const [newest] = keys;
  if (!newest) throw new Error('there is no key to seal with');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, newest.key, nonce).setAAD(bytesOf(place));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `sealed:${newest.version}:${sealed.toString('base64url')}`;
}

/** The text that was sealed for this place. @throws Error when it was not, was changed since, or its key is gone */
export function unseal(keys: readonly SealingKey[], place: readonly string[], sealed: string): string {
  const [, version, digits = ''] = SEALED.exec(sealed) ?? [];
  if (version === undefined) throw new Error('this was not sealed');
  const known = keys.find((key) => key.version === Number(version));
  if (!known) throw new Error(`ENCRYPTION_KEY has no version ${version}, which this was sealed with`);
  const bytes = Buffer.from(digits, 'base64url');
  const decipher = createDecipheriv(CIPHER, known.key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(bytesOf(place))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

/** Whether a text is one that `seal` made. */
export const isSealed = (text: string): boolean => SEALED.test(text);

// As JSON, so that no two places are the same bytes.
const bytesOf = (place: readonly string[]): Buffer => Buffer.from(JSON.stringify(place));
