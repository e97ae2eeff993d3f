/** The same Idempotency-Key gives the same answer again, also where no instance is moved: what is written once is not written twice. */
import type { Caller } from '../auth/caller.js';
import { earlierAnswer, idempotencyOf } from '../engine/idempotency.js';
import type { Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';

/** What a request asks for, and the key it came under. */
export interface Asked {
  /** What the key is unique within: the route, and the row it is about. */
  scope: string;
  key: string | undefined;
  request: object;
}

/** Does the work, or answers what it answered before. @throws IDEMPOTENCY_KEY_REUSED when the key stands for another request */
export async function once<T extends object>(
  tx: Tx,
  { userId }: Caller,
  { scope, key, request }: Asked,
  work: () => Promise<T>,
): Promise<T> {
  const idempotency = idempotencyOf(key, `${scope}:${userId}`, request);
  if (!idempotency) return work();
  // A twin that is under way is waited for: afterwards its answer is there.
  await tx.run('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `once:${tx.tenant}:${idempotency.scope}:${idempotency.key}`,
  ]);
  const earlier = await earlierAnswer(tx, idempotency);
  if (earlier) {
    if (earlier.request_hash !== idempotency.hash) throw refuse('IDEMPOTENCY_KEY_REUSED');
    return earlier.answer as T;
  }
  const answer = await work();
  await tx.run(
    `insert into engine.idempotency (tenant, scope, key, request_hash, answer) values (engine.tenant(), $1, $2, $3, $4)`,
    [idempotency.scope, idempotency.key, idempotency.hash, JSON.stringify(answer)],
  );
  return answer;
}
