/** Walks everything a lifecycle can do from a given start, as far as the given events lead. */
import type { AnyStateMachine } from 'xstate';
import { type Effect, EngineFault, type Json, type MachineEvent, type Step } from './driver.js';
import { doneEvent, errorEvent } from './event.js';
import { advance, begin, restore, watching } from './interpret.js';
import { canonicalText, errorToJson } from './json.js';
import { newlyBroken, tellBroken } from './invariants.js';
import type { Lifecycle } from './lifecycle.js';
import { allArrows, field, type Transition } from './machine.js';

/** What to explore with. */
export interface Exploration {
  input: Json;
  /**
   * Event type -> variants of its fields (payload, `facts`, and `at` or `caller` where they matter). Also for timers
   * (`xstate.after.…`) and effect results (`xstate.done.actor.<id>`); what is left out is sent without fields.
   */
  cases: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** The part of the context that decides what can happen next; all of it when left out. */
  facets?: (context: unknown, state: string) => unknown;
}

/** What an observer from outside must find after a step. */
export interface Expectation extends Pick<Step, 'state' | 'phase' | 'status' | 'tags'> {
  /** Ids of the definition's transitions that were taken. */
  transitionIds: string[];
  /** Ids of the timers that are armed. */
  timers: string[];
  /** Ids of the invokes that wait for an answer. */
  jobs: string[];
}

/** A situation the lifecycle can be in, and what leads on from it. */
export interface Situation {
  expected: Expectation;
  edges: Edge[];
  /** External events that are not accepted here. */
  refused: MachineEvent[];
  /** The edge that found it; none for the start. */
  foundBy?: Edge;
}

/** An event that is accepted in a situation, and the situation it leads to. */
export interface Edge {
  from: Situation;
  event: MachineEvent;
  expected: Expectation;
  to: Situation;
}

/**
 * All situations, the start first, each found by a shortest way.
 * @throws Error when there are too many to be meant, or when an invariant of the lifecycle does not hold in one of them
 */
export function explore(lifecycle: Lifecycle, exploration: Exploration): Situation[] {
  const { machine } = lifecycle;
  const known = new Map<string, Standing>();
  const arrive = (standing: Standing, foundBy?: Edge): Standing => {
    const key = keyOf(standing, exploration);
    const earlier = known.get(key);
    if (earlier) return earlier;
    if (known.size >= MAX_SITUATIONS)
      throw new Error(`${machine.id}: more than ${MAX_SITUATIONS} situations; give facets`);
    if (foundBy) standing.situation.foundBy = foundBy;
    known.set(key, standing);
    return standing;
  };
  arrive(startOf(machine, exploration.input));
  for (const standing of known.values()) {
    const { situation: from } = standing;
    for (const event of arrivals(lifecycle, exploration, standing)) {
      const next = stepFrom(machine, standing, event);
      if (next) {
        checkInvariants(lifecycle, standing, event, next);
        const edge: Edge = { from, event, expected: next.situation.expected, to: next.situation };
        edge.to = arrive(next, edge).situation;
        from.edges.push(edge);
      } else if (event.type in lifecycle.events) from.refused.push(event);
    }
  }
  return [...known.values()].map(({ situation }) => situation);
}

/** A walk from the start, with what must be true after each step: the machine is the oracle. */
export interface Path {
  start: Expectation;
  steps: ({ event: MachineEvent } & Expectation)[];
}

/**
 * Goes a way again, with the context it really leads to.
 * @throws Error when facets took situations for the same that lead to different ones
 */
export function walk({ machine }: Lifecycle, { input }: Exploration, way: readonly Edge[]): Path {
  let standing = startOf(machine, input);
  const path: Path = { start: standing.situation.expected, steps: [] };
  for (const { event, expected } of way) {
    const next = stepFrom(machine, standing, event);
    if (next?.situation.expected.transitionIds.join() !== expected.transitionIds.join())
      throw new Error(
        `${machine.id}: the facets leave out something that decides on ${event.type} in ${standing.situation.expected.state}`,
      );
    standing = next;
    path.steps.push({ event, ...standing.situation.expected });
  }
  return path;
}

/** What is proved here for every situation holds in the service too, which takes the same steps. */
function checkInvariants(lifecycle: Lifecycle, from: Standing, event: MachineEvent, to: Standing): void {
  const broken = newlyBroken(lifecycle, () => placeOf(from), placeOf(to));
  if (broken.length > 0)
    throw new Error(
      `${lifecycle.name}: ${event.type} in ${from.situation.expected.state} breaks ${broken.map(({ name }) => name).join(', ')}: ${tellBroken(broken)}`,
    );
}

const placeOf = ({ snapshot, situation: { expected } }: Standing) => ({ ...expected, snapshot });

const MAX_SITUATIONS = 5_000;

/** A situation with what it takes to go on from it. */
interface Standing {
  situation: Situation;
  snapshot: Json;
  timers: ReadonlyMap<string, { type: string }>;
  jobs: ReadonlySet<string>;
}

const startOf = (machine: AnyStateMachine, input: Json): Standing =>
  stand(
    machine,
    watching(() => begin(machine, input)),
    new Map(),
    new Set(),
  );

/** Undefined when the event is not accepted. */
function stepFrom(machine: AnyStateMachine, standing: Standing, event: MachineEvent): Standing | undefined {
  const watched = watching(() => attempt(machine, standing, event));
  if (!watched.result.handled) return undefined;
  // A timer that fired and a job that answered are over, whatever comes of it.
  const timers = new Map([...standing.timers].filter(([, { type }]) => type !== event.type));
  const jobs = new Set(
    [...standing.jobs].filter((id) => event.type !== doneEvent(id) && event.type !== errorEvent(id)),
  );
  return stand(machine, watched, timers, jobs);
}

/** Adds what a step did to the timers and jobs that were left. */
function stand(
  machine: AnyStateMachine,
  { result, taken }: { result: Step; taken: readonly Transition[] },
  timers: Map<string, { type: string }>,
  jobs: Set<string>,
): Standing {
  const { state, phase, status, tags, snapshot, effects } = result;
  effects.forEach((effect) => apply(effect, timers, jobs));
  if (status === 'done') {
    timers.clear();
    jobs.clear();
  }
  const transitionIds = taken.flatMap((transition) => arrowIds(machine).get(transition) ?? []);
  const expected = {
    transitionIds,
    state,
    phase,
    status,
    tags,
    timers: [...timers.keys()].sort(),
    jobs: [...jobs].sort(),
  };
  return { situation: { expected, edges: [], refused: [] }, snapshot, timers, jobs };
}

function apply(effect: Effect, timers: Map<string, { type: string }>, jobs: Set<string>): void {
  if (effect.kind === 'timer') timers.set(effect.id, effect.event);
  if (effect.kind === 'cancelTimer') timers.delete(effect.id);
  if (effect.kind === 'job') jobs.add(effect.id);
  if (effect.kind === 'cancelJob') jobs.delete(effect.id);
}

/** Every event that can arrive: from outside any time, of timers and jobs only while they are under way. */
function arrivals({ events }: Lifecycle, { input, cases }: Exploration, { timers, jobs }: Standing): MachineEvent[] {
  const stamp = { at: field(input, 'at') ?? 0, caller: { id: 'explorer', roles: [] }, facts: {} };
  const variants = (type: string, usual: Readonly<Record<string, unknown>>): MachineEvent[] =>
    (cases[type] ?? [usual]).map((fields) => ({ ...stamp, ...fields, type }));
  const external = Object.keys(events).flatMap((type) => variants(type, {}));
  const due = [...timers.values()].flatMap(({ type }) => variants(type, {}));
  const answers = [...jobs].flatMap((id) => [
    ...variants(doneEvent(id), { output: {} }),
    ...variants(errorEvent(id), { error: FAILURE }),
  ]);
  return [...external, ...due, ...answers];
}

const FAILURE = { name: 'Error', message: 'the provider refused', code: 'REFUSED' };

function attempt(machine: AnyStateMachine, { snapshot, situation }: Standing, event: MachineEvent): Step {
  try {
    return advance(machine, restore(machine, snapshot), event);
  } catch (error) {
    const { state } = situation.expected;
    throw new EngineFault(
      'MACHINE_ERROR',
      `${event.type} in ${state}: ${errorToJson(error).message}; is a case missing?`,
    );
  }
}

function keyOf({ snapshot, situation }: Standing, { facets }: Exploration): string {
  const context = field(snapshot, 'context');
  const { timers, jobs } = situation.expected;
  return canonicalText([
    field(snapshot, 'value'),
    field(snapshot, 'historyValue'),
    facets ? facets(context, situation.expected.state) : context,
    timers,
    jobs,
  ]);
}

const ids = new WeakMap<AnyStateMachine, ReadonlyMap<Transition, string>>();
function arrowIds(machine: AnyStateMachine): ReadonlyMap<Transition, string> {
  const known = ids.get(machine) ?? new Map(allArrows(machine).map(({ transition, id }) => [transition, id]));
  ids.set(machine, known);
  return known;
}
