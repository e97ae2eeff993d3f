import type { After, Before, Cause, compose } from './recording.js';
import type { Write } from './store/advance.js';

/**
 * The step as the database takes it, its documents as texts. Field by field: V8 keeps an object that was put together from the rest of another as
 * a hash table, which cost more than everything else.
 * @param snapshot as text @param version of the instance's row that it was decided on; null for one that is about to start
 */
export function stepOf(
  { row, ack, hash }: ReturnType<typeof compose>,
  { id, head_hash }: Pick<Before, 'id' | 'head_hash'>,
  { status, state, phase, tags }: Pick<After, 'status' | 'state' | 'phase' | 'tags'>,
  snapshot: string,
  { idempotency }: Cause,
  version: string | null,
): Write['step'] {
  return {
    id,
    version,
    seq: row.seq,
    status,
    state,
    phase,
    tags,
    snapshot,
    kind: row.kind,
    type: row.type,
    payload: row.payload,
    facts: row.facts,
    from_state: row.from_state,
    actor: row.actor,
    roles: row.roles,
    cause: row.cause,
    correlation_id: row.correlation_id,
    idempotency_key: row.idempotency_key,
    request_hash: idempotency?.hash ?? null,
    answer: idempotency ? JSON.stringify(ack) : null,
    at: row.at,
    hash,
    prev_hash: head_hash,
  };
}
