import { assign, createMachine, raise, setup } from 'xstate';
import { defineLifecycle, durable, rule } from '../../src/engine/authoring.js';
import type { Json } from '../../src/engine/core/driver.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { after, charged, event, fault, pay, stored } from '../support/steps.js';
import { order } from '../support/toy.js';

const anyone = { from: ['anyone'], label: 'Go' };
const waits = { meta: { noDeadline: 'a test' } };
const end = { type: 'final' } as const;

describe('traps of the library, each of which would be an incident', () => {
  const build = (machine: Parameters<typeof defineLifecycle>[0]['machine'], ...types: string[]) =>
    xstateDriver(
      defineLifecycle({
        name: 'trap',
        version: 1,
        title: 'Trap',
        machine,
        events: Object.fromEntries(types.map((type) => [type, anyone])),
      }),
    );

  it('takes the same transition whatever order the database gave the keys of parallel regions back in', async () => {
    const region = (target: string) => ({ initial: 'w', states: { w: { ...waits, on: { out: `#p.${target}` } } } });
    const driver = build(
      createMachine({
        id: 'p',
        initial: 'BOTH',
        states: {
          BOTH: { type: 'parallel', states: { z: region('FROM_Z'), a: region('FROM_A') } },
          FROM_Z: end,
          FROM_A: end,
        },
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
    const machine = setup({ delays: { D: () => delay as number } }).createMachine({
      id: 'd',
      initial: 'A',
      states: { A: { after: { D: 'B' } }, B: end },
    });
    await expect(build(machine).start({})).rejects.toEqual(fault('BAD_DELAY'));
  });

  it('throws what is thrown while starting', async () => {
    const context = ({ input: { list } }: { input: { list: string[] } }) => ({ first: list[0]?.length });
    const machine = createMachine({
      id: 'i',
      context,
      initial: 'A',
      states: { A: { ...waits, on: { go: 'B' } }, B: end },
    } as never);
    await expect(build(machine, 'go').start({})).rejects.toEqual(fault('MACHINE_ERROR'));
  });

  it('throws what a guard throws, and what an assignment throws', async () => {
    const boom = () => {
      throw new TypeError('boom');
    };
    const machine = setup({ guards: { boom: rule(boom) } }).createMachine({
      id: 'g',
      initial: 'A',
      states: {
        A: {
          ...waits,
          on: { guard: { guard: 'boom', target: 'B' }, assign: { target: 'B', actions: assign({ x: boom }) } },
        },
        B: end,
      },
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
        A: {
          ...waits,
          on: { go: { actions: raise({ type: 'ping' }) }, ping: { actions: raise({ type: 'ping' }) }, stop: 'B' },
        },
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
    const machine = setup({
      actors: { work: durable('work') },
      types: { context: {} as { error: unknown } },
    }).createMachine({
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
    expect(step.snapshot).toMatchObject({
      context: { error: { name: 'RangeError', message: 'too much', code: 'LIMIT' } },
    });
    expect(JSON.stringify(step.snapshot)).not.toContain('not kept');
  });

  it.each([
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['NaN', NaN],
    ['a function', () => 1],
    ['a bigint', 5n],
  ])('refuses to store %s', async (_, value) => {
    const machine = createMachine({
      id: 'j',
      context: () => ({ value }),
      initial: 'A',
      states: { A: { ...waits, on: { go: 'B' } }, B: end },
    });
    await expect(build(machine, 'go').start({})).rejects.toEqual(fault('NOT_JSON'));
  });

  it('refuses an answer nothing handles instead of ending in an error state', async () => {
    const machine = setup({ actors: { work: durable('work') }, guards: { never: () => false } }).createMachine({
      id: 'u',
      initial: 'A',
      states: {
        A: {
          ...waits,
          invoke: { id: 'work', src: 'work', input: {}, onDone: 'B', onError: { guard: 'never', target: 'B' } },
        },
        B: end,
      },
    });
    const driver = build(machine);
    const { snapshot } = await driver.start({});
    await expect(driver.step(snapshot, event('xstate.error.actor.work', { error: {} }))).rejects.toEqual(
      fault('UNHANDLED_ACTOR_ERROR'),
    );
  });

  it('refuses snapshots whose state means something else now', async () => {
    const before = createMachine({
      id: 'v',
      initial: 'A',
      states: { A: { ...waits, on: { go: 'B' } }, B: { ...waits, on: { go: 'C' } }, C: end },
    });
    const inner = { initial: 'x', states: { x: { ...waits, on: { go: '#v.C' } } } };
    const now = build(
      createMachine({ id: 'v', initial: 'A', states: { A: { on: { go: 'C' }, ...inner }, C: end } } as never),
      'go',
    );
    const then = build(before, 'go');
    const first = await then.start({});
    const second = await then.step(first.snapshot, event('go'));
    await expect(now.step(first.snapshot, event('go'))).rejects.toEqual(fault('INCOMPATIBLE_SNAPSHOT'));
    await expect(now.step(second.snapshot, event('go'))).rejects.toEqual(fault('INCOMPATIBLE_SNAPSHOT'));
  });
});
