/** An invoice is approved by a person, or is overdue after three days; starts with INVOICE_SUBMITTED. */
import type { WorkflowDefinition } from '../workflow.js';

const THREE_DAYS_MS = 259_200_000;

export const invoiceApproval: WorkflowDefinition = {
  metadata: {
    name: 'invoice_approval',
    version: '1.0.0',
    description: 'Has an invoice approved by a person',
    tags: ['sample'],
  },
  execute: async ({ actions, data, events, input, setState }) => {
    const { invoiceId, amount } = (input.triggerEvent?.payload ?? input) as { invoiceId?: string; amount?: number };
    if (invoiceId === undefined || amount === undefined) throw new Error('The input names no invoiceId and amount');
    setState('SUBMITTED');
    const made = await actions['createHumanTask']?.({
      taskType: 'to_do',
      title: `Approve invoice ${invoiceId} over ${amount}`,
      dueDate: '3 days',
      assignTo: { roles: ['admin', 'operator'] },
      contextData: { invoiceId, amount },
      completionEvent: 'INVOICE_DECIDED_{taskId}',
    });
    const { taskId } = made as { taskId: string };
    setState('AWAITING_APPROVAL');
    const decision = await events.waitFor([`INVOICE_DECIDED_${taskId}`, `Task:${taskId}:Canceled`], {
      timeoutMs: THREE_DAYS_MS,
    });
    data.set('decision', { name: decision.name, by: decision.user_id, answer: decision.payload });
    if (decision.name === '__timeout__') setState('OVERDUE');
    else setState(decision.name.endsWith(':Canceled') ? 'REJECTED' : 'APPROVED');
    await actions['logEvent']?.({ message: `Invoice ${invoiceId} is decided`, fields: { invoiceId } });
  },
};
