import type { MachineEvent } from './driver.js';
import { explore, walk, type Edge, type Expectation, type Exploration, type Path, type Situation } from './explore.js';
import type { Lifecycle } from './lifecycle.js';
import { allArrows, isInert } from './machine.js';

/** The paths of a cover, and what they leave out. */
export interface Cover {
  /** How many transitions the definition has. */
  transitions: number;
  /** Ids of those that no path takes: nothing in the cases leads to them. */
  uncovered: string[];
  paths: Path[];
}

/** Few paths that together take every transition of the definition; a shortest-path search takes about two thirds. */
export function cover(lifecycle: Lifecycle, exploration: Exploration): Cover {
  const goals = allArrows(lifecycle.machine).flatMap(({ id, transition }) => (isInert(transition) ? [] : [id]));
  const situations = explore(lifecycle, exploration);
  const [start] = situations;
  if (!start) return { transitions: goals.length, uncovered: goals, paths: [] };
  const open = new Set(goals);
  const take = ({ transitionIds }: Expectation) => transitionIds.forEach((id) => open.delete(id));
  take(start.expected);
  const paths: Path[] = [];
  for (;;) {
    const way = wayThrough(start, open, take);
    if (way.length > 0 || paths.length === 0) paths.push(walk(lifecycle, exploration, way));
    if (way.length === 0) break;
  }
  return { transitions: goals.length, uncovered: [...open], paths };
}

/** A situation, a shortest way to it, and the external events that must be refused there without changing anything. */
export interface Refusals {
  path: Path;
  refused: MachineEvent[];
}

/** What may not be done, everywhere it may not be done. */
export const refusals = (lifecycle: Lifecycle, exploration: Exploration): Refusals[] =>
  explore(lifecycle, exploration)
    .filter(({ refused }) => refused.length > 0)
    .map((situation) => ({ path: walk(lifecycle, exploration, wayTo(situation)), refused: situation.refused }));

// On and on to the nearest transition not yet taken, until none can be reached from here.
function wayThrough(start: Situation, open: ReadonlySet<string>, take: (expected: Expectation) => void): Edge[] {
  const way: Edge[] = [];
  for (let at = start; ;) {
    const hop = nearest(at, open);
    if (!hop) return way;
    for (const edge of hop) {
      take(edge.expected);
      way.push(edge);
      at = edge.to;
    }
  }
}

function nearest(from: Situation, open: ReadonlySet<string>): Edge[] | undefined {
  if (open.size === 0) return undefined;
  const seen = new Set([from]);
  const queue: { at: Situation; way: Edge[] }[] = [{ at: from, way: [] }];
  for (const { at, way } of queue)
    for (const edge of at.edges) {
      if (edge.expected.transitionIds.some((id) => open.has(id))) return [...way, edge];
      if (seen.has(edge.to)) continue;
      seen.add(edge.to);
      queue.push({ at: edge.to, way: [...way, edge] });
    }
  return undefined;
}

const wayTo = ({ foundBy }: Situation): Edge[] => (foundBy ? [...wayTo(foundBy.from), foundBy] : []);
