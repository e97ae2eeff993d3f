/** The large picture of a lifecycle: its top-level states, and what leads from one to another. */
import type { Description, GuardDescription, StateDescription, TransitionDescription } from '../engine/core/driver.js';

/** How much of a lifecycle is drawn: its top-level states, or everything. */
export const DETAILS = ['overview', 'full'] as const;
export type Detail = (typeof DETAILS)[number];

/**
 * The same lifecycle as if nobody could look inside its top-level states. Transitions keep their ids, so that what an
 * instance walked can be shown in it; effects and conditions of more than one word are left to the full picture.
 */
export function overviewOf(description: Description): Description {
  const { states, transitions, initial } = description;
  return {
    ...description,
    initial: topOf(initial),
    states: states.filter((state) => isTop(state) && !isGroup(state)).map((state) => closed(state, states)),
    transitions: transitions.flatMap((transition) => lifted(transition)),
  };
}

/** States inside a group have paths, and the standing, of states at the top. */
const isTop = ({ id }: StateDescription): boolean => topOf(id) === id;

const isGroup = ({ meta }: StateDescription): boolean => meta['group'] === true;

const topOf = (path: string): string => path.split('.')[0] ?? '';

function closed(state: StateDescription, states: readonly StateDescription[]): StateDescription {
  const inside = states.filter(({ id }) => topOf(id) === state.id);
  const invokes = inside.flatMap((each) => each.invokes);
  return {
    ...state,
    parent: null,
    type: state.type === 'final' || state.type === 'history' ? state.type : 'atomic',
    initial: null,
    entry: [],
    exit: [],
    invokes: invokes.filter(({ effect }, index) => invokes.findIndex((other) => other.effect === effect) === index),
  };
}

function lifted(transition: TransitionDescription): TransitionDescription[] {
  const source = topOf(transition.source);
  const targets = [...new Set(transition.targets.map(topOf))].filter((target) => target !== source);
  return targets.length === 0
    ? []
    : [{ ...transition, source, targets, guard: inOneWord(transition.guard), effects: [] }];
}

const inOneWord = (guard: GuardDescription | null): GuardDescription | null =>
  guard?.op === 'leaf' && typeof guard.params !== 'object' ? guard : null;
