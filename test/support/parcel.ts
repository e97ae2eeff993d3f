/** One lifecycle in several versions, for what happens to running instances when it changes. */
import { setup, type AnyStateMachine } from 'xstate';
import { defineLifecycle, durable, type Stamp, type Started } from '../../src/engine/authoring.js';
import type { Lifecycle, Migration } from '../../src/engine/core/lifecycle.js';
import { DAY } from './toy.js';

type Event = { type: 'pack' | 'ship' | 'check' } & Stamp;

const parts = setup({
  types: { context: {}, events: {} as Event, input: {} as Started<{ amount: number }> },
  actors: {
    label: durable<{ amount: number }, null>('shop.label'),
    weigh: durable<{ amount: number }, null>('shop.weigh'),
  },
  delays: { ANSWER: 3 * DAY, CHASE: 5 * DAY },
});
const amountOf = ({ context }: { context: Record<string, unknown> }) => ({ amount: Number(context['amount']) });
const context = ({ input: { amount } }: { input: { amount: number } }) => ({ amount });
const label = { id: 'label', src: 'label', input: amountOf, onDone: 'PACKED', onError: 'LOST' } as const;
const inPerson = { meta: { noDeadline: 'somebody comes for it' } } as const;

/** Received, packed with a label, sent; or lost when nobody answers. */
const first = parts.createMachine({
  id: 'parcel',
  context,
  initial: 'RECEIVED',
  states: {
    RECEIVED: { on: { pack: 'PACKING' }, after: { ANSWER: 'LOST' } },
    PACKING: { ...inPerson, invoke: label },
    PACKED: { ...inPerson, on: { ship: 'SENT', check: {} } },
    SENT: { type: 'final' },
    LOST: { type: 'final' },
  },
});

/** RECEIVED is called OPENED and is chased after, PACKED is looked through before it is sent. */
const second = parts.createMachine({
  id: 'parcel',
  context,
  initial: 'OPENED',
  states: {
    OPENED: { on: { pack: 'PACKING' }, after: { ANSWER: 'LOST', CHASE: { target: 'OPENED', reenter: true } } },
    PACKING: { ...inPerson, invoke: label },
    PACKED: {
      initial: 'unseen',
      states: { unseen: { ...inPerson, on: { check: 'seen' } }, seen: { ...inPerson, on: { ship: '#parcel.SENT' } } },
    },
    SENT: { type: 'final' },
    LOST: { type: 'final' },
  },
});

/** The label is printed by hand, and what is packed is weighed. */
const third = parts.createMachine({
  id: 'parcel',
  context,
  initial: 'RECEIVED',
  states: {
    RECEIVED: { on: { pack: 'PACKING' }, after: { ANSWER: 'LOST' } },
    PACKING: { ...inPerson, on: { check: 'PACKED' } },
    PACKED: {
      ...inPerson,
      on: { ship: {} },
      invoke: { id: 'weigh', src: 'weigh', input: amountOf, onDone: 'SENT', onError: 'LOST' },
    },
    SENT: { type: 'final' },
    LOST: { type: 'final' },
  },
});

const versionOf = (
  machine: AnyStateMachine,
  version: number,
  retired: readonly Lifecycle[],
  migrations: readonly Migration[] = [],
): Lifecycle =>
  defineLifecycle({
    name: 'parcel',
    version,
    title: 'Parcel',
    machine,
    events: {
      pack: { from: ['buyer'], label: 'Pack' },
      ship: { from: ['buyer'], label: 'Ship' },
      check: { from: ['buyer'], label: 'Look through' },
    },
    retired,
    migrations,
  });

export const parcel = versionOf(first, 1, []);
/** Knows where RECEIVED and PACKED have gone, and keeps who is in charge. */
export const parcel2 = versionOf(
  second,
  2,
  [parcel],
  [
    {
      from: 1,
      to: 2,
      states: { RECEIVED: 'OPENED', PACKED: 'PACKED.unseen' },
      context: (before) => ({ ...before, charge: 'nobody' }),
    },
  ],
);
/** Does not say where anything has gone. */
export const parcel2Silent = versionOf(second, 2, [parcel]);
export const parcel3 = versionOf(third, 3, [parcel]);
/** What a context becomes cannot be stored. */
export const parcel2Faulty = versionOf(
  second,
  2,
  [parcel],
  [{ from: 1, to: 2, states: { RECEIVED: 'OPENED' }, context: () => ({ when: new Date() }) }],
);
