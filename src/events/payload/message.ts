/** What Payload CMS tells of its documents, and the event that it is here (R002-20). Pure. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Json } from '../../engine/core/driver.js';
import { CORRELATION_ID } from '../metadata.js';
import { isObject } from '../steps/validation.js';

/** A secret, and the account that it speaks for. */
interface AccountSecret {
  readonly tenant: string;
  readonly secret: string;
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The account whose secret signed these very bytes (hex of HMAC-SHA256); undefined when none did. What the body says of accounts counts nothing. */
export function accountOf(raw: Buffer, signature: string, accounts: readonly AccountSecret[]): string | undefined {
  const given = Buffer.from(signature);
  // All are looked at, however early one fits.
  const fitting = accounts.filter(({ secret }) => {
    const expected = Buffer.from(createHmac('sha256', secret).update(raw).digest('hex'));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return fitting[0]?.tenant;
}

/** The event that a message is. */
export interface PayloadEvent {
  /** The same bytes are the same event, for ever. */
  event_id: string;
  payload: { collection: string; eventType: string; document: { [name: string]: Json } };
  metadata: { type: string; source: 'payload_cms' };
  /** The id of the document, where it can be one. */
  correlation_id: string | undefined;
}

/** `{ event, doc, collection }` as an event; undefined when it is something else. */
export function eventIn(raw: Buffer): PayloadEvent | undefined {
  const message = parsed(raw);
  if (!isObject(message)) return undefined;
  const { event, doc, collection } = message;
  if (typeof event !== 'string' || !NAME.test(event) || !isObject(doc)) return undefined;
  if (typeof collection !== 'string' || !NAME.test(collection)) return undefined;
  const id = typeof doc['id'] === 'number' ? String(doc['id']) : doc['id'];
  return {
    event_id: `payload:${hash('sha256', raw)}`,
    payload: { collection, eventType: event, document: doc },
    metadata: { type: `payload.${collection}.${event}`, source: 'payload_cms' },
    correlation_id: typeof id === 'string' && CORRELATION_ID.test(id) ? id : undefined,
  };
}

function parsed(raw: Buffer): Json {
  try {
    return JSON.parse(raw.toString('utf8')) as Json;
  } catch {
    return null;
  }
}
