/** The checklists of pursuits: what has to be done, who did it, what was passed over and why (R001-16). */
import { GATES, type Gate } from '../../../machines/pursuit.gates.js';
import type { PursuitFacts } from '../../../machines/pursuit.types.js';
import { audit } from '../../engine/store/audit.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { found } from '../rows.js';
import type { ChangeItem, PursuitChecklist, PursuitChecklistItem, GateProgress } from './checklist.dto.js';

const COLUMNS = `item_id, pursuit_id, gate, item_key, label, is_required, won_only, owner_user_id, is_done, done_at, done_by, note, document_ref,
       waived_at, waived_by, waive_reason`;

/** Every item with whether it is still to be done. The rows stay locked, so that none is taken back while a gate is passed. */
export const openItems = (tx: Tx, pursuitId: number): Promise<PursuitFacts['checklist']> =>
  tx.query(
    `select gate, item_key, not is_done and waived_at is null as is_open
       from workstream.checklist_items where tenant = engine.tenant() and pursuit_id = $1 order by gate, position for share`,
    [pursuitId],
  );

/** The whole checklist, with how far each gate has come (R001-42). */
export async function readChecklist(tx: Tx, pursuitId: number): Promise<PursuitChecklist> {
  found(
    await tx.one('select 1 from workstream.pursuits where tenant = engine.tenant() and pursuit_id = $1', [pursuitId]),
  );
  const data = await tx.query<PursuitChecklistItem>(
    `select ${COLUMNS} from workstream.checklist_items where tenant = engine.tenant() and pursuit_id = $1 order by array_position($2::text[], gate), position`,
    [pursuitId, GATES],
  );
  return { data, gates: GATES.map((gate) => progressOf(gate, data)) };
}

/** Ticks an item, takes the tick back, or says more about it. @throws NOT_FOUND */
export async function changeItem(
  tx: Tx,
  pursuitId: number,
  itemId: number,
  by: string,
  changes: ChangeItem,
): Promise<void> {
  const { is_done, note, document_ref, owner_user_id } = changes;
  found(
    await tx.one(
      `update workstream.checklist_items
          set is_done = coalesce($3, is_done),
              done_at = case when $3 is null or $3 = is_done then done_at when $3 then engine.now() end,
              done_by = case when $3 is null or $3 = is_done then done_by when $3 then $4 end,
              note = case when $5 then $6 else note end,
              document_ref = case when $7 then $8 else document_ref end,
              owner_user_id = case when $9 then $10 else owner_user_id end
        where tenant = engine.tenant() and pursuit_id = $1 and item_id = $2 returning 1`,
      [
        pursuitId,
        itemId,
        is_done ?? null,
        by,
        note !== undefined,
        note ?? null,
        document_ref !== undefined,
        document_ref ?? null,
        owner_user_id !== undefined,
        owner_user_id ?? null,
      ],
    ),
  );
}

/** Passes an item over, with a reason; the audit keeps both. @throws NOT_FOUND; WF007 when it was passed over before */
export async function waiveItem(tx: Tx, pursuitId: number, itemId: number, by: string, reason: string): Promise<void> {
  const item = found(
    await tx.one<{ item_key: string; gate: string; waived_at: Date | null; workflow_instance_id: string }>(
      `select i.item_key, i.gate, i.waived_at, p.workflow_instance_id
         from workstream.checklist_items i join workstream.pursuits p on p.tenant = i.tenant and p.pursuit_id = i.pursuit_id
        where i.tenant = engine.tenant() and i.pursuit_id = $1 and i.item_id = $2 for update of i`,
      [pursuitId, itemId],
    ),
  );
  if (item.waived_at !== null) throw refuse('WF007', { detail: `${item.item_key} was passed over before.` });
  await tx.run(
    `update workstream.checklist_items set waived_at = engine.now(), waived_by = $3, waive_reason = $4
      where tenant = engine.tenant() and pursuit_id = $1 and item_id = $2`,
    [pursuitId, itemId, by, reason],
  );
  await audit(tx, {
    actor: by,
    action: 'waive-item',
    target: item.workflow_instance_id,
    reason,
    details: { pursuitId, gate: item.gate, item: item.item_key },
  });
}

/** Required items count; a gate that asks for nothing is complete. */
function progressOf(gate: Gate, items: readonly PursuitChecklistItem[]): GateProgress {
  const required = items.filter((item) => item.gate === gate && item.is_required);
  const missing = required.filter(({ is_done, waived_at }) => !is_done && waived_at === null);
  const done = required.length - missing.length;
  return {
    gate,
    total: required.length,
    done,
    completion_percentage: required.length === 0 ? 100 : Math.round((done / required.length) * 1_000) / 10,
    missing_items: missing.map(({ item_key }) => item_key),
  };
}
