/** The history of an instance: every accepted event with everything it was decided on. Rows are only ever added. */
import type { Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

export type HistoryKind =
  'start' | 'event' | 'timer' | 'effect-result' | 'webhook' | 'force' | 'migrate' | 'pause' | 'resume' | 'compensated';

export interface HistoryRow {
  instance_id: string;
  seq: number;
  kind: HistoryKind;
  type: string;
  payload: Json;
  facts: Json;
  from_state: string | null;
  to_state: string;
  phase: string | null;
  actor: string;
  roles: string[];
  cause: string;
  correlation_id: string;
  idempotency_key: string | null;
  at: Date;
  hash: string;
  prev_hash: string;
}

const COLUMNS = `instance_id, seq, kind, type, payload, facts, from_state, to_state, phase, actor, roles, cause, correlation_id, idempotency_key,
       at, hash, prev_hash`;

/** Rows behind `after`, oldest first. `until` shows the history as it was at that time. */
export const read = (tx: Tx, instanceId: string, after: number, limit: number, until: string | null = null) =>
  tx.query<HistoryRow>(
    `select ${COLUMNS} from engine.history
      where tenant = engine.tenant() and instance_id = $1 and seq > $2 and ($4::timestamptz is null or at <= $4)
      order by seq limit $3`,
    [instanceId, after, limit, until],
  );

/** A row with payload and facts as the exact text that was stored, which is what the hash covers. */
export interface StoredRow extends Omit<HistoryRow, 'payload' | 'facts' | 'at'> {
  payload: string;
  facts: string;
  /** Milliseconds. */
  at: number;
}

export const readStored = (tx: Tx, instanceId: string): Promise<StoredRow[]> =>
  tx.query<StoredRow>(
    `select instance_id, seq, kind, type, payload::text as payload, facts::text as facts, from_state, to_state, phase, actor, roles, cause,
            correlation_id, idempotency_key, (extract(epoch from at) * 1000)::float8 as at, hash, prev_hash
       from engine.history where tenant = engine.tenant() and instance_id = $1 order by seq`,
    [instanceId],
  );

/** The states passed so far, in order, each with the state it came from. */
export const walked = (
  tx: Tx,
  instanceId: string,
): Promise<{ type: string; from: string | null; to: string; phase: string | null }[]> =>
  tx.query(
    `select type, from_state as "from", to_state as "to", phase from engine.history
      where tenant = engine.tenant() and instance_id = $1 order by seq`,
    [instanceId],
  );

/** What the hash of a row covers, in this order for ever. */
export const chained = (tenant: string, row: Omit<StoredRow, 'hash' | 'prev_hash'>): (string | null)[] => [
  tenant,
  row.instance_id,
  String(row.seq),
  row.kind,
  row.type,
  row.payload,
  row.facts,
  row.from_state,
  row.to_state,
  row.phase,
  row.actor,
  JSON.stringify(row.roles),
  row.cause,
  row.correlation_id,
  row.idempotency_key,
  String(row.at),
];
