import { StateMachine, type AnyStateMachine } from 'xstate';
import { EngineFault, type Effect, type Json, type MachineEvent, type Step } from './driver.js';
import { advance, restore } from './interpret.js';
import { field, isGroup, nodesOf, pathOf } from './machine.js';

/** Moves a snapshot to a state. @throws EngineFault UNKNOWN_STATE */
export interface Forcing {
  (snapshot: Json, target: string, event: MachineEvent, options: { suppressEffects: boolean }): Step;
}

/**
 * Moves instances anywhere by transitions, not by writing a state: what is left is exited (its timers and jobs end) and
 * what is reached is entered (its timers and jobs begin). The machine for it is the same one, under the same ids, plus
 * one guarded transition to each state; snapshots go back and forth between the two.
 */
export function forcing(machine: AnyStateMachine): Forcing {
  const targets = new Map(
    nodesOf(machine)
      .filter((node) => node.type !== 'history' && node !== machine.root && !isGroup(node))
      .map((node) => [pathOf(node), `.${node.path.join('.')}`]),
  );
  let forceable: AnyStateMachine | undefined;
  return (snapshot, target, event, { suppressEffects }) => {
    if (!targets.has(target)) throw new EngineFault('UNKNOWN_STATE', `${machine.id} has no state ${target}`);
    forceable ??= withTransitionsTo(machine, targets);
    const step = advance(forceable, restore(forceable, reopened(snapshot)), { ...event, type: FORCE, to: target });
    return suppressEffects ? { ...step, effects: step.effects.filter(isQuiet) } : step;
  };
}

const FORCE = '$force';
const IS_TARGET = '$isTarget';

/** @param targets what people call each state, and where XState finds it */
function withTransitionsTo(machine: AnyStateMachine, targets: ReadonlyMap<string, string>): AnyStateMachine {
  const transitions = [...targets].map(([to, target]) => ({ guard: { type: IS_TARGET, params: { to } }, target }));
  const isTarget = ({ event }: { event: MachineEvent }, params: unknown) => event['to'] === field(params, 'to');
  return new StateMachine(
    { ...machine.config, options: machine.options, on: { ...machine.config.on, [FORCE]: transitions } },
    { ...machine.implementations, guards: { ...machine.implementations.guards, [IS_TARGET]: isTarget } },
  );
}

const isQuiet = ({ kind }: Effect): boolean => kind !== 'job' && kind !== 'command';

function reopened(snapshot: Json): Json {
  if (typeof snapshot !== 'object' || snapshot === null || Array.isArray(snapshot)) return snapshot;
  const { output: _, ...kept } = snapshot;
  return { ...kept, status: 'active' };
}
