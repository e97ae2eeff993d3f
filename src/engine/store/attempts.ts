/** Receipts: one row for each attempt of an effect. */
import type { Tx } from '../../platform/database.js';
import type { EffectResult } from '../host.js';
import type { OutboxRow } from './outbox.js';

/** What an attempt brought, how long it took (milliseconds), and the SHA-256 of what was asked. */
export type Attempt = EffectResult & { durationMs: number; requestHash: string };

/** Writes the receipt of one attempt. They are counted by claims: a dead effect that is replayed goes on counting. */
export const recordAttempt = (tx: Tx, row: OutboxRow, result: Attempt): Promise<number> =>
  tx.run(
    `insert into engine.attempts (tenant, outbox_id, attempt, instance_id, request_hash, outcome, provider, provider_id, response_code, detail, started_at, duration_ms)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() - $10 * interval '1 millisecond', $10)
     on conflict do nothing`,
    [
      row.id,
      row.fence,
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

/** The receipt of one attempt, as overseers see it. */
export interface AttemptView {
  attempt: number;
  outcome: EffectResult['kind'];
  provider: string | null;
  providerId: string | null;
  responseCode: string | null;
  /** Why it was not done. */
  detail: string | null;
  durationMs: number;
  /** When it began, by the database's clock. */
  at: Date;
  requestHash: string;
}

/** Every receipt of an instance with the effect it belongs to, oldest first. */
export const attemptsOf = (tx: Tx, instanceId: string): Promise<(AttemptView & { outboxId: number })[]> =>
  tx.query(
    `select a.outbox_id as "outboxId", a.attempt, a.outcome, a.provider, a.provider_id as "providerId", a.response_code as "responseCode", a.detail,
            a.duration_ms as "durationMs", a.started_at as at, a.request_hash as "requestHash"
       from engine.outbox o join engine.attempts a on a.tenant = o.tenant and a.outbox_id = o.id
      where o.tenant = engine.tenant() and o.instance_id = $1 order by a.outbox_id, a.attempt`,
    [instanceId],
  );
