import type { AnyMachineSnapshot } from 'xstate';
import type { Refusal } from '../authoring.js';
import type { Candidate, Explanation, GuardTree, MachineEvent, Verdict } from './driver.js';
import { labelOf } from './describe.js';
import { choose } from './interpret.js';
import { errorToJson, toJson } from './json.js';
import { arrowsOf, isInert, lineage, pathOf, readGuard, type Arrow, type Guard, type GuardArgs } from './machine.js';
import { stateOf } from './place.js';
import type { Lifecycle } from './lifecycle.js';
import { behind, type Veil } from './veil.js';

/**
 * Every transition that could answer to the event, with the truth of each of its conditions (R000-30: say what is missing).
 * @param veil a condition that reads one of these is withheld, and so is everything that hangs on it
 */
export function explain(
  lifecycle: Lifecycle,
  snapshot: AnyMachineSnapshot,
  event: MachineEvent,
  veil: Veil = NOTHING,
): Explanation {
  const { machine } = lifecycle;
  const arrows = candidates(snapshot, event.type);
  const chosen = snapshot.status === 'active' ? chosenOrNone(lifecycle, snapshot, event) : [];
  const weighed = arrows.map((arrow) => ({
    arrow,
    guard: evaluate(snapshot, { context: snapshot.context, event }, arrow, veil),
  }));
  const isOpen = weighed.some(({ guard }) => guard.ok === null);
  const tried = weighed.map(({ arrow, guard }) => ({
    arrow,
    guard,
    taken: isOpen ? null : chosen.includes(arrow.transition) && !isInert(arrow.transition),
  }));
  const verdict = isOpen && snapshot.status === 'active' ? whichever(tried) : judge(snapshot, arrows, chosen);
  const isRefused = verdict === 'GUARDS_REFUSED' || verdict === 'WITHHELD';
  const failing = isRefused ? tried.flatMap(({ guard }) => culprits(guard)) : [];
  const reasons = failing.flatMap(({ reason }) => reason ?? []);
  return {
    event: event.type,
    ...stateOf(machine, toJson(snapshot.value, 'value')),
    verdict,
    allowed: verdict === 'WITHHELD' ? null : verdict === 'ALLOWED',
    candidates: tried.map(({ arrow, guard, taken }) => toCandidate(arrow, guard, taken)),
    failing,
    missing: unique(reasons.flatMap(({ missing }) => missing ?? [])),
    senders: [...(lifecycle.events[event.type]?.from ?? [])],
    clearedBy: unique(reasons.flatMap(({ clearedBy }) => clearedBy ?? [])),
    handledEvents: handledEvents(lifecycle, snapshot),
  };
}

const NOTHING: Veil = new Set();

/** What can be said whatever the withheld conditions are: that the event is taken, if one way is open and none of the others forbids it. */
function whichever(tried: readonly { arrow: Arrow; guard: GuardTree }[]): Verdict {
  const isOpen = tried.some(({ arrow, guard }) => guard.ok === true && !isInert(arrow.transition));
  const mayForbid = tried.some(({ arrow, guard }) => guard.ok !== false && isInert(arrow.transition));
  return isOpen && !mayForbid ? 'ALLOWED' : 'WITHHELD';
}

/** External event types that some transition of the current state answers to. */
export function handledEvents({ events }: Lifecycle, snapshot: AnyMachineSnapshot): string[] {
  if (snapshot.status !== 'active') return [];
  const answered = snapshot._nodes.flatMap(arrowsOf).filter(({ transition }) => !isInert(transition));
  return Object.keys(events).filter((type) => answered.some(({ event }) => event === type));
}

// Innermost state first, each state once: the order in which XState asks them.
function candidates(snapshot: AnyMachineSnapshot, eventType: string): Arrow[] {
  const leaves = snapshot._nodes.filter((node) => node.type === 'atomic' || node.type === 'final');
  return [...new Set(leaves.flatMap(lineage))].flatMap(arrowsOf).filter(({ event }) => event === eventType);
}

// A guard that throws shows up in its leaf, with its message.
function chosenOrNone(lifecycle: Lifecycle, snapshot: AnyMachineSnapshot, event: MachineEvent) {
  try {
    return choose(lifecycle.machine, snapshot, event);
  } catch {
    return [];
  }
}

function judge(
  snapshot: AnyMachineSnapshot,
  arrows: readonly Arrow[],
  chosen: readonly Arrow['transition'][],
): Verdict {
  if (snapshot.status !== 'active') return 'INSTANCE_DONE';
  if (arrows.length === 0) return 'EVENT_NOT_HANDLED_IN_STATE';
  if (chosen.length === 0) return 'GUARDS_REFUSED';
  return chosen.every(isInert) ? 'FORBIDDEN_IN_STATE' : 'ALLOWED';
}

const evaluate = (snapshot: AnyMachineSnapshot, args: GuardArgs, { transition }: Arrow, veil: Veil): GuardTree =>
  transition.guard === undefined
    ? { op: 'none', ok: true }
    : weigh(snapshot, args, readGuard(snapshot.machine, transition.guard), veil);

function weigh(snapshot: AnyMachineSnapshot, args: GuardArgs, guard: Guard, veil: Veil): GuardTree {
  const name = guard.name === undefined ? {} : { name: guard.name };
  switch (guard.op) {
    case 'leaf': {
      const looked = veil.size === 0 ? undefined : behind(veil, args, (watched) => weighLeaf(guard, watched));
      if (looked?.isVeiled) return { op: 'leaf', ...name, ...written(guard), ok: null, withheld: true };
      return { op: 'leaf', ...name, ...weighLeaf(guard, args) };
    }
    case 'stateIn':
      return { op: 'stateIn', ...name, params: guard.value, ok: guard.holds(snapshot, args) };
    default: {
      const children = guard.children.map((child) => weigh(snapshot, args, child, veil));
      return { op: guard.op, ...name, ok: TRUTH[guard.op](children.map(({ ok }) => ok)), children };
    }
  }
}

/** What stands in the definition says nothing of the instance; what is worked out of it may. */
const written = ({ params }: Leaf): { params?: unknown } =>
  params === undefined || typeof params === 'function' ? {} : { params };

/** Null is neither: a whole is true or false only where it is so either way. */
const TRUTH: Record<'and' | 'or' | 'not', (parts: readonly (boolean | null)[]) => boolean | null> = {
  and: (parts) => (parts.includes(false) ? false : parts.includes(null) ? null : true),
  or: (parts) => (parts.includes(true) ? true : parts.includes(null) ? null : false),
  not: ([part]) => (part === null ? null : part !== true),
};

type Leaf = Extract<Guard, { op: 'leaf' }>;

function weighLeaf({ params: written, predicate }: Leaf, args: GuardArgs) {
  try {
    const params: unknown = typeof written === 'function' ? Reflect.apply(written, undefined, [args]) : written;
    const shown = params === undefined ? {} : { params };
    if (predicate?.(args, params) === true) return { ...shown, ok: true };
    const reason: Refusal | undefined = predicate?.reason?.(args, params);
    return { ...shown, ok: false, ...(reason ? { reason } : {}) };
  } catch (error) {
    return { ok: false, error: errorToJson(error).message };
  }
}

/** The parts of a refusing guard that are to blame; a `not` is blamed itself, since what it wraps said yes. What is withheld may be to blame. */
function culprits(guard: GuardTree): Explanation['failing'] {
  if (guard.ok === true) return [];
  if (guard.op === 'and' || guard.op === 'or') return (guard.children ?? []).flatMap(culprits);
  const [inner] = guard.children ?? [];
  const name = guard.name ?? (guard.op === 'not' ? `not ${inner?.name ?? 'condition'}` : guard.op);
  const { params, reason, ok } = guard;
  const [shown, why] = [params === undefined ? {} : { params }, reason ? { reason } : {}];
  return [{ name, ...shown, ...why, ...(ok === null ? { withheld: true as const } : {}) }];
}

const toCandidate = (arrow: Arrow, guard: GuardTree, taken: boolean | null): Candidate => ({
  source: pathOf(arrow.source),
  target: (arrow.transition.target ?? []).map(pathOf),
  event: arrow.event,
  label: labelOf(arrow),
  guard,
  taken,
});

const unique = (items: readonly string[]): string[] => [...new Set(items)];
