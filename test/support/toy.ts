/**
 * A toy with one of everything: facts, a checklist, timers, parallel regions, invokes, history, emit, compensation.
 *
 *   PLACED ─pay→ PAYING ─charged→ PACKING (goods ∥ label) ─both done→ SHIPPED ─deliver→ DELIVERED
 *    ↻ reminder      └─declined→ PLACED    ↑↓ hold, resume               └─not in time→ CANCELLED
 *    └─cancel, or not paid in time→ CANCELLED (what was charged is refunded)
 */
import { and, assign, emit, not, setup } from 'xstate';
import { defineLifecycle, durable, effect, rule, type Stamp, type Started } from '../../src/engine/authoring.js';

export const DAY = 86_400_000;

interface Context {
  orderId: string;
  amount: number;
  dueMs: number;
  reminders: number;
  paymentId: string | null;
  notes: string[];
}

export type OrderInput = Started<{ amount: number; dueMs: number }>;

type Event =
  | ({ type: 'pay' } & Stamp<{ stock: number; open: string[]; blocked: boolean }>)
  | ({ type: 'note'; text: string } & Stamp)
  | ({ type: 'picked' | 'hold' | 'resume' | 'deliver' | 'cancel' } & Stamp);

interface Args {
  context: Context;
  event: Event;
}

export const orderMachine = setup({
  types: {
    context: {} as Context,
    events: {} as Event,
    input: {} as OrderInput,
    output: {} as { paymentId: string | null },
    emitted: {} as { type: 'order.shipped'; orderId: string },
    tags: {} as 'open' | 'won' | 'failed' | 'compensate',
  },
  guards: {
    isInStock: rule(
      ({ event }: Args) =>
        event.type !== 'pay' || event.facts.stock > 0 || { code: 'OUT_OF_STOCK', data: { stock: event.facts.stock } },
      ['stock'],
    ),
    isComplete: rule(
      ({ event }: Args) =>
        event.type !== 'pay' ||
        event.facts.open.length === 0 || { code: 'CHECKLIST_OPEN', missing: event.facts.open, clearedBy: ['seller'] },
      ['open'],
    ),
    isBlocked: rule(
      ({ event }: Args) => (event.type === 'pay' && event.facts.blocked) || { code: 'NOT_BLOCKED' },
      ['blocked'],
    ),
    hasRoom: rule(
      ({ context }: Args, { atMost }: { atMost: number }) =>
        context.notes.length < atMost || { code: 'TOO_MANY_NOTES' },
    ),
  },
  actors: {
    charge: durable<{ orderId: string; amount: number }, { paymentId: string }>('shop.charge', {
      money: true,
      compensate: 'shop.refund',
    }),
    print: durable<{ orderId: string }, { trackingNo: string }>('shop.label', { ordered: true }),
  },
  actions: {
    notify: effect<{ template: 'reminder' | 'cancelled'; orderId: string }>('shop.notify'),
    countReminder: assign({ reminders: ({ context }) => context.reminders + 1 }),
  },
  delays: {
    REMINDER: DAY,
    PAYMENT_DUE: ({ context }) => context.dueMs,
    DELIVERY: 14 * DAY,
  },
}).createMachine({
  id: 'order',
  initial: 'PLACED',
  context: ({ input: { instanceId, amount, dueMs } }) => ({
    orderId: instanceId,
    amount,
    dueMs,
    reminders: 0,
    paymentId: null,
    notes: [],
  }),
  output: ({ context }) => ({ paymentId: context.paymentId }),
  on: {
    note: {
      guard: { type: 'hasRoom', params: { atMost: 2 } },
      actions: assign({ notes: ({ context, event }) => [...context.notes, event.text] }),
    },
  },
  states: {
    PLACED: {
      tags: 'open',
      initial: 'waiting',
      on: { pay: { guard: and(['isInStock', 'isComplete', not('isBlocked')]), target: 'PAYING' }, cancel: 'CANCELLED' },
      after: { PAYMENT_DUE: 'CANCELLED' },
      states: {
        waiting: {
          after: {
            REMINDER: {
              target: 'waiting',
              reenter: true,
              actions: [
                'countReminder',
                { type: 'notify', params: ({ context }) => ({ template: 'reminder', orderId: context.orderId }) },
              ],
            },
          },
        },
      },
    },
    PAYING: {
      tags: 'open',
      meta: { noDeadline: 'the outbox answers, one way or the other' },
      on: { cancel: {} },
      invoke: {
        id: 'charge',
        src: 'charge',
        input: ({ context }) => ({ orderId: context.orderId, amount: context.amount }),
        onDone: { target: 'PACKING', actions: assign({ paymentId: ({ event }) => event.output.paymentId }) },
        onError: 'PLACED',
      },
    },
    PACKING: {
      tags: 'open',
      type: 'parallel',
      after: { DELIVERY: 'CANCELLED' },
      on: { hold: 'ON_HOLD', cancel: 'CANCELLED' },
      onDone: 'SHIPPED',
      states: {
        label: {
          initial: 'printing',
          states: {
            printing: {
              invoke: {
                id: 'label',
                src: 'print',
                input: ({ context }) => ({ orderId: context.orderId }),
                onDone: 'printed',
                onError: '#order.CANCELLED',
              },
            },
            printed: { type: 'final' },
          },
        },
        goods: { initial: 'picking', states: { picking: { on: { picked: 'ready' } }, ready: { type: 'final' } } },
        asBefore: { type: 'history', history: 'deep' },
      },
    },
    ON_HOLD: {
      tags: 'open',
      meta: { noDeadline: 'the seller resumes it by hand' },
      on: { resume: 'PACKING.asBefore', cancel: 'CANCELLED' },
    },
    SHIPPED: {
      tags: 'open',
      entry: emit(({ context }) => ({ type: 'order.shipped', orderId: context.orderId })),
      on: { deliver: 'DELIVERED' },
      after: { DELIVERY: 'CANCELLED' },
    },
    DELIVERED: { type: 'final', tags: 'won' },
    CANCELLED: {
      type: 'final',
      tags: ['failed', 'compensate'],
      entry: { type: 'notify', params: ({ context }) => ({ template: 'cancelled', orderId: context.orderId }) },
    },
  },
});

export const order = defineLifecycle({
  name: 'order',
  version: 1,
  title: 'Order',
  machine: orderMachine,
  events: {
    pay: { from: ['buyer'], label: 'Pay' },
    note: { from: ['buyer', 'seller'], label: 'Add a note' },
    picked: { from: ['seller', 'webhook:warehouse'], label: 'Goods picked' },
    hold: { from: ['seller'], label: 'Hold' },
    resume: { from: ['seller'], label: 'Resume' },
    deliver: { from: ['webhook:carrier'], label: 'Delivered' },
    cancel: { from: ['buyer', 'operator'], label: 'Cancel' },
  },
});

/** The toy, which also says what is always true of it. */
export const strictOrder: typeof order = {
  ...order,
  invariants: [
    {
      name: 'goodsArePaid',
      says: 'what is shipped is paid for',
      holds: ({ state, context }) =>
        !['SHIPPED', 'DELIVERED'].includes(state) || context.paymentId !== null || { code: 'NOT_PAID' },
    },
  ],
};
