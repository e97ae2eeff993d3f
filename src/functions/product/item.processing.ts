/**
 * An item is worked off; when that fails, somebody is asked to put it right, and it is tried again (R004-72).
 *
 * Unlike the original, nobody is asked after the last attempt: he would put right what is not tried any more (R004-73).
 * The action `process_item` is brought by whoever attaches this workflow; without it a run fails at once.
 */
import type { WorkflowContext, WorkflowDefinition } from '../workflow.js';

const MAX_ATTEMPTS = 3;

export const itemProcessing: WorkflowDefinition = {
  metadata: {
    name: 'item_processing',
    version: '1.0.0',
    description: 'Works an item off, with a person’s help where it fails',
    tags: ['sample'],
  },
  execute: async (context) => {
    const { actions, data, events, setState } = context;
    const itemId = itemOf(context);
    for (let attempt = 1; ; attempt++) {
      setState('VALIDATING_ITEM_MAPPING');
      const failure = await attempted(async () => data.set('result', await actions['processItem']?.({ itemId })));
      if (failure === undefined) return setState('ITEM_PROCESSING_COMPLETE');
      data.set('lastError', failure);
      if (attempt === MAX_ATTEMPTS) {
        await ask(context, 'item_processing_escalation', itemId, failure, attempt);
        return setState('ITEM_PROCESSING_FAILED_MAX_ATTEMPTS');
      }
      setState(`AWAITING_MAPPING_RESOLUTION_FOR_ITEM_${itemId}_ATTEMPT_${attempt}`);
      const taskId = await ask(context, 'resolve_item_mapping_error', itemId, failure, attempt);
      if (taskId === undefined) return setState('CRITICAL_ERROR_TASK_CREATION_FAILED');
      await events.waitFor(`ITEM_MAPPING_TASK_RESOLVED_${taskId}`);
    }
  },
};

function itemOf({ input }: WorkflowContext): string {
  const payload = input.triggerEvent?.payload ?? input;
  const { itemId } = payload as { itemId?: unknown };
  if (typeof itemId !== 'string') throw new Error('The input names no itemId');
  return itemId;
}

/** What went wrong, in words; undefined when nothing did. A mistake of the installation is nobody's task. */
async function attempted(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === 'UNKNOWN_ACTION') throw error;
    return message;
  }
}

/** Gives a task to whoever operates the service; undefined when it could not be made. */
async function ask(
  { actions, executionId }: WorkflowContext,
  taskType: string,
  itemId: string,
  errorMessage: string,
  currentAttempt: number,
): Promise<string | undefined> {
  try {
    const made = await actions['createHumanTask']?.({
      taskType,
      title: `Item ${itemId} could not be worked off`,
      priority: 'high',
      assignTo: { roles: ['operator'] },
      contextData: { itemId, errorMessage, currentAttempt, maxAttempts: MAX_ATTEMPTS, workflowInstanceId: executionId },
    });
    return (made as { taskId: string }).taskId;
  } catch {
    return undefined;
  }
}
