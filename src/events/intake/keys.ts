/** Keys that make two requests, or two events, one and the same. */
import { hash } from 'node:crypto';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';

/** A key, whose it is and what it stands for. */
export interface Key {
  owner: string;
  /** A request's own stands for ever, and for that request only; an event's for 24 hours, whatever else it says (R003-42). */
  kind: 'request' | 'event';
  key: string;
  request: unknown;
}

/** The event that a key stands for, and when it was accepted. */
export interface Taken {
  event_id: string;
  happened_at: Date;
  accepted_at: Date;
}

/**
 * Takes the keys for an event, or answers the event that has one of them. @param at when it is accepted, milliseconds since 1970
 * @throws IDEMPOTENCY_KEY_REUSED when a request's key stands for another request
 */
export async function take(
  tx: Tx,
  keys: readonly Key[],
  { event_id, timestamp }: { event_id: string; timestamp: string },
  at: number,
): Promise<Taken> {
  const mine = { event_id, happened_at: new Date(timestamp), accepted_at: new Date(at) };
  const taken: Key[] = [];
  for (const key of keys) {
    const earlier = await takeOne(tx, key, mine);
    if (earlier) {
      for (const { owner, kind, key } of taken)
        await tx.run(
          `update events.keys set event_id = $4, happened_at = $5, accepted_at = $6 where tenant = engine.tenant() and owner = $1 and kind = $2 and key = $3`,
          [owner, kind, key, earlier.event_id, earlier.happened_at, earlier.accepted_at],
        );
      return earlier;
    }
    taken.push(key);
  }
  return mine;
}

/** Answers undefined when the key was taken just now. Of two that want it at once one waits here for the other. */
async function takeOne(tx: Tx, { owner, kind, key, request }: Key, mine: Taken): Promise<Taken | undefined> {
  const requestHash = hash('sha256', JSON.stringify(request));
  const { event_id, happened_at, accepted_at } = mine;
  const taken = await tx.run(
    `insert into events.keys as k (tenant, owner, kind, key, request_hash, event_id, happened_at, accepted_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7)
     on conflict (tenant, owner, kind, key) do update
        set event_id = excluded.event_id, happened_at = excluded.happened_at, accepted_at = excluded.accepted_at
      where k.kind = 'event' and k.accepted_at <= excluded.accepted_at - interval '24 hours'`,
    [owner, kind, key, requestHash, event_id, happened_at, accepted_at],
  );
  if (taken > 0) return undefined;
  const earlier = await tx.one<Taken & { request_hash: string }>(
    `select event_id, request_hash, happened_at, accepted_at from events.keys where tenant = engine.tenant() and owner = $1 and kind = $2 and key = $3`,
    [owner, kind, key],
  );
  if (!earlier) throw new Error('a key that is taken has no row');
  if (kind === 'request' && earlier.request_hash !== requestHash) throw refuse('IDEMPOTENCY_KEY_REUSED');
  return earlier;
}
