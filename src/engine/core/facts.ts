import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { arrowsOf, descent, factsOf, lineage, type Arrow, type Node } from './machine.js';

/**
 * Names of the facts that guards deciding on this event would read: of the transitions it may take, and of the eventless
 * ones that may follow at once. Guards after a raised or done event see no facts, so theirs are not counted.
 */
export function factsNeeded(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, eventType: string): string[] {
  const needed = new Set<string>();
  const seen = new Set<Arrow['id']>();
  const follow = (arrow: Arrow) => {
    if (seen.has(arrow.id)) return;
    seen.add(arrow.id);
    factsOf(machine, arrow.transition.guard).forEach((fact) => needed.add(fact));
    // Facts travel with the event through eventless transitions of whatever it enters.
    const entered = (arrow.transition.target ?? []).flatMap((target) => [...lineage(target), ...descent(target)]);
    entered.flatMap(eventless).forEach(follow);
  };
  const active = snapshot._nodes;
  active.flatMap((node) => arrowsOf(node).filter(({ event }) => event === eventType)).forEach(follow);
  // Any step can also open an eventless transition of a state it stays in.
  if (seen.size > 0) active.flatMap(eventless).forEach(follow);
  return [...needed];
}

const eventless = (node: Node): Arrow[] => arrowsOf(node).filter(({ kind }) => kind === 'always');
