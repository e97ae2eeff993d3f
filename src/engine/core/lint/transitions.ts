/** Does every transition mean what its author thinks it means? */
import type { LifecycleSpec } from '../lifecycle.js';
import {
  allArrows,
  arrowsOf,
  descent,
  DONE_STATE,
  factsOf,
  isReserved,
  leavesOf,
  lineage,
  nodesOf,
  readGuard,
  subtree,
  type Arrow,
  type Node,
} from '../machine.js';
import { raisedEvents } from './actions.js';
import { problem, type Problem } from './problem.js';

/** shadowed-transition, wildcard, reserved-event, missing-guard, inline-guard, infinite-always, no-facts */
export const checkTransitions = (spec: LifecycleSpec): Problem[] => [
  ...nodesOf(spec.machine).flatMap((node) => [...checkEvents(node), ...checkGuards(node), ...checkLoop(node)]),
  ...checkFacts(spec),
];

function checkEvents(node: Node): Problem[] {
  const lists = [...node.transitions, ...(node.always ? [['always', node.always] as const] : [])];
  const shadowed = lists.flatMap(([event, transitions]) => {
    const first = transitions.findIndex(({ guard }) => guard === undefined);
    if (first < 0 || first === transitions.length - 1) return [];
    return [problem('shadowed-transition', node, `${event}: nothing after branch ${first + 1} is ever tried`)];
  });
  const written = Object.keys(node.config.on ?? {});
  return [
    ...shadowed,
    ...written
      .filter((event) => event.includes('*'))
      .map((event) => problem('wildcard', node, `${event} also answers to timers and results of effects`)),
    ...written
      .filter(isReserved)
      .map((event) => problem('reserved-event', node, `${event} is sent by the engine only`)),
  ];
}

const checkGuards = (node: Node): Problem[] =>
  arrowsOf(node).flatMap(({ event, transition: { guard } }) =>
    guard === undefined
      ? []
      : leavesOf(readGuard(node.machine, guard)).flatMap(({ name, predicate }) => {
          if (!predicate) return [problem('missing-guard', node, `${event}: ${name ?? 'guard'} is not implemented`)];
          return name === undefined
            ? [problem('inline-guard', node, `${event}: a guard without a name cannot be explained`)]
            : [];
        }),
  );

function checkLoop(node: Node): Problem[] {
  const seen = new Set<Node>();
  const follow = (at: Node): boolean => {
    const leaving = at.always?.find(({ guard }) => guard === undefined);
    if (!leaving) return false;
    const entered = leaving.target?.flatMap(descent) ?? [node];
    return entered.some((next) => next === node || (!seen.has(next) && Boolean(seen.add(next)) && follow(next)));
  };
  return follow(node) ? [problem('infinite-always', node, 'eventless transitions lead back here without end')] : [];
}

/** Guards that read facts must be able to see an event that carries them; raised, done-state and start events do not. */
function checkFacts({ machine, events }: LifecycleSpec): Problem[] {
  const raised = raisedEvents(machine, 'at once');
  const carriesFacts = ({ event, kind }: Arrow): boolean =>
    kind !== 'always' && !event.startsWith(DONE_STATE) && (event in events || !raised.has(event));
  const informed = informedStates(allArrows(machine).filter(carriesFacts));
  return allArrows(machine).flatMap((arrow) => {
    const facts = factsOf(machine, arrow.transition.guard);
    if (facts.length === 0 || carriesFacts(arrow) || (arrow.kind === 'always' && informed.has(arrow.source))) return [];
    return [
      problem(
        'no-facts',
        arrow.source,
        `${arrow.event}: ${facts.join(', ')} can never be known here; assign it when it is`,
      ),
    ];
  });
}

/** States that can be active, entered or left open while an event with facts is decided. */
function informedStates(arrows: readonly Arrow[]): ReadonlySet<Node> {
  const informed = new Set<Node>();
  const inform = (node: Node) => {
    if (informed.has(node)) return;
    informed.add(node);
    for (const { target } of node.always ?? [])
      target?.flatMap((next) => [...lineage(next), ...descent(next)]).forEach(inform);
  };
  for (const { source, transition } of arrows) {
    const outermost = lineage(source).findLast(({ type }) => type === 'parallel') ?? source;
    [...subtree(outermost), ...lineage(source)].forEach(inform);
    transition.target?.flatMap((next) => [...lineage(next), ...descent(next)]).forEach(inform);
  }
  return informed;
}
