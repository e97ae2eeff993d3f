/** Gives events their rows, many in one call; an event that has one keeps it (R003-12, R003-13, R003-16). */
import type { Stored } from '../../../machines/event.js';
import type { Json } from '../../engine/core/driver.js';
import type { Database } from '../../platform/database.js';

/** An event on its way into its row. */
export interface Storable {
  event_id: string;
  instance_id: string;
  payload: Json;
  metadata: Json;
  timestamp: string;
  retry_attempt: number;
  correlation_id: string;
  payload_hash: string;
}

interface Kept {
  event_id: string;
  status: Stored['status'];
  stored_at: Date;
  payload_hash: string;
}

/** What the rows say afterwards, and whether the payload in them is another one (R003-14). */
export async function storeAll(
  database: Database,
  tenant: string,
  items: readonly Storable[],
): Promise<{ stored: Stored; isOther: boolean }[]> {
  const kept = await database.call<Kept>('select * from events.store($1, $2)', [tenant, JSON.stringify(items)]);
  const rows = new Map(kept.map((row) => [row.event_id, row]));
  return items.map(({ event_id, payload_hash }) => {
    const row = rows.get(event_id);
    if (!row) throw new Error(`the row of ${event_id} has been taken away meanwhile`);
    const stored = { event_id, status: row.status, stored_at: row.stored_at.toISOString() };
    return { stored, isOther: row.payload_hash !== payload_hash };
  });
}
