/**
 * What everybody who is measured runs: an order that goes round for ever, so that it takes any number of events.
 * The context is 1.7 KB, as a business object with its lines, parties and address is.
 *
 *   PLACED ─advance→ PAID ─advance→ PACKED ─advance→ SHIPPED ─advance→ DELIVERED ─advance→ PLACED        (any) ─cancel→ CANCELLED
 */
import { assign, setup } from 'xstate';
import { defineLifecycle, effect, rule } from '../../../dist/src/engine/authoring.js';

export const STATES = ['PLACED', 'PAID', 'PACKED', 'SHIPPED', 'DELIVERED'];
/** What comes with each event. */
export const NOTE = 'seen by the desk, nothing to add to this one';

const LINES = 12;

/** What an order is about. Numbers make it, so that every run has the same. @param {string} orderId */
export const orderOf = (orderId) => ({
  orderId,
  customer: { name: 'Grace Example', email: 'grace@example.org', phone: '+1 555 010 7788' },
  address: { street: '12 Long Street', city: 'Springfield', postcode: '04217', country: 'US' },
  lines: Array.from({ length: LINES }, (_, line) => ({
    sku: `SKU-${String(1_000 + 37 * line)}`,
    title: `An article with a name of usual length, number ${line + 1}`,
    quantity: 1 + (line % 3),
    priceMinor: 1_995 + 250 * line,
  })),
  currency: 'USD',
  totalMinor: 79_440,
  advances: 0,
  note: '',
});

const next = (state) => STATES[(STATES.indexOf(state) + 1) % STATES.length];

export const orderMachine = setup({
  guards: {
    isWorthSomething: rule(({ context }) => context.totalMinor > 0 || { code: 'NOTHING_ORDERED' }),
  },
  actions: {
    tell: effect('bench.tell'),
  },
}).createMachine({
  id: 'bench-order',
  initial: 'PLACED',
  context: ({ input }) => orderOf(input.orderId),
  on: { cancel: '.CANCELLED' },
  states: {
    ...Object.fromEntries(
      STATES.map((state) => [
        state,
        {
          meta: { noDeadline: 'the benchmark sends the next event' },
          on: {
            advance: {
              guard: 'isWorthSomething',
              target: next(state),
              actions: [
                assign({ advances: ({ context }) => context.advances + 1, note: ({ event }) => event.note }),
                {
                  type: 'tell',
                  params: ({ context }) => ({ orderId: context.orderId, template: `order.${next(state)}` }),
                },
              ],
            },
          },
        },
      ]),
    ),
    CANCELLED: { type: 'final' },
  },
});

export const order = defineLifecycle({
  name: 'bench-order',
  version: 1,
  title: 'Order of the benchmark',
  machine: orderMachine,
  events: {
    advance: { from: ['admin'], label: 'Advance' },
    cancel: { from: ['admin'], label: 'Cancel' },
  },
});
