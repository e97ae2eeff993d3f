/** Marks events delivered, many in one call, each once, and only for the run that is responsible for it (R003-5, R003-22). */
import type { Tx } from '../../platform/database.js';
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
export async function deliverAll(tx: Tx, items: readonly Deliverable[]): Promise<Delivered[]> {
  const rows = await tx.query<Row>('select * from events.deliver($1)', [JSON.stringify(items)]);
  const known = new Map(rows.map((row) => [row.event_id, row]));
  return items.map(({ event_id, instance_id }) => {
    const row = known.get(event_id);
    return { status: row?.status, isMine: row?.instance_id === instance_id, isNew: row?.is_new ?? false };
  });
}
