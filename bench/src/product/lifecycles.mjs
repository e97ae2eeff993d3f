/** Another lifecycle, which waits for a deadline. */
import { setup } from 'xstate';
import { defineLifecycle } from '../../../dist/src/engine/authoring.js';
import { orderOf } from './order.mjs';

/** WAITING ─after DUE→ LATE */
export const deadline = defineLifecycle({
  name: 'bench-deadline',
  version: 1,
  title: 'Deadline of the benchmark',
  machine: setup({ delays: { DUE: ({ context }) => context.dueMs } }).createMachine({
    id: 'bench-deadline',
    initial: 'WAITING',
    context: ({ input }) => ({ ...orderOf(input.orderId), dueMs: input.dueMs }),
    states: {
      WAITING: { after: { DUE: 'LATE' } },
      LATE: { meta: { noDeadline: 'somebody closes it by hand' }, on: { close: 'CLOSED' } },
      CLOSED: { type: 'final' },
    },
  }),
  events: { close: { from: ['admin'], label: 'Close' } },
});
