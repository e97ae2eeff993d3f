/** Is there a branch that can never be taken, or an invariant that says nothing? */
import type { LifecycleSpec } from '../lifecycle.js';
import { canonicalText } from '../json.js';
import { nodesOf, readGuard, type Guard, type Node } from '../machine.js';
import { problem, type Problem } from './problem.js';

/** never-taken, invariant-twice, invariant-without-words */
export const checkConditions = (spec: LifecycleSpec): Problem[] => [
  ...nodesOf(spec.machine).flatMap(checkBranches),
  ...checkInvariants(spec),
];

/** A branch that asks for all that an earlier one asks for, and more: whenever it would be taken, the earlier one is. */
function checkBranches(node: Node): Problem[] {
  const lists = [...node.transitions, ...(node.always ? [['always', node.always] as const] : [])];
  return lists.flatMap(([event, transitions]) => {
    const asked = transitions.map(({ guard }) =>
      guard === undefined ? null : new Set(conjuncts(readGuard(node.machine, guard))),
    );
    return asked.flatMap((later, index) => {
      const earlier = asked
        .slice(0, index)
        .findIndex((set) => set && later && [...set].every((text) => later.has(text)));
      if (earlier < 0) return [];
      const message = `${event}: branch ${index + 1} asks for all that branch ${earlier + 1} asks for, and is never taken`;
      return [problem('never-taken', node, message)];
    });
  });
}

const conjuncts = (guard: Guard): string[] =>
  guard.op === 'and' ? guard.children.flatMap(conjuncts) : [textOf(guard)];

function textOf(guard: Guard): string {
  if (guard.op === 'stateIn') return canonicalText(['in', guard.value]);
  if (guard.op !== 'leaf') return canonicalText([guard.op, guard.children.map(textOf)]);
  return canonicalText([
    guard.name ?? '',
    typeof guard.params === 'function' ? identityOf(guard.params) : (guard.params ?? null),
  ]);
}

// Parameters that are computed are the same only when they are computed by the same function.
const identities = new WeakMap<object, number>();
let next = 0;
function identityOf(made: object): number {
  const known = identities.get(made) ?? ++next;
  identities.set(made, known);
  return known;
}

function checkInvariants({ machine, invariants = [] }: LifecycleSpec): Problem[] {
  const names = invariants.map(({ name }) => name);
  return [
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => problem('invariant-twice', machine.root, `${name} stands for two things`)),
    ...invariants
      .filter(({ name, says }) => name.trim() === '' || says.trim() === '')
      .map(({ name }) =>
        problem('invariant-without-words', machine.root, `${name || 'one'} does not say what it holds`),
      ),
  ];
}
