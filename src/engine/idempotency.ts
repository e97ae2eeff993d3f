/** The same Idempotency-Key gives the same answer, for ever, however the requests race. */
import { hash } from 'node:crypto';
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
  key === undefined ? undefined : { key, scope, hash: hash('sha256', JSON.stringify(request)) };

/** @throws IDEMPOTENCY_KEY_REUSED when the key stood for another request */
export function replayed<T = Ack>(earlier: Answered, { hash }: Idempotency): T {
  if (earlier.request_hash !== hash) throw refuse('IDEMPOTENCY_KEY_REUSED');
  return earlier.answer as unknown as T;
}

export const earlierAnswer = (tx: Tx, { scope, key }: Idempotency): Promise<Answered | undefined> =>
  tx.one(
    'select request_hash, answer from engine.idempotency where tenant = engine.tenant() and scope = $1 and key = $2',
    [scope, key],
  );

/** Keeps the answer to a request, in the transaction that did what it asked. */
export const keepAnswer = (tx: Tx, { scope, key, hash }: Idempotency, answer: object): Promise<number> =>
  tx.run(
    'insert into engine.idempotency (tenant, scope, key, request_hash, answer) values (engine.tenant(), $1, $2, $3, $4)',
    [scope, key, hash, JSON.stringify(answer)],
  );

/** Runs a request that moves no instance: what it does and its answer are kept together. */
export function answerOnce<T extends object>(
  database: Database,
  tenant: string,
  idempotency: Idempotency | undefined,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return oncePerKey(database, tenant, idempotency, () =>
    database.transaction(tenant, async (tx) => {
      const earlier = idempotency && (await earlierAnswer(tx, idempotency));
      if (earlier) return replayed<T>(earlier, idempotency);
      const answer = await work(tx);
      if (idempotency) await keepAnswer(tx, idempotency, answer);
      return answer;
    }),
  );
}

/**
 * Runs a request. One that lost the race against its own twin finds the twin's answer: the twin may have taken the key,
 * the state or the business key that this one needed.
 */
export async function oncePerKey<T = Ack>(
  database: Database,
  tenant: string,
  idempotency: Idempotency | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!idempotency || !mayBeLostRace(error)) throw error;
    const earlier = await database.transaction(tenant, (tx) => earlierAnswer(tx, idempotency));
    if (earlier) return replayed<T>(earlier, idempotency);
    throw isKeyTaken(error) ? refuse('IDEMPOTENCY_KEY_REUSED') : error;
  }
}

const LOST_RACE: ReadonlySet<string> = new Set(['WF002', 'WF007', 'REVISION_MISMATCH', 'NOT_FOUND']);

const mayBeLostRace = (error: unknown): boolean =>
  error instanceof Refused ? LOST_RACE.has(error.code) : isKeyTaken(error);

const isKeyTaken = (error: unknown): boolean =>
  (error as { constraint?: string } | null)?.constraint === 'idempotency_pkey';
