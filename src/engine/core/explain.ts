import type { AnyMachineSnapshot } from 'xstate';
import type { Refusal } from '../authoring.js';
import type { Candidate, Explanation, GuardTree, MachineEvent, Verdict } from './driver.js';
import { labelOf } from './describe.js';
import { choose } from './interpret.js';
import { errorToJson, toJson } from './json.js';
import { arrowsOf, isInert, lineage, pathOf, readGuard, type Arrow, type Guard, type GuardArgs } from './machine.js';
import { stateOf } from './place.js';
import type { Lifecycle } from './lifecycle.js';

/** Every transition that could answer to the event, with the truth of each of its conditions (R000-30: say what is missing). */
export function explain(lifecycle: Lifecycle, snapshot: AnyMachineSnapshot, event: MachineEvent): Explanation {
  const { machine } = lifecycle;
  const arrows = candidates(snapshot, event.type);
  const chosen = snapshot.status === 'active' ? chosenOrNone(lifecycle, snapshot, event) : [];
  const tried = arrows.map((arrow) => ({
    arrow,
    guard: evaluate(snapshot, { context: snapshot.context, event }, arrow),
    taken: chosen.includes(arrow.transition) && !isInert(arrow.transition),
  }));
  const verdict = judge(snapshot, arrows, chosen);
  const failing = verdict === 'GUARDS_REFUSED' ? tried.flatMap(({ guard }) => culprits(guard)) : [];
  const reasons = failing.flatMap(({ reason }) => reason ?? []);
  return {
    event: event.type,
    ...stateOf(machine, toJson(snapshot.value, 'value')),
    verdict,
    allowed: verdict === 'ALLOWED',
    candidates: tried.map(({ arrow, guard, taken }) => toCandidate(arrow, guard, taken)),
    failing,
    missing: unique(reasons.flatMap(({ missing }) => missing ?? [])),
    senders: [...(lifecycle.events[event.type]?.from ?? [])],
    clearedBy: unique(reasons.flatMap(({ clearedBy }) => clearedBy ?? [])),
    handledEvents: handledEvents(lifecycle, snapshot),
  };
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

const evaluate = (snapshot: AnyMachineSnapshot, args: GuardArgs, { transition }: Arrow): GuardTree =>
  transition.guard === undefined
    ? { op: 'none', ok: true }
    : weigh(snapshot, args, readGuard(snapshot.machine, transition.guard));

function weigh(snapshot: AnyMachineSnapshot, args: GuardArgs, guard: Guard): GuardTree {
  const name = guard.name === undefined ? {} : { name: guard.name };
  switch (guard.op) {
    case 'leaf':
      return { op: 'leaf', ...name, ...weighLeaf(guard, args) };
    case 'stateIn':
      return { op: 'stateIn', ...name, params: guard.value, ok: guard.holds(snapshot, args) };
    default: {
      const children = guard.children.map((child) => weigh(snapshot, args, child));
      return { op: guard.op, ...name, ok: TRUTH[guard.op](children.map(({ ok }) => ok)), children };
    }
  }
}

const TRUTH: Record<'and' | 'or' | 'not', (parts: readonly boolean[]) => boolean> = {
  and: (parts) => parts.every(Boolean),
  or: (parts) => parts.some(Boolean),
  not: ([part]) => part !== true,
};

function weighLeaf({ params: written, predicate }: Extract<Guard, { op: 'leaf' }>, args: GuardArgs) {
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

/** The parts of a refusing guard that are to blame; a `not` is blamed itself, since what it wraps said yes. */
function culprits(guard: GuardTree): Explanation['failing'] {
  if (guard.ok) return [];
  if (guard.op === 'and' || guard.op === 'or') return (guard.children ?? []).flatMap(culprits);
  const [inner] = guard.children ?? [];
  const name = guard.name ?? (guard.op === 'not' ? `not ${inner?.name ?? 'condition'}` : guard.op);
  const { params, reason } = guard;
  return [{ name, ...(params === undefined ? {} : { params }), ...(reason ? { reason } : {}) }];
}

const toCandidate = (arrow: Arrow, guard: GuardTree, taken: boolean): Candidate => ({
  source: pathOf(arrow.source),
  target: (arrow.transition.target ?? []).map(pathOf),
  event: arrow.event,
  label: labelOf(arrow),
  guard,
  taken,
});

const unique = (items: readonly string[]): string[] => [...new Set(items)];
