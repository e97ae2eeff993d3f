import { jest } from '@jest/globals';
import { assign, createMachine, raise, setup } from 'xstate';
import { defineLifecycle, durable, rule } from '../../src/engine/authoring.js';
import { EngineFault, type Driver, type Json } from '../../src/engine/core/driver.js';
import type { EventRule } from '../../src/engine/core/lifecycle.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { DAY, order } from '../support/toy.js';

const input = { instanceId: 'wf_1', tenant: 'acme', at: 0, amount: 50, dueMs: DAY };
const event = (type: string, fields: object = {}) => ({ type, at: 0, caller: { id: 'usr_1', roles: [] }, facts: {}, ...fields });
const pay = event('pay', { facts: { stock: 1, open: [], blocked: false } });
const charged = event('xstate.done.actor.charge', { output: { paymentId: 'pay_1' } });

const anyone: EventRule = { from: ['anyone'], label: 'Go' };
const waits = { meta: { noDeadline: 'a test' } };
const end = { type: 'final' } as const;

/** Steps through events, storing and restoring in between as the engine does. */
async function after(driver: Driver, ...events: ReturnType<typeof event>[]) {
  let step = await driver.start(input);
  for (const next of events) step = await driver.step(stored(step.snapshot), next);
  return step;
}
const stored = (snapshot: Json): Json => JSON.parse(JSON.stringify(snapshot)) as Json;
const fault = (code: EngineFault['code']) => expect.objectContaining({ name: 'EngineFault', code });

describe('a step', () => {
  const driver = xstateDriver(order);

  it('starts with its timers armed', async () => {
    expect(await driver.start(input)).toMatchObject({
      state: 'PLACED',
      phase: 'waiting',
      status: 'active',
      tags: ['open'],
      effects: [
        { kind: 'timer', id: 'xstate.after.PAYMENT_DUE.order.PLACED', delayMs: DAY },
        { kind: 'timer', id: 'xstate.after.REMINDER.order.PLACED.waiting', delayMs: DAY },
      ],
    });
  });

  it('answers with the work to do, its input, and what would undo it', async () => {
    const { effects } = await after(driver, pay);
    expect(effects).toEqual([
      { kind: 'cancelTimer', id: 'xstate.after.REMINDER.order.PLACED.waiting' },
      { kind: 'cancelTimer', id: 'xstate.after.PAYMENT_DUE.order.PLACED' },
      { kind: 'job', id: 'charge', type: 'shop.charge', input: { orderId: 'wf_1', amount: 50 }, compensate: 'shop.refund' },
    ]);
  });

  it('cancels and arms the same timer in the order the machine meant', async () => {
    const { effects } = await after(driver, event('xstate.after.REMINDER.order.PLACED.waiting'));
    const id = 'xstate.after.REMINDER.order.PLACED.waiting';
    expect(effects.map(({ kind }) => kind)).toEqual(['cancelTimer', 'command', 'timer']);
    expect(effects.at(-1)).toMatchObject({ id, delayMs: DAY });
  });

  it('remembers where each region stood, across storage', async () => {
    const held = await after(driver, pay, charged, event('picked'), event('hold'));
    const resumed = await driver.step(stored(held.snapshot), event('resume'));
    expect(resumed).toMatchObject({ state: 'PACKING', phase: 'label.printing,goods.ready' });
    expect(resumed.effects).toContainEqual(expect.objectContaining({ kind: 'job', type: 'shop.label', ordered: true }));
  });

  it('ends with output and says so', async () => {
    const done = await after(driver, pay, charged, event('picked'), event('xstate.done.actor.label', { output: {} }), event('deliver'));
    expect(done).toMatchObject({ state: 'DELIVERED', status: 'done', output: { paymentId: 'pay_1' }, tags: ['won'] });
  });

  it('tells other modules what happened', async () => {
    const { effects } = await after(driver, pay, charged, event('picked'), event('xstate.done.actor.label', { output: {} }));
    expect(effects).toContainEqual({ kind: 'emit', event: { type: 'order.shipped', orderId: 'wf_1' } });
  });

  it('gives the same bytes for the same history', async () => {
    const events = [pay, charged, event('picked'), event('hold'), event('resume')];
    expect(JSON.stringify(await after(driver, ...events))).toBe(JSON.stringify(await after(driver, ...events)));
  });

  it('leaves an instance that is over as it is, whatever is sent', async () => {
    const over = await after(driver, event('cancel'));
    const again = await driver.step(over.snapshot, event('note', { text: 'too late' }));
    expect(again).toMatchObject({ handled: false, status: 'done', effects: [], snapshot: over.snapshot });
  });

  it('ignores events that XState itself would obey', async () => {
    const { snapshot } = await after(driver);
    for (const type of ['xstate.stop', 'xstate.init', 'xstate.error.actor.anything', 'xstate.done.actor.charge', '*', 'made.up'])
      expect(await driver.step(snapshot, event(type))).toMatchObject({ handled: false, snapshot });
  });

  it('asks XState nothing about event types it does not know, because XState would remember each of them', async () => {
    const { snapshot } = await after(driver);
    const asked = [jest.spyOn(order.machine, 'getTransitionData'), jest.spyOn(order.machine, 'transition')];
    await driver.step(snapshot, event('made.up'));
    driver.explain(snapshot, event('made.up'));
    for (const spy of asked) expect(spy).not.toHaveBeenCalled();
    asked.forEach((spy) => spy.mockRestore());
  });
});

describe('traps of the library, each of which would be an incident', () => {
  const build = (machine: Parameters<typeof defineLifecycle>[0]['machine'], ...types: string[]) =>
    xstateDriver(
      defineLifecycle({ name: 'trap', version: 1, title: 'Trap', machine, events: Object.fromEntries(types.map((type) => [type, anyone])) }),
    );

  it('takes the same transition whatever order the database gave the keys of parallel regions back in', async () => {
    const region = (target: string) => ({ initial: 'w', states: { w: { ...waits, on: { out: `#p.${target}` } } } });
    const driver = build(
      createMachine({
        id: 'p',
        initial: 'BOTH',
        states: { BOTH: { type: 'parallel', states: { z: region('FROM_Z'), a: region('FROM_A') } }, FROM_Z: end, FROM_A: end },
      }),
      'out',
    );
    const { snapshot, phase } = await driver.start({});
    expect(phase).toBe('z.w,a.w');
    const shuffled = { ...(stored(snapshot) as Record<string, Json>), value: { BOTH: { a: 'w', z: 'w' } } };
    expect((await driver.step(snapshot, event('out'))).state).toBe('FROM_Z');
    expect((await driver.step(shuffled, event('out'))).state).toBe('FROM_Z');
  });

  it.each([undefined, NaN, -5, Infinity, '500'])('never arms a timer with a delay of %s', async (delay) => {
    const machine = setup({ delays: { D: () => delay as number } }).createMachine({ id: 'd', initial: 'A', states: { A: { after: { D: 'B' } }, B: end } });
    await expect(build(machine).start({})).rejects.toEqual(fault('BAD_DELAY'));
  });

  it('throws what is thrown while starting', async () => {
    const context = ({ input: { list } }: { input: { list: string[] } }) => ({ first: list[0]?.length });
    const machine = createMachine({ id: 'i', context, initial: 'A', states: { A: { ...waits, on: { go: 'B' } }, B: end } } as never);
    await expect(build(machine, 'go').start({})).rejects.toEqual(fault('MACHINE_ERROR'));
  });

  it('throws what a guard throws, and what an assignment throws', async () => {
    const boom = () => {
      throw new TypeError('boom');
    };
    const machine = setup({ guards: { boom: rule(boom) } }).createMachine({
      id: 'g',
      initial: 'A',
      states: { A: { ...waits, on: { guard: { guard: 'boom', target: 'B' }, assign: { target: 'B', actions: assign({ x: boom }) } } }, B: end },
    });
    const driver = build(machine, 'guard', 'assign');
    const { snapshot } = await driver.start({});
    await expect(driver.step(snapshot, event('guard'))).rejects.toEqual(fault('MACHINE_ERROR'));
    await expect(driver.step(snapshot, event('assign'))).rejects.toEqual(fault('MACHINE_ERROR'));
  });

  it('stops a loop of raised events', async () => {
    const machine = createMachine({
      id: 'l',
      initial: 'A',
      states: {
        A: { ...waits, on: { go: { actions: raise({ type: 'ping' }) }, ping: { actions: raise({ type: 'ping' }) }, stop: 'B' } },
        B: end,
      },
    });
    const driver = build(machine, 'go', 'stop');
    await expect(driver.step((await driver.start({})).snapshot, event('go'))).rejects.toEqual(fault('MACHINE_ERROR'));
  });

  it('cancels the job of an invoke it restored', async () => {
    const driver = xstateDriver(order);
    const { effects } = await after(driver, pay, charged, event('hold'));
    expect(effects).toContainEqual({ kind: 'cancelJob', id: 'label' });
  });

  it('keeps instances apart when an assignment changes the context in place', async () => {
    const machine = setup({ types: { context: {} as { list: number[] } } }).createMachine({
      id: 'c',
      context: () => ({ list: [] }),
      initial: 'A',
      states: {
        A: {
          ...waits,
          on: {
            go: {
              actions: assign(({ context }) => {
                context.list.push(1);
                return {};
              }),
            },
            stop: 'B',
          },
        },
        B: end,
      },
    });
    const driver = build(machine, 'go', 'stop');
    const first = await driver.start({});
    await driver.step(stored(first.snapshot), event('go'));
    expect((await driver.start({})).snapshot).toMatchObject({ context: { list: [] } });
    expect(first.snapshot).toMatchObject({ context: { list: [] } });
  });

  it('keeps errors as data, with name, message and code', async () => {
    const machine = setup({ actors: { work: durable('work') }, types: { context: {} as { error: unknown } } }).createMachine({
      id: 'e',
      context: () => ({ error: null }),
      initial: 'A',
      states: {
        A: {
          ...waits,
          invoke: {
            id: 'work',
            src: 'work',
            input: {},
            onDone: 'B',
            onError: { target: 'B', actions: assign({ error: ({ event: { error } }) => error }) },
          },
        },
        B: end,
      },
    });
    const driver = build(machine);
    const error = Object.assign(new RangeError('too much'), { code: 'LIMIT', secret: 'not kept' });
    const step = await driver.step((await driver.start({})).snapshot, event('xstate.error.actor.work', { error }));
    expect(step.snapshot).toMatchObject({ context: { error: { name: 'RangeError', message: 'too much', code: 'LIMIT' } } });
    expect(JSON.stringify(step.snapshot)).not.toContain('not kept');
  });

  it.each([['a date', new Date(0)], ['a map', new Map()], ['NaN', NaN], ['a function', () => 1], ['a bigint', 5n]])('refuses to store %s', async (_, value) => {
    const machine = createMachine({ id: 'j', context: () => ({ value }), initial: 'A', states: { A: { ...waits, on: { go: 'B' } }, B: end } });
    await expect(build(machine, 'go').start({})).rejects.toEqual(fault('NOT_JSON'));
  });

  it('refuses an answer nothing handles instead of ending in an error state', async () => {
    const machine = setup({ actors: { work: durable('work') }, guards: { never: () => false } }).createMachine({
      id: 'u',
      initial: 'A',
      states: { A: { ...waits, invoke: { id: 'work', src: 'work', input: {}, onDone: 'B', onError: { guard: 'never', target: 'B' } } }, B: end },
    });
    const driver = build(machine);
    const { snapshot } = await driver.start({});
    await expect(driver.step(snapshot, event('xstate.error.actor.work', { error: {} }))).rejects.toEqual(fault('UNHANDLED_ACTOR_ERROR'));
  });

  it('refuses snapshots whose state means something else now', async () => {
    const before = createMachine({ id: 'v', initial: 'A', states: { A: { ...waits, on: { go: 'B' } }, B: { ...waits, on: { go: 'C' } }, C: end } });
    const inner = { initial: 'x', states: { x: { ...waits, on: { go: '#v.C' } } } };
    const now = build(createMachine({ id: 'v', initial: 'A', states: { A: { on: { go: 'C' }, ...inner }, C: end } } as never), 'go');
    const then = build(before, 'go');
    const first = await then.start({});
    const second = await then.step(first.snapshot, event('go'));
    await expect(now.step(first.snapshot, event('go'))).rejects.toEqual(fault('INCOMPATIBLE_SNAPSHOT'));
    await expect(now.step(second.snapshot, event('go'))).rejects.toEqual(fault('INCOMPATIBLE_SNAPSHOT'));
  });
});

describe('force', () => {
  const driver = xstateDriver(order);
  const force = event('admin.force');

  it('leaves and enters by the machine itself: timers end, timers and work begin (R000-22)', async () => {
    const { snapshot } = await after(driver);
    const { state, effects } = await driver.force(snapshot, 'PACKING', force, { suppressEffects: false });
    expect(state).toBe('PACKING');
    expect(effects.map(({ kind }) => kind)).toEqual(['cancelTimer', 'cancelTimer', 'timer', 'job']);
  });

  it('keeps timers but leaves out work when told so (R000-22)', async () => {
    const { snapshot } = await after(driver);
    const { effects } = await driver.force(snapshot, 'PACKING', force, { suppressEffects: true });
    expect(effects.map(({ kind }) => kind)).toEqual(['cancelTimer', 'cancelTimer', 'timer']);
  });

  it('reaches nested states and leaves a snapshot that goes on normally', async () => {
    const { snapshot } = await after(driver);
    const forced = await driver.force(snapshot, 'PACKING.goods.ready', force, { suppressEffects: false });
    expect(forced.phase).toBe('label.printing,goods.ready');
    const step = await driver.step(stored(forced.snapshot), event('xstate.done.actor.label', { output: {} }));
    expect(step).toMatchObject({ handled: true, state: 'SHIPPED' });
  });

  it('reopens an instance that is over', async () => {
    const over = await after(driver, event('cancel'));
    const reopened = await driver.force(over.snapshot, 'PLACED', force, { suppressEffects: false });
    expect(reopened).toMatchObject({ status: 'active', state: 'PLACED', output: undefined });
    expect(await driver.step(reopened.snapshot, pay)).toMatchObject({ handled: true, state: 'PAYING' });
  });

  it('enters the state it is in anew', async () => {
    const { snapshot } = await after(driver);
    const { effects } = await driver.force(snapshot, 'PLACED', force, { suppressEffects: false });
    expect(effects.map(({ kind }) => kind)).toEqual(['cancelTimer', 'cancelTimer', 'timer', 'timer']);
  });

  it('refuses a state that does not exist', async () => {
    const { snapshot } = await after(driver);
    await expect(driver.force(snapshot, 'NOWHERE', force, { suppressEffects: false })).rejects.toEqual(fault('UNKNOWN_STATE'));
  });

  it('cannot be sent as an event', async () => {
    const { snapshot } = await after(driver);
    expect(await driver.step(snapshot, event('$force', { to: 'DELIVERED' }))).toMatchObject({ handled: false });
  });
});
