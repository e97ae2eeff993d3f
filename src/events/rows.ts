/** The row of an event, when something else than the way of the steps changes it. The counters follow in the same transaction. */
import type { Tx } from '../platform/database.js';
import { add } from './counters.js';

/** What shows of an event. */
export const STATUSES = ['pending', 'delivered', 'failed'] as const;
/** One of STATUSES. */
export type Status = (typeof STATUSES)[number];

/** Everything an event's row is made of. */
export interface NewRow {
  event_id: string;
  instance_id: string;
  /** As JSON text. */
  payload: string;
  metadata: string | null;
  /** When it happened, ISO 8601. */
  timestamp: string;
  retry_attempt: number;
  correlation_id: string;
  payload_hash: string;
}

/** Writes a row for an event that has none (R003-27); it is counted with it. Answers false when it has one. */
export async function insertRow(tx: Tx, row: NewRow, status: Status, isNews: boolean): Promise<boolean> {
  const inserted = await tx.run(
    `insert into events.events (tenant, event_id, instance_id, payload, metadata, status, created_at, updated_at, stored_at, retry_count, correlation_id, payload_hash, counted_at)
     select engine.tenant(), $1, $2, $3, $4, $5, case when $6 > now_ + interval '5 minutes' then now_ else $6 end, now_, now_, $7, $8, $9, now_
       from (select engine.now() as now_, $6::timestamptz) as moment on conflict do nothing`,
    [
      row.event_id,
      row.instance_id,
      row.payload,
      row.metadata,
      status,
      row.timestamp,
      row.retry_attempt,
      row.correlation_id,
      row.payload_hash,
    ],
  );
  if (inserted > 0 && isNews) await add(tx, row.event_id, { total: 1, [status]: 1 });
  return inserted > 0;
}

/** Locks the row until the transaction ends. */
export const lockRow = (
  tx: Tx,
  eventId: string,
): Promise<{ status: Status; instance_id: string; retry_count: number; isCounted: boolean } | undefined> =>
  tx.one(
    `select status, instance_id, retry_count, counted_at is not null as "isCounted" from events.events where tenant = engine.tenant() and event_id = $1 for update`,
    [eventId],
  );

/** Sets the status of an event that this run is responsible for. Answers false when it has no row, or another run has it by now. */
export async function moveRow(tx: Tx, eventId: string, instanceId: string, to: Status): Promise<boolean> {
  const row = await lockRow(tx, eventId);
  if (row?.instance_id !== instanceId) return false;
  if (row.status === to) return true;
  await tx.run(
    `update events.events set status = $2, updated_at = engine.now(), counted_at = coalesce(counted_at, engine.now()) where tenant = engine.tenant() and event_id = $1`,
    [eventId, to],
  );
  await add(tx, eventId, row.isCounted ? { [row.status]: -1, [to]: 1 } : { total: 1, [to]: 1 });
  return true;
}
