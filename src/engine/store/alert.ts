/** Effects that follow from no transition: somebody has to be told of something that moves no instance. */
import type { Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

export interface Alert {
  /** Type of an effect that is hosted. */
  type: string;
  params: Json;
}

/**
 * Writes an effect down for an instance, running or ended; once for each key. It stands before the first transition (seq 0).
 * @param key the provider's idempotency key; a second alert under it is none
 */
export async function raise(tx: Tx, instanceId: string, key: string, { type, params }: Alert): Promise<void> {
  // Two alerts at once would take the same place.
  await tx.one('select 1 from engine.instances where tenant = engine.tenant() and id = $1 for no key update', [
    instanceId,
  ]);
  await tx.run(
    `insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, next_attempt_at, correlation_id, created_at)
     select engine.tenant(), $1, 0, coalesce(max(idx) + 1, 0), 'command', $3, $4, $2, engine.now(), $2, engine.now()
       from engine.outbox where tenant = engine.tenant() and instance_id = $1 and seq = 0
     having coalesce(bool_and(key <> $2), true)`,
    [instanceId, key, type, JSON.stringify(params)],
  );
}
