/**
 * What a program takes from its surroundings without asking: time, chance, waiting. Inside a task of the simulation all of it comes
 * from the seed; outside, for the tools of the simulation itself, everything is as always.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from './random.js';

/** Something that runs within a simulated process: a request, a turn of a worker. */
export interface Task {
  readonly name: string;
  /** The process it runs in; what is left of a process that died is never heard of again. */
  readonly home: { readonly name: string; isAlive: boolean };
  isOver: boolean;
  /** When it began, by the database's own clock, milliseconds. */
  readonly since: number;
}

/** A pause that somebody in a task has asked for. */
export interface Pause {
  readonly task: Task;
  readonly ms: number;
  /** Ends it. */
  over: () => void;
}

export const within = new AsyncLocalStorage<Task>();

/** Waiting as it is outside of the simulation. */
export const outside = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
};

/** The surroundings of one run. */
export interface Surroundings {
  random: Random;
  /** Milliseconds since 1970, as the machine's clock tells. */
  now: () => number;
  pauses: Pause[];
  /** Told of everything that happens, so that one can see when nothing happens any more. */
  onActivity: () => void;
}

let current: Surroundings | undefined;

/** Puts tasks into these surroundings from now on. */
export function surround(surroundings: Surroundings): void {
  current = surroundings;
}

/** Takes nature over, once for the whole process. */
export function takeOver(): void {
  const { random, getRandomValues } = { random: Math.random, getRandomValues: crypto.getRandomValues.bind(crypto) };
  const { now } = Date;
  const mine = (): Surroundings | undefined => (within.getStore() ? current : undefined);
  Math.random = () => mine()?.random.next() ?? random();
  Date.now = () => mine()?.now() ?? now();
  performance.now = (
    (real) => () =>
      mine()?.now() ?? real()
  )(performance.now.bind(performance));
  crypto.getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    const surroundings = mine();
    if (!surroundings || !(array instanceof Uint8Array)) return getRandomValues(array as never);
    for (let at = 0; at < array.length; at++) array[at] = surroundings.random.below(256);
    return array;
  };
  const simulated = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): unknown => {
    const task = within.getStore();
    const surroundings = current;
    if (!task || !surroundings) return outside.setTimeout(run, ms, ...args);
    const pause: Pause = { task, ms, over: () => within.run(task, () => run(...args)) };
    surroundings.pauses.push(pause);
    surroundings.onActivity();
    return Object.assign(pause, { ref: () => pause, unref: () => pause, hasRef: () => true });
  };
  globalThis.setTimeout = Object.assign(simulated, {
    __promisify__: outside.setTimeout.__promisify__,
  }) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((timer: Pause | NodeJS.Timeout | undefined) => {
    const at = current?.pauses.indexOf(timer as Pause) ?? -1;
    if (at >= 0) current?.pauses.splice(at, 1);
    else outside.clearTimeout(timer as NodeJS.Timeout);
  }) as typeof clearTimeout;
}
