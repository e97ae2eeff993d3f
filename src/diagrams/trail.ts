/** Which boxes and arrows an instance has passed, found from its history. */
import type { Description, StateDescription, TransitionDescription } from '../engine/core/driver.js';

/** One step of an instance: the event, the top-level state before and after it, and the path below the one after. */
export interface WalkedStep {
  type: string;
  from: string | null;
  to: string;
  phase: string | null;
}

export interface Trail {
  /** Paths of the states that were entered, those passed through without stopping included. */
  states: ReadonlySet<string>;
  /** Ids of the transitions that were taken. */
  transitions: ReadonlySet<string>;
}

/** Follows the steps; one that no transition explains, such as a forced one, leaves a gap. */
export function trailOf(description: Description, steps: readonly WalkedStep[]): Trail {
  const states = new Set<string>();
  const transitions = new Set<string>();
  let before: string[] = [];
  for (const { type, from, to, phase } of steps) {
    const after = leavesOf(description, phase === null ? to : `${to}.${phase}`);
    const taken = chainOf(description, from === null ? null : before, type, after);
    const reached = [...after];
    for (const transition of taken) {
      transitions.add(transition.id);
      reached.push(transition.source, ...transition.targets);
    }
    for (const path of reached.flatMap(withAncestors)) states.add(path);
    before = after;
  }
  return { states, transitions };
}

/** The transitions of one step, from a path as instances show it; from null at the start. One that stays where it is is found too. */
export function takenBy(
  description: Description,
  before: string | null,
  { type, to, phase }: Pick<WalkedStep, 'type' | 'to' | 'phase'>,
): TransitionDescription[] {
  const after = leavesOf(description, phase === null ? to : `${to}.${phase}`);
  if (before === null) return chainOf(description, null, type, after);
  const leaves = leavesOf(description, before);
  const found = chainOf(description, leaves, type, after);
  if (found.length > 0 || leaves.join() !== after.join()) return found;
  return leading(description, leaves, type)
    .filter(({ targets }) => targets.length === 0)
    .slice(0, 1);
}

const chainOf = (
  description: Description,
  before: readonly string[] | null,
  type: string,
  after: readonly string[],
): TransitionDescription[] =>
  before === null ? fromStart(description, after) : explain(description, leading(description, before, type), after);

/**
 * The innermost states of a path as instances show it: regions are joined by a comma, and the later ones leave out what
 * they share with the first (`PACKING.label.printing,goods.picking`).
 */
export function leavesOf({ states }: Description, path: string): string[] {
  const ids = new Set(states.map(({ id }) => id));
  if (ids.has(path)) return [path];
  const [first = '', ...others] = path.split(',');
  const prefixes = ['', ...withAncestors(first).map((ancestor) => `${ancestor}.`)];
  return [
    first,
    ...others.map((other) => prefixes.map((prefix) => prefix + other).find((candidate) => ids.has(candidate)) ?? other),
  ];
}

/** A state path and those around it, outermost first. */
export const withAncestors = (path: string): string[] =>
  path.split('.').map((_, index, keys) => keys.slice(0, index + 1).join('.'));

const leading = ({ transitions }: Description, before: readonly string[], type: string): TransitionDescription[] =>
  transitions.filter(({ event, source }) => event === type && before.some((leaf) => isWithin(leaf, source)));

/** From the initial state on, everything follows by itself. */
function fromStart(description: Description, after: readonly string[]): TransitionDescription[] {
  return stopsAt(description, '', after) ? [] : explain(description, following(description, ''), after);
}

/** The shortest chain that begins with one of the transitions, continues by itself, and ends where the step ended. */
function explain(
  description: Description,
  first: readonly TransitionDescription[],
  after: readonly string[],
): TransitionDescription[] {
  const seen = new Set(first);
  const chains = first.map((transition) => [transition]);
  for (const chain of chains) {
    const targets = chain.at(-1)?.targets ?? [];
    if (targets.some((target) => stopsAt(description, target, after))) return chain;
    for (const next of targets.flatMap((target) => following(description, target)).filter((each) => !seen.has(each))) {
      seen.add(next);
      chains.push([...chain, next]);
    }
  }
  return [];
}

/** Whether entering a state leads to where the step ended without a further transition. */
const stopsAt = (description: Description, path: string, after: readonly string[]): boolean =>
  entered(description, path).every((leaf) =>
    after.some((end) => end === leaf.id || (leaf.type === 'history' && isWithin(end, leaf.parent ?? ''))),
  );

/** Transitions that need no event once a state has been entered. */
function following(description: Description, path: string): TransitionDescription[] {
  const around = new Set(entered(description, path).flatMap(({ id }) => withAncestors(id)));
  return description.transitions.filter(
    ({ kind, event, source }) => (kind === 'always' || event.startsWith(REGIONS_DONE)) && around.has(source),
  );
}

const REGIONS_DONE = 'xstate.done.state.';

/** The innermost states that are entered with a state; with the root for an empty path. */
function entered(description: Description, path: string): StateDescription[] {
  const state = description.states.find(({ id }) => id === path);
  const initial = path === '' ? description.initial : (state?.initial ?? '');
  if (initial !== '') return entered(description, path === '' ? initial : `${path}.${initial}`);
  const regions = description.states.filter(({ parent }) => (parent ?? '') === path);
  return regions.length === 0 && state
    ? [state]
    : regions.filter(({ type }) => type !== 'history').flatMap(({ id }) => entered(description, id));
}

const isWithin = (path: string, around: string): boolean =>
  around === '' || path === around || path.startsWith(`${around}.`);
