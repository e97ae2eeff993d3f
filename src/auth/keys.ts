import { hash, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const HINT_LENGTH = 7;

/** What a credential is stored and looked up by: its SHA-256. A key is random, so nothing slower is needed. */
export const hashOf = (credential: string): string => hash('sha256', credential);

/** The first characters of a key, to recognise it by. */
export const hintOf = (key: string): string => `${key.slice(0, HINT_LENGTH)}…`;

/** A new API key: `sw_` and 32 random bytes. */
export const newKey = (): string => `sw_${randomBytes(KEY_BYTES).toString('base64url')}`;
