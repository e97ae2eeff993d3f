/** Looks for the shortest way from where an instance is to where somebody wants it, whatever its conditions say. Pure. */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { Json, Step } from '../driver.js';
import { doneEvent, errorEvent } from '../event.js';
import { advance, restore, watching } from '../interpret.js';
import { canonicalText } from '../json.js';
import { AFTER, arrowsOf, DONE_ACTOR, DONE_STATE, ERROR_ACTOR, field, lineage, type Transition } from '../machine.js';
import { stateOf } from '../place.js';
import { bareSnapshot, skeletonOf, type Skeleton } from './skeleton.js';

/** One step of a way. */
export interface Hop {
  /** Event type as the machine knows it. */
  event: string;
  from: Place;
  to: Place;
  /** Conditions as they have to be for this step, by key. */
  supposing: Readonly<Record<string, boolean>>;
  /** The transitions that are taken, in the skeleton. */
  taken: readonly Transition[];
}

export type Place = Pick<Step, 'state' | 'phase' | 'status' | 'tags'>;

/** What is known of conditions before their events are there. */
export interface Outlook {
  /** What it costs to suppose this of a condition: nothing where it is so, or where the event decides; in steps. */
  doubt(key: string, type: string, value: boolean): number;
  /** Whether two conditions cannot both hold for one event. */
  excludes(key: string, other: string, type: string): boolean;
}

/** What a search came to. */
export interface Found {
  /** Null when there is none, or none was found in time. */
  way: Hop[] | null;
  /** False when it was given up; then there may be a way all the same. */
  isComplete: boolean;
  /** Situations that were looked at. */
  looked: number;
}

/** More than any of the lifecycles needs, each some 0.1 ms. Regions side by side multiply. */
const MOST_STEPS = 4_000;
/** Combinations of conditions that are tried for one event. */
const MOST_COMBINATIONS = 64;
/** What fails is a way too, when there is no better one. */
const COST = { plain: 1, timer: 2, failure: 4 };

/**
 * Pauses after each step, so that whoever runs it may let others have a turn.
 * @param isGoal said of each place
 * @param outlook what is known of conditions beforehand
 */
export function* searching(
  machine: AnyStateMachine,
  stored: Json,
  isGoal: (place: Place) => boolean,
  outlook: Outlook,
): Generator<void, Found> {
  const skeleton = skeletonOf(machine);
  const start = bareSnapshot(stored);
  const known = new Map<string, Entry>([
    [keyOf(start), { snapshot: start, place: placeOf(skeleton, start), cost: 0, way: [], isDone: false }],
  ]);
  let [looked, tried] = [0, 0];
  for (; tried < MOST_STEPS; looked++) {
    const next = cheapest(known);
    if (!next) return { way: null, isComplete: true, looked };
    const last = next.way.at(-1);
    if (last && isGoal(last.to)) return { way: next.way, isComplete: true, looked };
    next.isDone = true;
    for (const { hop, snapshot, cost } of hops(skeleton, next, outlook)) {
      tried++;
      yield;
      const key = keyOf(snapshot);
      const earlier = known.get(key);
      const total = next.cost + cost;
      if (!earlier || (!earlier.isDone && total < earlier.cost))
        known.set(key, { snapshot, place: hop.to, cost: total, way: [...next.way, hop], isDone: false });
    }
  }
  return { way: null, isComplete: false, looked };
}

/** The same at once. */
export function search(...asked: Parameters<typeof searching>): Found {
  const work = searching(...asked);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

interface Entry {
  snapshot: Json;
  place: Place;
  cost: number;
  way: Hop[];
  isDone: boolean;
}

function cheapest(known: ReadonlyMap<string, Entry>): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of known.values()) if (!entry.isDone && (!best || entry.cost < best.cost)) best = entry;
  return best;
}

const keyOf = (snapshot: Json): string =>
  canonicalText([field(snapshot, 'value'), field(snapshot, 'historyValue'), field(snapshot, 'status')]);

/** Every step from a situation: each event that something there answers to, under each combination of its conditions. */
function* hops(
  skeleton: Skeleton,
  { snapshot: stored, place }: Entry,
  outlook: Outlook,
): Generator<{ hop: Hop; snapshot: Json; cost: number }> {
  const snapshot = restore(skeleton.machine, stored);
  if (snapshot.status !== 'active') return;
  for (const type of answered(snapshot))
    for (const { step, taken, supposing } of outcomes(skeleton, stored, type, outlook)) {
      const doubts = Object.entries(supposing).map(([key, value]) => outlook.doubt(key, type, value));
      const hop: Hop = { event: type, from: place, to: placed(step), supposing, taken };
      yield { hop, snapshot: step.snapshot, cost: doubts.reduce((sum, doubt) => sum + doubt, costOf(type)) };
    }
}

function answered(snapshot: AnyMachineSnapshot): string[] {
  const arrows = [...new Set(snapshot._nodes.flatMap(lineage))].flatMap(arrowsOf);
  const types = new Set(
    arrows.filter(({ kind, transition }) => kind !== 'always' && transition.target).map(({ event }) => event),
  );
  const running = new Set(Object.keys(snapshot.children).flatMap((id) => [doneEvent(id), errorEvent(id)]));
  return [...types].filter(
    (type) =>
      !type.startsWith(DONE_STATE) &&
      (!(type.startsWith(DONE_ACTOR) || type.startsWith(ERROR_ACTOR)) || running.has(type)),
  );
}

/** Each way the event can go. The oracle says yes to what it has not been asked before; then its last yes becomes a no, and so on. */
function* outcomes(
  skeleton: Skeleton,
  stored: Json,
  type: string,
  outlook: Outlook,
): Generator<{ step: Step; taken: Transition[]; supposing: Record<string, boolean> }> {
  let fixed: [string, boolean][] = [];
  for (let tried = 0; tried < MOST_COMBINATIONS; tried++) {
    const said = new Map(fixed);
    const oracle = (key: string): boolean => {
      const answer = said.get(key) ?? ![...said].some(([other, value]) => value && outlook.excludes(key, other, type));
      said.set(key, answer);
      return answer;
    };
    const { result: step, taken } = skeleton.asking(oracle, () =>
      watching(() => advance(skeleton.machine, restore(skeleton.machine, stored), { type })),
    );
    if (step.handled) yield { step, taken, supposing: Object.fromEntries(said) };
    const answers = [...said];
    while (answers.length > 0 && answers.at(-1)?.[1] === false) answers.pop();
    const last = answers.pop();
    if (!last) return;
    fixed = [...answers, [last[0], false]];
  }
}

function placeOf({ machine }: Skeleton, stored: Json): Place {
  const { status, tags } = restore(machine, stored);
  const words = stateOf(machine, field(stored, 'value') as Json);
  return { ...words, status: status === 'active' ? 'active' : 'done', tags: [...tags] };
}

const placed = ({ state, phase, status, tags }: Step): Place => ({ state, phase, status, tags });

const costOf = (type: string): number =>
  type.startsWith(ERROR_ACTOR) ? COST.failure : type.startsWith(AFTER) ? COST.timer : COST.plain;
