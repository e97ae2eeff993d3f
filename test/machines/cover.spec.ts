import { assign, setup } from 'xstate';
import { defineLifecycle } from '../../src/engine/authoring.js';
import { cover, refusals } from '../../src/engine/core/cover.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { ORDER } from '../support/steps.js';
import { order } from '../support/toy.js';

const payable = { stock: 1, open: [], blocked: false };
const exploration = {
  input: ORDER,
  cases: {
    pay: [{ facts: payable }, { facts: { ...payable, stock: 0 } }],
    note: [{ text: 'n' }],
    'xstate.done.actor.charge': [{ output: { paymentId: 'pay_1' } }],
  },
  facets: (context: unknown) => (context as { notes: string[] }).notes.length,
};

describe('the cover', () => {
  const { transitions, uncovered, paths } = cover(order, exploration);

  it('takes every transition of the definition at least once', () => {
    expect(uncovered).toEqual([]);
    expect(new Set(paths.flatMap(({ steps }) => steps).flatMap(({ transitionIds }) => transitionIds)).size).toBe(
      transitions,
    );
  });

  it('says what an outside observer must find after each step', () => {
    expect(paths[0]?.start).toMatchObject({
      state: 'PLACED',
      phase: 'waiting',
      status: 'active',
      tags: ['open'],
      timers: ['xstate.after.PAYMENT_DUE.order.PLACED', 'xstate.after.REMINDER.order.PLACED.waiting'],
      jobs: [],
    });
    expect(paths[0]?.steps[0]).toMatchObject({ event: { type: 'pay' }, state: 'PAYING', timers: [], jobs: ['charge'] });
  });

  it('walks where a driver that stores and restores at each step walks too', async () => {
    const driver = xstateDriver(order);
    for (const { steps } of paths) {
      let { snapshot } = await driver.start(exploration.input);
      for (const { event, state, phase, tags } of steps) {
        const step = await driver.step(JSON.parse(JSON.stringify(snapshot)), event);
        expect(step).toMatchObject({ handled: true, state, phase, tags });
        snapshot = step.snapshot;
      }
    }
  });

  it('names the transitions that the cases never lead to', () => {
    const { uncovered: missed } = cover(order, {
      ...exploration,
      cases: { ...exploration.cases, pay: [{ facts: { ...payable, stock: 0 } }] },
    });
    expect(missed).toContain('PLACED|pay|0');
  });

  it('notices facets that leave out something that decides', () => {
    const door = defineLifecycle({
      name: 'door',
      version: 1,
      title: 'Door',
      machine: setup({
        types: { context: {} as { locked: boolean }, events: {} as { type: 'lock' | 'push' } },
        guards: { isLocked: ({ context }) => context.locked },
      }).createMachine({
        id: 'door',
        context: () => ({ locked: false }),
        initial: 'SHUT',
        states: {
          SHUT: {
            meta: { noDeadline: 'doors have time' },
            on: {
              lock: { actions: assign({ locked: true }) },
              push: [{ guard: 'isLocked', target: 'BROKEN' }, { target: 'OPEN' }],
            },
          },
          OPEN: { type: 'final' },
          BROKEN: { type: 'final' },
        },
      }),
      events: { lock: { from: ['anyone'], label: 'Lock' }, push: { from: ['anyone'], label: 'Push' } },
    });
    expect(() => cover(door, { input: {}, cases: {}, facets: () => null })).toThrow(/facets leave out/);
    expect(cover(door, { input: {}, cases: {} }).uncovered).toEqual([]);
  });

  it('refuses to explore without end', () => {
    const clicker = defineLifecycle({
      name: 'clicker',
      version: 1,
      title: 'Clicker',
      machine: setup({
        types: { context: {} as { clicks: number }, events: {} as { type: 'click' | 'stop' } },
      }).createMachine({
        id: 'clicker',
        context: () => ({ clicks: 0 }),
        initial: 'ON',
        states: {
          ON: {
            meta: { noDeadline: 'it may go on for ever' },
            on: {
              click: { target: 'ON', actions: assign({ clicks: ({ context }) => context.clicks + 1 }) },
              stop: 'OFF',
            },
          },
          OFF: { type: 'final' },
        },
      }),
      events: { click: { from: ['anyone'], label: 'Click' }, stop: { from: ['anyone'], label: 'Stop' } },
    });
    expect(() => cover(clicker, { input: {}, cases: {} })).toThrow(/give facets/);
    expect(cover(clicker, { input: {}, cases: {}, facets: () => null })).toMatchObject({
      transitions: 2,
      uncovered: [],
    });
  });
});

describe('the refusals', () => {
  it('name, for every situation, each external event that must change nothing there', () => {
    const all = refusals(order, exploration);
    const atStart = all.find(({ path }) => path.steps.length === 0);
    expect(atStart?.refused.map(({ type }) => type)).toEqual(['pay', 'picked', 'hold', 'resume', 'deliver']);
    const over = all.find(({ path }) => path.steps.at(-1)?.state === 'CANCELLED');
    expect(over?.refused.map(({ type }) => type)).toEqual(expect.arrayContaining(Object.keys(order.events)));
  });
});
