/** What there is to draw of a lifecycle, before anything has a place: boxes, and arrows between them. */
import type { Description, StateDescription, TransitionDescription } from '../engine/core/driver.js';
import { causeOf, conditionOf, doingOf, isExtension, toneOf, workOf, type Tone } from './words.js';

export interface Drawing {
  /** Parents before their children. */
  boxes: Box[];
  arrows: Arrow[];
}

export interface Box {
  id: string;
  /** Path of the state; undefined for what is no state. */
  state?: string;
  name: string;
  parent: string | null;
  /** `anywhere` stands for the whole lifecycle, whatever state it is in. */
  shape: 'state' | 'group' | 'regions' | 'final' | 'start' | 'history' | 'anywhere';
  tone: Tone;
  /** What is done here, and events that are taken without leaving. */
  lines: string[];
  /** Shown when the mouse rests on it. */
  tooltip: string;
}

/** Transitions of one kind between the same two boxes share an arrow. */
export interface Arrow {
  from: string;
  to: string;
  look: 'plain' | 'failure' | 'timer' | 'start';
  captions: Caption[];
  /** Ids of the transitions it stands for. */
  transitions: string[];
}

export interface Caption {
  cause: string;
  condition: string;
  effects: string;
  extension: boolean;
}

/** Turns a description into boxes and arrows. */
export function drawingOf(description: Description): Drawing {
  const { states, transitions, initial } = description;
  const paths = new Map(states.map((state) => [state.id, state]));
  const isHere = ({ source, targets }: TransitionDescription) => targets.every((target) => isWithin(source, target));
  const staying = (source: string) =>
    transitions.filter((each) => each.source === source && isHere(each)).map(stayingText);
  const anywhere = staying('').length > 0 || transitions.some(({ source }) => source === '');
  return {
    boxes: [
      ...(initial === '' ? [] : [startOf(null)]),
      ...(anywhere ? [{ ...blank(ANYWHERE, null, 'anywhere'), name: 'in any state', lines: staying('') }] : []),
      ...states.flatMap((state) => [
        boxOf(state, staying(state.id)),
        ...(state.initial === null ? [] : [startOf(boxId(state.id))]),
      ]),
    ],
    arrows: [
      ...(initial === '' ? [] : [startArrow(null, initial)]),
      ...states.flatMap(({ id, initial: first }) => (first === null ? [] : [startArrow(boxId(id), `${id}.${first}`)])),
      ...joined(transitions.filter((transition) => !isHere(transition)).flatMap((each) => arrowsOf(each, paths))),
    ],
  };
}

const ANYWHERE = 'anywhere';
/** The id of the box of a state. Prefixed, so that no name of a state can be mistaken for something else. */
export const boxId = (path: string): string => (path === '' ? ANYWHERE : `state:${path}`);

function boxOf(state: StateDescription, staying: string[]): Box {
  const { id, key, parent, type, description } = state;
  return {
    ...blank(boxId(id), parent === null ? null : boxId(parent), SHAPES[type]),
    state: id,
    name: type === 'history' ? `${key} · history` : key,
    tone: toneOf(state),
    lines: [...workOf(state), ...staying],
    tooltip: description === undefined ? id : `${id}: ${description}`,
  };
}

const SHAPES = { atomic: 'state', compound: 'group', parallel: 'regions', final: 'final', history: 'history' } as const;

const startOf = (group: string | null): Box => blank(`start:${group ?? ''}`, group, 'start');
const startArrow = (group: string | null, path: string): Arrow => ({
  from: `start:${group ?? ''}`,
  to: boxId(path),
  look: 'start',
  captions: [],
  transitions: [],
});

const blank = (id: string, parent: string | null, shape: Box['shape']): Box => ({
  id,
  name: '',
  parent,
  shape,
  tone: 'plain',
  lines: [],
  tooltip: '',
});

/** A transition into a state inside its own source is written there: an arrow would have to run inside the box it leaves. */
const isWithin = (source: string, target: string): boolean => source !== '' && target.startsWith(`${source}.`);

function stayingText(transition: TransitionDescription): string {
  const within = transition.targets.map((target) => target.slice(transition.source.length + 1));
  const into = within.length === 0 ? '' : `→ ${within.join(', ')}`;
  return [causeOf(transition), conditionOf(transition), into, doingOf(transition)].filter(Boolean).join(' ');
}

function arrowsOf(transition: TransitionDescription, paths: ReadonlyMap<string, StateDescription>): Arrow[] {
  const { id, source, targets, kind } = transition;
  const endsBadly = (target: string) => {
    const state = paths.get(target);
    return state !== undefined && toneOf(state) === 'failure';
  };
  return targets.map((target) => ({
    from: boxId(source),
    to: boxId(target),
    look: kind === 'timer' ? 'timer' : kind === 'error' || endsBadly(target) ? 'failure' : 'plain',
    captions: [captionOf(transition)],
    transitions: [id],
  }));
}

function joined(arrows: readonly Arrow[]): Arrow[] {
  const byEnds = new Map<string, Arrow>();
  for (const arrow of arrows) {
    const key = JSON.stringify([arrow.from, arrow.to, arrow.look]);
    const known = byEnds.get(key);
    if (known) {
      known.captions.push(
        ...arrow.captions.filter((caption) => !known.captions.some((other) => sameText(caption, other))),
      );
      known.transitions.push(...arrow.transitions);
    } else byEnds.set(key, arrow);
  }
  return [...byEnds.values()];
}

const captionOf = (transition: TransitionDescription): Caption => ({
  cause: causeOf(transition),
  condition: conditionOf(transition),
  effects: doingOf(transition),
  extension: isExtension(transition),
});

const sameText = (one: Caption, other: Caption): boolean =>
  one.cause === other.cause && one.condition === other.condition && one.effects === other.effects;
