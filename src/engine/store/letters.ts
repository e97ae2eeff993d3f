/** Events that one instance sends to another: written down with the transition that sends them, delivered by a worker. */
import type { Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

/** The effect type of all letters. */
export const LETTER = 'engine.letter';

/** An event for another instance. Its lifecycle must take the event from `worker`. */
export interface Letter {
  to: string;
  event: { type: string; payload: Json };
}

/**
 * Writes letters down, each to be delivered once, those to one instance in the order in which they were written. Takes no lock on the
 * instances they are for: whoever holds the lock of one instance never waits for that of another.
 * @param from names the transition that sends them; the letters' keys begin with it
 */
export async function post(tx: Tx, from: string, letters: readonly Letter[]): Promise<void> {
  if (letters.length === 0) return;
  await tx.run(
    `insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, ordered, next_attempt_at, correlation_id, created_at)
     select engine.tenant(), letter ->> 'to', -nextval('engine.letters'), 0, 'letter', $2, letter -> 'event', $1 || ':' || n, true,
            engine.now(), $1, engine.now()
       from json_array_elements($3::json) with ordinality as letters (letter, n) order by n`,
    [from, LETTER, JSON.stringify(letters)],
  );
}
