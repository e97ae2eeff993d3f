/** The same Idempotency-Key hands out the same credential again. Nobody reads it in between: the answer is sealed where it is kept. */
import { createHash } from 'node:crypto';
import type { Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { seal, unseal, type SealingKey } from '../platform/sealing.js';

/** What a request asks for, and the key it came under. */
export interface Asked {
  /** What the key is unique within. */
  scope: string;
  key: string | undefined;
  request: object;
}

/** Does the work, or answers what it answered before. @throws IDEMPOTENCY_KEY_REUSED when the key stands for another request */
export async function once<T extends object>(
  tx: Tx,
  keys: readonly SealingKey[],
  { scope, key, request }: Asked,
  work: () => Promise<T>,
): Promise<T> {
  if (key === undefined) return work();
  const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const place = [tx.tenant, scope, key];
  // A twin that is under way is waited for: afterwards its answer is there.
  await tx.run('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`once:${JSON.stringify(place)}`]);
  const earlier = await tx.one<{ request_hash: string; answer: string }>(
    'select request_hash, answer from engine.idempotency where tenant = engine.tenant() and scope = $1 and key = $2',
    [scope, key],
  );
  if (earlier && earlier.request_hash !== hash) throw refuse('IDEMPOTENCY_KEY_REUSED');
  if (earlier) return JSON.parse(unseal(keys, place, earlier.answer)) as T;
  // As it will be read again: moments as text.
  const answer = JSON.stringify(await work());
  await tx.run(
    'insert into engine.idempotency (tenant, scope, key, request_hash, answer) values (engine.tenant(), $1, $2, $3, $4)',
    [scope, key, hash, JSON.stringify(seal(keys, place, answer))],
  );
  return JSON.parse(answer) as T;
}
