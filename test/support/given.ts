/** One sentence about a lifecycle, without engine or database: given a state, when this happens, then that follows. */
import { delayOf } from '../../src/engine/core/describe.js';
import type { Effect, Json, MachineEvent, Step, Verdict } from '../../src/engine/core/driver.js';
import { doneEvent, errorEvent } from '../../src/engine/core/event.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { AFTER } from '../../src/engine/core/machine.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';

/** An event from outside, a deadline by its name, or the answer to an invoke by its id. */
export type Happening =
  | { type: string; [field: string]: unknown }
  | { timer: string; facts?: object }
  | { done: string; output?: unknown; facts?: object }
  | { failed: string; error?: unknown; facts?: object };

export interface Outcome {
  state: string;
  phase?: string | null;
  status?: 'active' | 'done';
  tags?: string[];
  /** Types of the jobs and commands, in order. */
  effects?: string[];
  /** Names of the deadlines that are armed afterwards, in any order. */
  timers?: string[];
  /** Fields the context has afterwards. */
  context?: object;
}

/**
 * An instance in a state (its start when left out). `context` is the input it starts with; what is a field of the
 * lifecycle's context is put there as well.
 */
export const given = (lifecycle: Lifecycle, state?: string, context: Record<string, Json> = {}) => ({
  when: (happening: Happening) => ({
    then: async (expected: Outcome): Promise<void> => {
      const { armed, step } = await happen(lifecycle, state, context, happening);
      const { effects, timers, context: fields, ...rest } = expected;
      expect(step).toMatchObject({ ...rest, handled: true });
      if (effects) expect(step.effects.flatMap(typeOf)).toEqual(effects);
      if (timers) expect([...after(armed, step).keys()].map(nameOf).sort()).toEqual([...timers].sort());
      if (fields) expect(contextOf(step.snapshot)).toMatchObject(fields);
    },

    /** Refused by this guard with this reason, or with this verdict, and nothing has changed. */
    thenRefused: async (why: { guard: string; code: string; data?: unknown } | { verdict: Verdict }): Promise<void> => {
      const { driver, before, event, step } = await happen(lifecycle, state, context, happening);
      expect(step).toMatchObject({ handled: false, effects: [], snapshot: before });
      const explanation = driver.explain(before, event);
      if ('verdict' in why) expect(explanation.verdict).toBe(why.verdict);
      else {
        const { guard, ...reason } = why;
        expect(explanation.failing).toContainEqual(
          expect.objectContaining({ name: guard, reason: expect.objectContaining(reason) }),
        );
      }
    },
  }),
});

/** Business time in these tests: a Monday noon. */
export const NOON = Date.UTC(2026, 0, 5, 12);

const SOMEBODY = { id: 'usr_1', roles: [] };

async function happen(
  lifecycle: Lifecycle,
  state: string | undefined,
  context: Record<string, Json>,
  happening: Happening,
) {
  const driver = xstateDriver(lifecycle);
  const started = await driver.start({ instanceId: 'wf_1', tenant: 'acme', at: NOON, ...context });
  let armed = after(new Map(), started);
  let before = withContext(started.snapshot, context);
  if (state !== undefined) {
    const entered = await driver.force(
      before,
      state,
      { type: 'given', at: NOON, caller: SOMEBODY, facts: {} },
      { suppressEffects: true },
    );
    armed = after(armed, entered);
    before = withContext(entered.snapshot, context);
  }
  const event = toEvent(happening, armed);
  return { driver, armed, before, event, step: await driver.step(deepFrozen(before), event) };
}

function toEvent(happening: Happening, armed: ReadonlyMap<string, string>): MachineEvent {
  const stamp = { at: NOON, caller: SOMEBODY, facts: {} };
  if ('type' in happening) return { ...stamp, ...happening };
  if ('timer' in happening) {
    const { timer, ...fields } = happening;
    const [, type] = [...armed].find(([id]) => nameOf(id) === timer) ?? [];
    if (type === undefined)
      throw new Error(`${timer} is not armed; armed are: ${[...armed.keys()].map(nameOf).join(', ')}`);
    return { ...stamp, ...fields, type };
  }
  if ('done' in happening) {
    const { done, ...fields } = happening;
    return { ...stamp, output: {}, ...fields, type: doneEvent(done) };
  }
  const { failed, ...fields } = happening;
  return { ...stamp, error: { name: 'Error', message: 'refused' }, ...fields, type: errorEvent(failed) };
}

/** Armed timers, id -> event type, after a step. */
function after(armed: ReadonlyMap<string, string>, { effects, status }: Step): Map<string, string> {
  const left = new Map(armed);
  for (const effect of effects) {
    if (effect.kind === 'timer') left.set(effect.id, effect.event.type);
    if (effect.kind === 'cancelTimer') left.delete(effect.id);
  }
  return status === 'active' ? left : new Map();
}

const nameOf = (timerId: string): string => (timerId.startsWith(AFTER) ? delayOf(timerId) : timerId);

const typeOf = (effect: Effect): string[] => (effect.kind === 'job' || effect.kind === 'command' ? [effect.type] : []);

type Fields = Record<string, Json>;
const contextOf = (snapshot: Json): Fields => (snapshot as { context: Fields }).context;

function withContext(snapshot: Json, fields: Fields): Json {
  const context = contextOf(snapshot);
  const known = Object.entries(fields).filter(([key]) => key in context);
  return { ...(snapshot as Fields), context: { ...context, ...Object.fromEntries(known) } };
}

// A machine that changes its context in place would change the past with it.
function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFrozen);
  return value;
}
