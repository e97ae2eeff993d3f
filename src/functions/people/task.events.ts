/** What a run hears of the tasks that it has given people (R004-65, R004-66). */
import type { Tx } from '../../platform/database.js';

/** The name under which a run also hears of a task's end. */
export const keepCompletionEvent = (tx: Tx, taskId: string, executionId: string, name: string): Promise<number> =>
  tx.run(
    `insert into functions.workflow_task_events (tenant, task_id, execution_id, completion_event) values (engine.tenant(), $1, $2, $3)`,
    [taskId, executionId, name],
  );

/** What else the end of a task is called: as its run wants it, and after its form. */
export async function completionEventsOf(tx: Tx, taskId: string): Promise<string[]> {
  const row = await tx.one<{ own: string | null; form: string | null }>(
    `select (select e.completion_event from functions.workflow_task_events e where e.tenant = engine.tenant() and e.task_id = $1) as own,
            (select i.snapshot -> 'context' -> 'form' ->> 'name' from engine.instances i where i.tenant = engine.tenant() and i.id = $1) as form`,
    [taskId],
  );
  return [row?.own ?? [], row?.form ? `Form:${row.form}:Submit` : []].flat();
}

/** Names that the product's kinds of task have when a run asks for none; `{taskId}` is the task's. */
export const PRODUCT_COMPLETION_EVENTS: Readonly<Record<string, string>> = {
  resolve_item_mapping_error: 'ITEM_MAPPING_TASK_RESOLVED_{taskId}',
};
