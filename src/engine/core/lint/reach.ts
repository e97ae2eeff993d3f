/** Can every state be reached, left and finished, and does nobody wait for ever? Guards are taken as sometimes true. */
import type { AnyStateMachine } from 'xstate';
import {
  arrowsOf,
  descent,
  DONE_STATE,
  field,
  lineage,
  nodesOf,
  readAction,
  subtree,
  type Arrow,
  type Node,
} from '../machine.js';
import { problem, type Problem } from './problem.js';

/** unreachable-state, dead-end, no-path-to-final, no-timeout, timeout-stays */
export function checkReach(machine: AnyStateMachine): Problem[] {
  const reached = reachable(machine);
  const unreachable = nodesOf(machine)
    .filter((node) => !reached.has(node))
    .map((node) => problem('unreachable-state', node, 'no transition leads here'));
  const leaves = nodesOf(machine).filter(({ type }) => type === 'atomic' || type === 'final');
  const waiting = leaves.filter((leaf) => reached.has(leaf) && leaf.type === 'atomic').flatMap(checkDeadline);
  return [...unreachable, ...checkEnds(machine, leaves), ...waiting];
}

function reachable(machine: AnyStateMachine): ReadonlySet<Node> {
  const reached = new Set<Node>();
  const reach = (node: Node) => {
    if (reached.has(node)) return;
    reached.add(node);
    arrowsOf(node).flatMap(targetsOf).flatMap(entering).forEach(reach);
  };
  descent(machine.root).forEach(reach);
  return reached;
}

/** A target with its descent, its ancestors, and the other regions of the parallel ones among them. */
const entering = (target: Node): Node[] => [
  target,
  ...descent(target),
  ...lineage(target)
    .slice(1)
    .flatMap((ancestor) => (ancestor.type === 'parallel' ? descent(ancestor) : [ancestor])),
];

function checkEnds(machine: AnyStateMachine, leaves: readonly Node[]): Problem[] {
  const ends = new Set(leaves.filter(isEnd));
  const next = new Map(leaves.map((leaf) => [leaf, new Set(waysOut(leaf).flatMap(targetsOf).flatMap(entering))]));
  const finishing = new Set(ends);
  for (let size = -1; size !== finishing.size;) {
    size = finishing.size;
    for (const leaf of leaves) if ([...finishing].some((node) => next.get(leaf)?.has(node))) finishing.add(leaf);
  }
  return leaves.flatMap((leaf) => {
    if (ends.has(leaf)) return [];
    if (![...(next.get(leaf) ?? [])].some((node) => node !== leaf && !lineage(leaf).includes(node)))
      return [problem('dead-end', leaf, 'no way out, and not a final state of the machine')];
    if (ends.size > 0 && !finishing.has(leaf))
      return [problem('no-path-to-final', leaf, `no final state of ${machine.id} can follow`)];
    return [];
  });
}

/** A final leaf that ends the machine, alone or together with the other regions of a parallel root. */
const isEnd = ({ type, parent, machine: { root } }: Node): boolean =>
  type === 'final' && (parent === root || (root.type === 'parallel' && parent?.parent === root));

/** Transitions that can take an instance out of a leaf: its own, its ancestors', and those that leave a parallel it is in. */
function waysOut(leaf: Node): Arrow[] {
  const own = lineage(leaf)
    .flatMap(arrowsOf)
    .filter(({ event }) => leaf.type === 'final' || !event.startsWith(DONE_STATE));
  const sideways = lineage(leaf)
    .filter(({ type }) => type === 'parallel')
    .flatMap((parallel) => {
      const inside = subtree(parallel);
      return inside.flatMap(arrowsOf).filter((arrow) => targetsOf(arrow).some((target) => !inside.includes(target)));
    });
  return [...own, ...sideways];
}

function checkDeadline(leaf: Node): Problem[] {
  const line = lineage(leaf);
  if (line.some(hasReason) || leaf.always?.some(({ guard }) => guard === undefined)) return [];
  const deadlines = line.flatMap(arrowsOf).filter(({ kind }) => kind === 'timer');
  if (deadlines.length === 0)
    return line.some(raisesLater)
      ? []
      : [problem('no-timeout', leaf, 'waits without a deadline: add `after`, or say why not in meta.noDeadline')];
  if (deadlines.every((arrow) => targetsOf(arrow).length === 0))
    return [
      problem(
        'timeout-stays',
        leaf,
        'the deadline fires once and leaves the state waiting for ever: target another state, or itself with reenter',
      ),
    ];
  return [];
}

function hasReason({ meta }: Node): boolean {
  const reason = field(meta, 'noDeadline');
  return typeof reason === 'string' && reason.trim() !== '';
}

const raisesLater = (node: Node): boolean =>
  node.entry.some((written) => {
    const action = readAction(node.machine, written);
    return action.kind === 'builtin' && action.type === 'xstate.raise' && field(action.action, 'delay') !== undefined;
  });

const targetsOf = ({ transition }: Arrow): readonly Node[] => transition.target ?? [];
