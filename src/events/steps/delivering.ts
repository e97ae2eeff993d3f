/** Marks events delivered, many in one call, each once, and only for the run that is responsible for it (R003-5, R003-22). */
import type { Database } from '../../platform/database.js';
import type { Status } from '../rows.js';

/** An event, and the run that has brought it so far. */
export interface Deliverable {
  event_id: string;
  instance_id: string;
  /** When the run began, milliseconds since 1970. */
  since: number;
}

/** What the row says afterwards; `isMine` when it is this run's event. */
export interface Delivered {
  status: Status | undefined;
  isMine: boolean;
  /** It was marked just now. */
  isNew: boolean;
}

interface Row {
  event_id: string;
  status: Status;
  instance_id: string;
  is_new: boolean;
}

/** Marks those that are pending. */
export async function deliverAll(
  database: Database,
  tenant: string,
  items: readonly Deliverable[],
): Promise<Delivered[]> {
  const rows = await database.call<Row>('select * from events.deliver($1, $2)', [tenant, JSON.stringify(items)]);
  const known = new Map(rows.map((row) => [row.event_id, row]));
  return items.map(({ event_id, instance_id }) => {
    const row = known.get(event_id);
    return { status: row?.status, isMine: row?.instance_id === instance_id, isNew: row?.is_new ?? false };
  });
}
