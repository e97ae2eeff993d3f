import type { Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { ITEMS, type ItemType } from './items.kinds.js';

const FOREIGN_KEY_VIOLATION = '23503';

/** Takes the row of an item away, with everything that belongs to it alone. @throws IN_USE */
export async function removeRow(tx: Tx, type: ItemType, instanceId: string): Promise<void> {
  const { table, id } = ITEMS[type];
  try {
    const row = await tx.one<{ id: number }>(
      `delete from ${table} where tenant = engine.tenant() and workflow_instance_id = $1 returning ${id} as id`,
      [instanceId],
    );
    if (row)
      await tx.run(
        'delete from workstream.work_item_links where tenant = engine.tenant() and item_type = $1 and item_id = $2',
        [type, row.id],
      );
  } catch (error) {
    if ((error as { code?: string }).code === FOREIGN_KEY_VIOLATION)
      throw refuse('IN_USE', { detail: `The ${type} has something that would be left without it.` });
    throw error;
  }
}
