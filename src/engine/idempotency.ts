/** The same Idempotency-Key gives the same answer, for ever, however the requests race. */
import { createHash } from 'node:crypto';
import type { Database, Tx } from '../platform/database.js';
import { refuse, Refused } from '../platform/errors.js';
import type { Json } from './core/driver.js';
import type { Ack } from './recording.js';

/** A key, what it is unique within (an instance, or the route that starts one), and the hash of the request it stands for. */
export interface Idempotency {
  key: string;
  scope: string;
  hash: string;
}

/** An answer that was given before. */
export interface Answered {
  request_hash: string;
  answer: Json;
}

export const idempotencyOf = (key: string | undefined, scope: string, request: unknown): Idempotency | undefined =>
  key === undefined
    ? undefined
    : { key, scope, hash: createHash('sha256').update(JSON.stringify(request)).digest('hex') };

/** @throws IDEMPOTENCY_KEY_REUSED when the key stood for another request */
export function replayed(earlier: Answered, { hash }: Idempotency): Ack {
  if (earlier.request_hash !== hash) throw refuse('IDEMPOTENCY_KEY_REUSED');
  return earlier.answer as unknown as Ack;
}

export const earlierAnswer = (tx: Tx, { scope, key }: Idempotency): Promise<Answered | undefined> =>
  tx.one(
    'select request_hash, answer from engine.idempotency where tenant = engine.tenant() and scope = $1 and key = $2',
    [scope, key],
  );

/**
 * Runs a request. One that lost the race against its own twin finds the twin's answer: the twin may have taken the key,
 * the state or the business key that this one needed.
 */
export async function oncePerKey(
  database: Database,
  tenant: string,
  idempotency: Idempotency | undefined,
  work: () => Promise<Ack>,
): Promise<Ack> {
  try {
    return await work();
  } catch (error) {
    if (!idempotency || !mayBeLostRace(error)) throw error;
    const earlier = await database.transaction(tenant, (tx) => earlierAnswer(tx, idempotency));
    if (earlier) return replayed(earlier, idempotency);
    throw isKeyTaken(error) ? refuse('IDEMPOTENCY_KEY_REUSED') : error;
  }
}

const LOST_RACE: ReadonlySet<string> = new Set(['WF002', 'WF007', 'REVISION_MISMATCH']);
const KEY_INDEXES: readonly unknown[] = ['idempotency_pkey', 'history_idempotency'];

const mayBeLostRace = (error: unknown): boolean =>
  error instanceof Refused ? LOST_RACE.has(error.code) : isKeyTaken(error);

const isKeyTaken = (error: unknown): boolean =>
  KEY_INDEXES.includes((error as { constraint?: string } | null)?.constraint);
