import type { Tx } from '../platform/database.js';

/** Which lifecycle an instance is of. @throws Error when there is no such instance */
export async function lifecycleOf(tx: Tx, instanceId: string): Promise<string> {
  const row = await tx.one<{ lifecycle: string }>(
    'select lifecycle from engine.instances where tenant = engine.tenant() and id = $1',
    [instanceId],
  );
  if (!row) throw new Error(`there is no instance ${instanceId}`);
  return row.lifecycle;
}
