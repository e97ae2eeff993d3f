/** Drives lifecycles written in XState. Nothing is ever started: each call restores, steps and lets go. */
import type { AnyMachineSnapshot } from 'xstate';
import { describe } from './describe.js';
import { EngineFault, type Driver, type Json, type Step } from './driver.js';
import { namedType } from './event.js';
import { explain, handledEvents } from './explain.js';
import { factsNeeded } from './facts.js';
import { forcing } from './force.js';
import { alive, keepAlive } from './alive.js';
import { advance, begin, restore } from './interpret.js';
import { brokenIn, newlyBroken, tellBroken, type Broken } from './invariants.js';
import { toJson } from './json.js';
import type { Lifecycle } from './lifecycle.js';
import { field } from './machine.js';
import { stateOf } from './place.js';
import { looksBehind } from './veil.js';

/** A machine has few state values; regions multiply them. Beyond this the memory starts anew. */
const MOST_VALUES = 1_000;

/** A driver for one version of a lifecycle; make it once and keep it. */
export function xstateDriver(lifecycle: Lifecycle): Driver {
  const { machine } = lifecycle;
  const force = forcing(machine);
  const revive = (stored: Json): AnyMachineSnapshot => {
    const snapshot = alive(machine, stored) ?? restore(machine, stored);
    keepAlive(machine, stored, snapshot);
    return snapshot;
  };
  const needed = remembered((stored, type) => factsNeeded(machine, revive(stored), type));
  const handled = remembered((stored) => handledEvents(lifecycle, revive(stored)));
  return {
    start: async (input, how) => {
      const step = begin(machine, input);
      return how?.isPast ? step : whole(step, brokenIn(lifecycle, step));
    },
    step: async (snapshot, event, how) => {
      const before = revive(snapshot);
      const step = advance(machine, before, event);
      if (how?.isPast) return step;
      return whole(
        step,
        newlyBroken(lifecycle, () => placed(machine, before, snapshot), step),
      );
    },
    explain: (snapshot, event, veil) => explain(lifecycle, revive(snapshot), event, veil),
    looksBehind: (snapshot, event, veil) => looksBehind(machine, veil, snapshot, event),
    factsNeeded: (snapshot, eventType) => [...needed(snapshot, namedType(eventType))],
    handledEvents: (snapshot) => [...handled(snapshot, '')],
    force: async (snapshot, target, event, options) => force(snapshot, target, event, options),
    broken: (at) => brokenIn(lifecycle, at),
    describe: () => describe(lifecycle),
  };
}

/** @throws EngineFault INVARIANT_BROKEN: what must not be is not written down */
function whole(step: Step, broken: readonly Broken[]): Step {
  if (broken.length === 0) return step;
  const names = broken.map((one) => toJson(one, one.name));
  throw new EngineFault('INVARIANT_BROKEN', `This would no longer be true: ${tellBroken(broken)}`, names);
}

const placed = (machine: Lifecycle['machine'], snapshot: AnyMachineSnapshot, stored: Json) => ({
  ...stateOf(machine, toJson(snapshot.value, 'value')),
  status: snapshot.status === 'active' ? ('active' as const) : ('done' as const),
  tags: [...snapshot.tags],
  snapshot: stored,
});

/** Remembers what depends on the state value, whether the machine still runs, and a name, and on nothing else. */
function remembered(
  ask: (stored: Json, name: string) => readonly string[],
): (stored: Json, name: string) => readonly string[] {
  const answers = new Map<string, readonly string[]>();
  return (stored, name) => {
    const key = `${name} ${String(field(stored, 'status'))} ${JSON.stringify(field(stored, 'value'))}`;
    const known = answers.get(key);
    if (known) return known;
    const answer = ask(stored, name);
    if (answers.size >= MOST_VALUES) answers.clear();
    answers.set(key, answer);
    return answer;
  };
}
