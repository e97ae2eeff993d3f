/** Drives lifecycles written in XState. Nothing is ever started: each call restores, steps and lets go. */
import { describe } from './describe.js';
import type { Driver } from './driver.js';
import { explain, handledEvents } from './explain.js';
import { factsNeeded } from './facts.js';
import { forcing } from './force.js';
import { advance, begin, restore } from './interpret.js';
import type { Lifecycle } from './lifecycle.js';

/** A driver for one version of a lifecycle; make it once and keep it. */
export function xstateDriver(lifecycle: Lifecycle): Driver {
  const { machine } = lifecycle;
  const force = forcing(machine);
  return {
    start: async (input) => begin(machine, input),
    step: async (snapshot, event) => advance(machine, snapshot, event),
    explain: (snapshot, event) => explain(lifecycle, restore(machine, snapshot), event),
    factsNeeded: (snapshot, eventType) => factsNeeded(machine, restore(machine, snapshot), eventType),
    handledEvents: (snapshot) => handledEvents(lifecycle, restore(machine, snapshot)),
    force: async (snapshot, target, event, options) => force(snapshot, target, event, options),
    describe: () => describe(lifecycle),
  };
}
