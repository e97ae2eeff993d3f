import { approvalsOf } from '../../machines/production.rules.js';
import type { Approver } from '../../machines/production.types.js';
import type { Tx } from '../platform/database.js';

/** What has to be ticked before a deal passes a gate, and who may tick it. */
export interface Item {
  item: string;
  /** Parties and roles. */
  clearedBy: readonly string[];
}

/** An item as people see it. */
export interface ChecklistEntry {
  item: string;
  clearedBy: string[];
  done: boolean;
  doneBy: string | null;
  doneAt: string | null;
  evidence: string | null;
}

/** The checklist of a kind of deal. */
export interface Gate {
  items: (context: object) => readonly Item[];
  /** The event that passes the gate, where nobody has to decide anything any more once all is ticked. */
  passes?: string;
}

/** By the lifecycle: due diligence of investments (R000-37), approvals of production contracts (R000-60). */
export const GATES: Readonly<Record<string, Gate>> = {
  investment: {
    items: () => [
      { item: 'dd_documents_provided', clearedBy: ['creator', 'investor', 'legal'] },
      { item: 'dd_review_complete', clearedBy: ['legal'] },
    ],
  },
  production: {
    items: (context) => approvalsOf(context as { approvals: Approver[] }),
    passes: 'contract-approved',
  },
};

interface Tick {
  item: string;
  done: boolean;
  done_by: string;
  done_at: Date;
  evidence: string | null;
}

/** The whole checklist of an instance. */
export async function entriesOf(tx: Tx, instanceId: string, items: readonly Item[]): Promise<ChecklistEntry[]> {
  const ticks = await ticksOf(tx, instanceId);
  return items.map(({ item, clearedBy }) => {
    const tick = ticks.find((row) => row.item === item);
    return {
      item,
      clearedBy: [...clearedBy],
      done: tick?.done ?? false,
      doneBy: tick?.done_by ?? null,
      doneAt: tick?.done_at.toISOString() ?? null,
      evidence: tick?.evidence ?? null,
    };
  });
}

/** Items that are still open. The ticks stay locked, so that none is taken back while the gate is passed. */
export async function openItems(
  tx: Tx,
  instanceId: string,
  items: readonly Item[],
): Promise<{ item: string; clearedBy: string[] }[]> {
  const done = new Set((await ticksOf(tx, instanceId)).filter((tick) => tick.done).map(({ item }) => item));
  return items.flatMap(({ item, clearedBy }) => (done.has(item) ? [] : [{ item, clearedBy: [...clearedBy] }]));
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
