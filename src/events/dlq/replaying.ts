import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import type { Json } from '../../engine/core/driver.js';
import * as outbox from '../../engine/store/outbox.js';
import type { Tx } from '../../platform/database.js';
import { add } from '../counters.js';
import { Accepting } from '../intake/accepting.js';
import { insertRow } from '../rows.js';
import { payloadHash } from '../steps/steps.js';

/** What failed, as it is known of it. */
export interface FailedEvent {
  event_id: string;
  payload: Json;
  metadata: Json;
  happened_at: Date;
  correlation_id: string;
  /** Runs before, apart from the first. */
  retry_count: number;
}

/** A run that was started anew. */
export interface Again {
  run_id: string;
  retry_attempt: number;
}

/** Has an event that failed run again: the same event, another run (R003-28, R003-34, R003-45). Whoever calls holds the lock of its row. */
@Injectable()
export class Replaying {
  constructor(private readonly accepting: Accepting) {}

  /** Starts the run; the event is pending again, its dead letters are replayed, and what was given up of its steps is left. */
  async again(tx: Tx, caller: Caller, failed: FailedEvent): Promise<Again> {
    const { event_id, payload, metadata, correlation_id } = failed;
    const last = await tx.one<{ attempt: number }>(
      'select max(attempt) as attempt from events.runs where tenant = engine.tenant() and event_id = $1',
      [event_id],
    );
    const attempt = (last?.attempt ?? 0) + 1;
    const run_id = `event-${event_id}-r${attempt}`;
    const retry_attempt = failed.retry_count + 1;
    const timestamp = failed.happened_at.toISOString();
    const sender = { id: caller.userId, roles: caller.roles };
    const arrival = { event_id, payload, metadata, timestamp, correlation_id, debug: null, sender };
    const [run] = await this.accepting.run(tx, [{ arrival, runId: run_id, attempt, retryAttempt: retry_attempt }]);
    if (!run) throw new Error(`the run ${run_id} was not started`);
    const { instanceId } = run;
    await this.pending(tx, failed, instanceId, retry_attempt);
    await tx.run(
      `update events.dead_letters set replayed_at = engine.now() where tenant = engine.tenant() and event_id = $1 and replayed_at is null and closed_at is null`,
      [event_id],
    );
    await giveUp(tx, event_id);
    return { run_id, retry_attempt };
  }

  /** The row, which a clean-up may have taken away meanwhile. It stays counted as the one event that it is. */
  private async pending(tx: Tx, failed: FailedEvent, instance_id: string, retry_attempt: number): Promise<void> {
    const { event_id, payload, metadata, happened_at, correlation_id } = failed;
    const changed = await tx.run(
      `update events.events set status = 'pending', instance_id = $2, retry_count = $3, updated_at = engine.now() where tenant = engine.tenant() and event_id = $1`,
      [event_id, instance_id, retry_attempt],
    );
    if (changed === 0) {
      const texts = { payload: JSON.stringify(payload), metadata: metadata === null ? null : JSON.stringify(metadata) };
      const timestamp = happened_at.toISOString();
      const row = {
        event_id,
        instance_id,
        timestamp,
        retry_attempt,
        correlation_id,
        payload_hash: payloadHash(payload),
      };
      await insertRow(tx, { ...row, ...texts }, 'pending', false);
      await add(tx, event_id, { 'removed:failed': -1 });
    }
    await add(tx, event_id, { failed: -1, pending: 1 });
  }
}

/** Steps of earlier runs that lie with the dead effects: the new run does them. */
async function giveUp(tx: Tx, eventId: string): Promise<void> {
  const dead = await tx.query<{ id: number }>(
    `select o.id from events.runs r join engine.outbox o on o.tenant = r.tenant and o.instance_id = r.instance_id
      where r.tenant = engine.tenant() and r.event_id = $1 and o.status = 'dead' and o.kind = 'job'`,
    [eventId],
  );
  for (const { id } of dead) await outbox.discard(tx, id);
}
