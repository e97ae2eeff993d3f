import type { OpenItem } from '../../../machines/investment.types.js';
import type { Tx } from '../../platform/database.js';

/** What has to be ticked before due diligence is complete, and who may tick it (R000-37). */
export const DILIGENCE_CHECKLIST: readonly OpenItem[] = [
  { item: 'dd_documents_provided', clearedBy: ['creator', 'investor', 'legal'] },
  { item: 'dd_review_complete', clearedBy: ['legal'] },
];

/** An item as people see it. */
export interface ChecklistEntry extends OpenItem {
  done: boolean;
  doneBy: string | null;
  doneAt: string | null;
  evidence: string | null;
}

interface Tick {
  item: string;
  done: boolean;
  done_by: string;
  done_at: Date;
  evidence: string | null;
}

/** The whole checklist of an instance. */
export async function entriesOf(tx: Tx, instanceId: string): Promise<ChecklistEntry[]> {
  const ticks = await ticksOf(tx, instanceId);
  return DILIGENCE_CHECKLIST.map(({ item, clearedBy }) => {
    const tick = ticks.find((row) => row.item === item);
    return {
      item,
      clearedBy,
      done: tick?.done ?? false,
      doneBy: tick?.done_by ?? null,
      doneAt: tick?.done_at.toISOString() ?? null,
      evidence: tick?.evidence ?? null,
    };
  });
}

/** Items that are still open. The ticks stay locked, so that none is taken back while the gate is passed. */
export async function openItems(tx: Tx, instanceId: string): Promise<OpenItem[]> {
  const done = new Set((await ticksOf(tx, instanceId)).filter((tick) => tick.done).map(({ item }) => item));
  return DILIGENCE_CHECKLIST.filter(({ item }) => !done.has(item));
}

/** Ticks an item, or takes the tick back. */
export const tick = (
  tx: Tx,
  instanceId: string,
  item: string,
  by: string,
  { done, evidence }: { done: boolean; evidence?: string },
): Promise<number> =>
  tx.run(
    `insert into deals.checklist_items (tenant, instance_id, item, done, done_by, done_at, evidence)
     values (engine.tenant(), $1, $2, $3, $4, engine.now(), $5)
     on conflict (tenant, instance_id, item)
     do update set done = excluded.done, done_by = excluded.done_by, done_at = excluded.done_at, evidence = excluded.evidence`,
    [instanceId, item, done, by, evidence ?? null],
  );

const ticksOf = (tx: Tx, instanceId: string): Promise<Tick[]> =>
  tx.query<Tick>(
    `select item, done, done_by, done_at, evidence from deals.checklist_items
      where tenant = engine.tenant() and instance_id = $1 for share`,
    [instanceId],
  );
