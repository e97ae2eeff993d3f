/** Restored snapshots by what is stored of them: one that is asked several questions, or was just stepped into, is not restored again. */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { Json } from './driver.js';

const known = new WeakMap<object, { machine: AnyStateMachine; snapshot: AnyMachineSnapshot }>();

/** Remembers what a restore of `stored` would bring back, for as long as `stored` itself is remembered. */
export function keepAlive(machine: AnyStateMachine, stored: Json, snapshot: AnyMachineSnapshot): void {
  if (typeof stored === 'object' && stored !== null) known.set(stored, { machine, snapshot });
}

/** The snapshot that was remembered for this very object, on this machine. */
export function alive(machine: AnyStateMachine, stored: Json): AnyMachineSnapshot | undefined {
  const found = typeof stored === 'object' && stored !== null ? known.get(stored) : undefined;
  return found?.machine === machine ? found.snapshot : undefined;
}
