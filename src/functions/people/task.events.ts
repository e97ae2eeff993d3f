/** What a run hears of the tasks that it has given people (R004-65, R004-66). */
import type { Tx } from '../../platform/database.js';

/** The name under which a run also hears of a task's end. */
export const keepCompletionEvent = (tx: Tx, taskId: string, executionId: string, name: string): Promise<number> =>
  tx.run(
    `insert into functions.workflow_task_events (tenant, task_id, execution_id, completion_event) values (engine.tenant(), $1, $2, $3)`,
    [taskId, executionId, name],
  );

export const completionEventOf = async (tx: Tx, taskId: string): Promise<string | undefined> =>
  (
    await tx.one<{ completion_event: string }>(
      'select completion_event from functions.workflow_task_events where tenant = engine.tenant() and task_id = $1',
      [taskId],
    )
  )?.completion_event;

/** Names that the product's kinds of task have when a run asks for none; `{taskId}` is the task's. */
export const PRODUCT_COMPLETION_EVENTS: Readonly<Record<string, string>> = {
  resolve_item_mapping_error: 'ITEM_MAPPING_TASK_RESOLVED_{taskId}',
};
