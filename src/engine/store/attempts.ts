/** Receipts: one row for each attempt of an effect. */
import type { Tx } from '../../platform/database.js';
import type { EffectResult } from '../host.js';
import type { OutboxRow } from './outbox.js';

/** What an attempt brought, how long it took (milliseconds), and the SHA-256 of what was asked. */
export type Attempt = EffectResult & { durationMs: number; requestHash: string };

/** Writes the receipt of one attempt. A second one for the same attempt (a worker that came back late) is left out. */
export const recordAttempt = (tx: Tx, row: OutboxRow, result: Attempt): Promise<number> =>
  tx.run(
    `insert into engine.attempts (tenant, outbox_id, attempt, instance_id, request_hash, outcome, provider, provider_id, response_code, detail, started_at, duration_ms)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() - $10 * interval '1 millisecond', $10)
     on conflict do nothing`,
    [
      row.id,
      row.attempts,
      row.instance_id,
      result.requestHash,
      result.kind,
      result.receipt?.provider ?? null,
      result.receipt?.providerId ?? null,
      result.receipt?.responseCode ?? null,
      result.kind === 'done' ? null : result.reason,
      result.durationMs,
    ],
  );
