/** Counts events, many in one call, each once: the mark is in its row (R003-18..20). */
import type { Counted } from '../../../machines/event.js';
import type { Database } from '../../platform/database.js';

/** Counts those that are not counted yet. */
export async function countAll(database: Database, tenant: string, eventIds: readonly string[]): Promise<Counted[]> {
  await database.call('select events.count($1, $2)', [tenant, eventIds]);
  return eventIds.map(() => ({ total_updated: true, pending_updated: true }));
}
