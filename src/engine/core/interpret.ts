/** Runs an XState machine for one step, without an actor, a clock or a timer: a snapshot and an event in, a step out. */
import {
  createEmptyActor,
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type ExecutableActionObject,
} from 'xstate';
import { keepAlive } from './alive.js';
import { EngineFault, type Effect, type Json, type MachineEvent, type Step } from './driver.js';
import { named } from './event.js';
import { errorToJson, toJson } from './json.js';
import { AFTER, allArrows, ERROR_ACTOR, field, isInert, type Node, type Transition } from './machine.js';
import { stateOf } from './place.js';
import { commands, job } from './work.js';

/** The step into the initial state. */
export function begin(machine: AnyStateMachine, input: Json): Step {
  const actions: ExecutableActionObject[] = [];
  return finish(machine, machine.getInitialSnapshot(scope(actions), input), actions, true);
}

/** The step an event leads to; the same snapshot back when the instance is over or nothing answers. */
export function advance(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, sent: MachineEvent): Step {
  // Errors on the event become data before the machine can put them into its context.
  const event = named(eventJson(sent, sent.type));
  if (snapshot.status !== 'active') return finish(machine, snapshot, [], false);
  const chosen = choose(machine, snapshot, event);
  if (chosen.length === 0) {
    if (event.type.startsWith(ERROR_ACTOR) && event.type.slice(ERROR_ACTOR.length) in snapshot.children)
      throw new EngineFault('UNHANDLED_ACTOR_ERROR', `nothing handles ${event.type}`, event['error'] ?? null);
    return finish(machine, snapshot, [], false);
  }
  const actions: ExecutableActionObject[] = [];
  const next = guarded(() => machine.transition(snapshot, event, scope(actions)));
  return finish(
    machine,
    next,
    actions,
    chosen.some((transition) => !isInert(transition)),
  );
}

/**
 * Brings a stored snapshot back to life.
 * @throws EngineFault INCOMPATIBLE_SNAPSHOT also where XState would silently add regions or substates, or drop an invoke
 */
export function restore(machine: AnyStateMachine, stored: Json): AnyMachineSnapshot {
  const fields = typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? stored : {};
  const children = fields['children'] ?? {};
  const value = inDocumentOrder(machine.root, fields['value'] ?? {});
  const snapshot = restoreOrFault(machine, { ...fields, children, value });
  const same = JSON.stringify(inDocumentOrder(machine.root, toJson(snapshot.value, 'value'))) === JSON.stringify(value);
  if (!same || Object.keys(snapshot.children).length !== Object.keys(children).length)
    throw new EngineFault(
      'INCOMPATIBLE_SNAPSHOT',
      `${JSON.stringify(value)} means something else on ${machine.id} now`,
    );
  return snapshot;
}

/** The transitions XState takes first for an event; none for a type the machine does not know. */
export function choose(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, event: MachineEvent): Transition[] {
  // XState remembers candidates for every type it is ever asked about, so it is asked only about types of the machine.
  if (!knownTypes(machine).has(event.type)) return [];
  return guarded(() => machine.getTransitionData(snapshot, event));
}

/** Which transitions were taken, microstep by microstep, while the work ran; the work must be synchronous. */
export function watching<T>(work: () => T): { result: T; taken: Transition[] } {
  const taken: Transition[] = [];
  const watch = inert.system.inspect((seen) => {
    if (seen.type === '@xstate.microstep') taken.push(...seen._transitions);
  });
  try {
    return { result: work(), taken };
  } finally {
    watch.unsubscribe();
  }
}

// Stands in for the actor XState wants to run in. It is never started; children are only ever described, never run.
const inert = createEmptyActor();
const scope = (actions: ExecutableActionObject[]): AnyActorScope => ({
  self: inert,
  system: inert.system,
  id: '',
  sessionId: '',
  logger: () => undefined,
  defer: () => undefined,
  stopChild: () => undefined,
  emit: () => undefined,
  actionExecutor: (action: ExecutableActionObject) => void actions.push(action),
});

function finish(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  actions: readonly ExecutableActionObject[],
  handled: boolean,
): Step {
  // XState swallows what is thrown while starting and puts it here.
  if (snapshot.status === 'error') throw machineError(snapshot.error);
  const value = inDocumentOrder(machine.root, toJson(snapshot.value, 'value'));
  const stored = toJson(persisted(machine, snapshot, value), 'snapshot');
  // Children are left to a restore, which makes them anew.
  const same = field(stored, 'context') === snapshot.context && Object.keys(snapshot.children).length === 0;
  if (same && snapshot.status === 'active') keepAlive(machine, stored, snapshot);
  return {
    snapshot: stored,
    status: snapshot.status === 'active' ? 'active' : 'done',
    ...stateOf(machine, value),
    tags: [...snapshot.tags],
    output: snapshot.output === undefined ? undefined : toJson(snapshot.output, 'output'),
    effects: collect(machine, actions),
    handled,
  };
}

/**
 * What XState would persist, in its order of fields. It looks through the whole context for actors, which cost as much as the step itself; a
 * context has none (lint, and `toJson` refuses them), so it is asked only where there are children or remembered states to describe.
 */
function persisted(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, value: Json): object {
  const { status, output, error, context, children, historyValue } = snapshot;
  const isPlain = Object.keys(children).length === 0 && Object.keys(historyValue).length === 0;
  return isPlain
    ? { status, output, error, value, historyValue, context, children }
    : { ...machine.getPersistedSnapshot(snapshot), value };
}

/** Actions as effects, in order; what was started and stopped within the step never existed. */
function collect(machine: AnyStateMachine, actions: readonly ExecutableActionObject[]): Effect[] {
  const effects: Effect[] = [];
  const undo = (kind: 'job' | 'timer', id: string) => {
    const started = effects.findIndex((effect) => effect.kind === kind && effect.id === id);
    if (started >= 0) effects.splice(started, 1);
    else effects.push(kind === 'job' ? { kind: 'cancelJob', id } : { kind: 'cancelTimer', id });
  };
  for (const action of actions) {
    const param = (key: string) => field(action.params, key);
    switch (action.type) {
      case 'xstate.raise':
        if (isDelayed(action)) effects.push(timer(action));
        break;
      case 'xstate.cancel':
        undo('timer', String(param('sendId')));
        break;
      case 'xstate.spawnChild':
        effects.push(job(machine, action));
        break;
      case 'xstate.stopChild':
        undo('job', String(param('id')));
        break;
      case 'xstate.emit':
        effects.push({ kind: 'emit', event: eventJson(param('event'), 'emit') });
        break;
      case 'xstate.log':
        break;
      default:
        effects.push(...commands(action));
    }
  }
  return effects;
}

/** A raise without delay was already consumed by the step; one of `after` without delay is a delay that is not there. */
function isDelayed({ params }: ExecutableActionObject): boolean {
  return field(params, 'delay') !== undefined || String(field(field(params, 'event'), 'type')).startsWith(AFTER);
}

function timer({ params }: ExecutableActionObject): Effect {
  const id = String(field(params, 'id'));
  const delayMs = field(params, 'delay');
  if (typeof delayMs !== 'number' || !Number.isFinite(delayMs) || delayMs < 0)
    throw new EngineFault('BAD_DELAY', `${id} would fire after ${String(delayMs)} ms`);
  return { kind: 'timer', id, delayMs, event: eventJson(field(params, 'event'), id) };
}

function eventJson(event: unknown, where: string): { type: string; [field: string]: Json } {
  const json = toJson(event, where);
  const fields = typeof json === 'object' && !Array.isArray(json) ? json : {};
  return { ...fields, type: String(field(event, 'type')) };
}

// The order of regions decides which one wins a conflict, so it must not depend on how a database orders keys.
function inDocumentOrder(node: Node | undefined, value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const order = Object.keys(node?.states ?? {});
  const ordered = Object.entries(value).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return Object.fromEntries(ordered.map(([key, below]) => [key, inDocumentOrder(node?.states[key], below)]));
}

function restoreOrFault(machine: AnyStateMachine, stored: object): AnyMachineSnapshot {
  try {
    return machine.restoreSnapshot(stored as Parameters<AnyStateMachine['restoreSnapshot']>[0], scope([]));
  } catch (error) {
    throw new EngineFault('INCOMPATIBLE_SNAPSHOT', errorToJson(error).message);
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw machineError(error);
  }
}

const machineError = (error: unknown): EngineFault =>
  error instanceof EngineFault
    ? error
    : new EngineFault('MACHINE_ERROR', errorToJson(error).message, errorToJson(error));

const types = new WeakMap<AnyStateMachine, ReadonlySet<string>>();
function knownTypes(machine: AnyStateMachine): ReadonlySet<string> {
  const known = types.get(machine) ?? new Set(allArrows(machine).map(({ event }) => event));
  types.set(machine, known);
  return known;
}
