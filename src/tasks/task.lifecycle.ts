/** What the engine needs of this module to host tasks. */
import type { Fields, Flaw, Judged, task, TaskContext } from '../../machines/task.js';
import type { Explanation } from '../engine/core/driver.js';
import type { FactLoaders, Payloads, Transitioned } from '../engine/host.js';
import type { Tx } from '../platform/database.js';
import { refuse, type Refused } from '../platform/errors.js';
import { judge } from './forms/form.check.js';
import { findForm } from './forms/forms.store.js';
import { CancelTask, CompleteTask, DraftAnswer, Nothing } from './tasks.dto.js';

export const taskPayloads: Payloads<typeof task> = {
  'task.claim': Nothing,
  'task.unclaim': Nothing,
  'task.draft': DraftAnswer,
  'task.complete': CompleteTask,
  'task.cancel': CancelTask,
};

/** What the form, in the version that the task was made with, makes of an answer. */
export const taskFacts: FactLoaders<typeof task> = {
  judged: async (tx, { context: { form, contextData }, event: { formData } }): Promise<Judged> => {
    const found = await findForm(tx, form.origin, form.name, form.version);
    if (found) return judge(found, contextData, formData as Fields);
    return { answer: {}, flaws: [{ path: 'formData', message: `the form ${form.name} ${form.version} is gone` }] };
  },
};

/** Keeps the task's columns in step. */
export async function followTask(
  tx: Tx,
  { instanceId, from, state, phase, context }: Transitioned<TaskContext>,
): Promise<void> {
  // Its row came with it.
  if (from === null) return;
  await tx.run(
    `update tasks.tasks
        set status = $2, claimed_by = $3, claimed_at = to_timestamp($4::float8 / 1000), completed_by = $5,
            completed_at = to_timestamp($6::float8 / 1000), response_data = $7
      where tenant = engine.tenant() and task_id = $1`,
    [
      instanceId,
      phase ?? state,
      context.claimedBy,
      context.claimedAt,
      context.completedBy,
      context.completedAt,
      context.response && JSON.stringify(context.response),
    ],
  );
}

/** How a task says no: to whom it is not for, and to an answer that does not fit (R004-67, R004-68). */
export function refusalOf(explanation: Explanation): Refused | undefined {
  const reasons = explanation.failing.flatMap(({ reason }) => reason ?? []);
  if (reasons.some(({ code }) => code === 'NOT_ASSIGNED'))
    return refuse('WF005', { detail: 'The task is for others.', explanation });
  const unfit = reasons.find(({ code }) => code === 'FORM_INVALID');
  if (!unfit || reasons.some(({ code }) => code === 'TAKEN')) return undefined;
  const flaws = unfit.data as readonly Flaw[];
  return refuse('FORM_INVALID', {
    errors: flaws.map(({ path, message }) => ({ field: path, message })),
    explanation,
  });
}
