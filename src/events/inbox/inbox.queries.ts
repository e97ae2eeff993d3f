/** Pages of the inbox (R003-43). */
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import type { Status } from '../rows.js';
import { cursorBehind, type Condition, type InboxRequest } from './filter.js';

/** An event as it is shown. */
export interface InboxRow {
  event_id: string;
  payload: Json;
  metadata: Json;
  status: Status;
  created_at: Date;
  updated_at: Date;
  retry_count: number;
}

const COLUMNS = 'event_id, payload, metadata, status, created_at, updated_at, retry_count';

/** One page, how many there are in all, and where the next one begins. */
export async function pageOf(
  tx: Tx,
  request: InboxRequest,
): Promise<{ data: InboxRow[]; total: number; next?: string }> {
  const { conditions, sort, order, limit, offset, after } = request;
  const all = where(conditions);
  const counted = await tx.one<{ total: number }>(
    `select count(*) as total from events.events where ${all.sql}`,
    all.values,
  );
  // Rows of the same value stand in the order of their ids.
  const isBehind = { name: '', sql: `(${sort}, event_id) ${order === 'asc' ? '>' : '<'} (?::${TYPES[sort]}, ?::text)` };
  const page = where([...conditions, ...(after ? [{ ...isBehind, values: [after.value, after.id] }] : [])]);
  const place = page.values.length;
  const rows = await tx.query<InboxRow>(
    `select ${COLUMNS} from events.events where ${page.sql} order by ${sort} ${order}, event_id ${order} limit $${place + 1} offset $${place + 2}`,
    [...page.values, limit + 1, offset],
  );
  const data = rows.slice(0, limit);
  const last = rows.length > limit ? data.at(-1) : undefined;
  return {
    data,
    total: counted?.total ?? 0,
    ...(last && { next: cursorBehind(request, textOf(last[sort]), last.event_id) }),
  };
}

/** One event, also when it is at this moment locked by somebody else. */
export const eventOf = (
  tx: Tx,
  eventId: string,
): Promise<(InboxRow & { correlation_id: string; instance_id: string }) | undefined> =>
  tx.one(
    `select ${COLUMNS}, correlation_id, instance_id from events.events where tenant = engine.tenant() and event_id = $1`,
    [eventId],
  );

const TYPES = { created_at: 'timestamptz', updated_at: 'timestamptz', retry_count: 'int' } as const;

const textOf = (value: Date | number): string => (value instanceof Date ? value.toISOString() : String(value));

/** The conditions as one, their values numbered in order. */
function where(conditions: readonly Condition[]): { sql: string; values: unknown[] } {
  const values = conditions.flatMap((condition) => condition.values);
  let place = 0;
  const sql = ['tenant = engine.tenant()', ...conditions.map((condition) => condition.sql)]
    .join(' and ')
    .replaceAll('?', () => `$${++place}`);
  return { sql, values };
}
