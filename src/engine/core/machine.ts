/** Reads the definition of an XState machine: the one place that knows how its parts look at run time. */
import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import type { EffectOptions, Refusal } from '../authoring.js';
import type { GuardDescription, TransitionDescription } from './driver.js';

/** A state of a machine; the machine itself is the root. */
export type Node = AnyStateMachine['root'];
/** A transition as XState resolved it; its identity is stable for the life of the machine. */
export type Transition = AnyTransitionDefinition;

/** A transition with the identity it keeps as long as the version lives. */
export interface Arrow {
  id: string;
  source: Node;
  /** Event type; `always` for eventless transitions. */
  event: string;
  kind: TransitionDescription['kind'];
  transition: Transition;
}

/** Every state below and including the root, in document order. */
export const nodesOf = (machine: AnyStateMachine): Node[] => subtree(machine.root);

/** A node and everything below it, in document order. */
export const subtree = (node: Node): Node[] => [node, ...Object.values(node.states).flatMap(subtree)];

/** A node and its ancestors, innermost first. */
export const lineage = (node: Node): Node[] => [node, ...(node.parent ? lineage(node.parent) : [])];

/** The states entered with a state when nothing says otherwise: itself and its initial descendants. */
export function descent(node: Node): Node[] {
  if (node.type === 'compound') return [node, ...node.initial.target.flatMap(descent)];
  if (node.type === 'parallel') return [node, ...Object.values(node.states).flatMap(descent)];
  // What a history state remembers may be any state below its parent.
  if (node.type === 'history' && node.parent) return remembered(node.parent);
  return [node];
}

/**
 * Whether a state at the top is only a box around states (`meta.group`): people speak of those inside, which share what the
 * box has, and paths leave it out.
 */
export const isGroup = (node: Node): boolean =>
  node.type === 'compound' && node.parent === node.machine.root && field(node.meta, 'group') === true;

/** Path below the root, e.g. `PACKED.sealed`; the root's own is empty. */
export const pathOf = (node: Node): string => {
  const outermost = lineage(node).at(-2);
  const isInGroup = outermost !== undefined && outermost !== node && isGroup(outermost);
  return node.path.slice(isInGroup ? 1 : 0).join('.');
};

/** All transitions of a node itself, in the order XState tries them. */
export const arrowsOf = (node: Node): Arrow[] => [
  ...[...node.transitions].flatMap(([event, transitions]) => toArrows(node, event, transitions)),
  ...toArrows(node, ALWAYS, node.always ?? []),
];

/** All transitions of a machine. */
export const allArrows = (machine: AnyStateMachine): Arrow[] => nodesOf(machine).flatMap(arrowsOf);

/** True for a transition that only says "not here": it neither moves nor does anything. */
export const isInert = (transition: Transition): boolean => !transition.target && transition.actions.length === 0;

/** True for event types that only the engine may send. */
export const isReserved = (eventType: string): boolean => /^(xstate|done|error)\./.test(eventType);

/** How the type of a deadline's event begins; the same text is the timer's id. */
export const AFTER = 'xstate.after.';
/** How the type of the event begins that says a state's children have ended. */
export const DONE_STATE = 'xstate.done.state.';
/** How the type of the event begins that answers an invoke. */
export const DONE_ACTOR = 'xstate.done.actor.';
/** How the type of the event begins that tells an invoke it failed. */
export const ERROR_ACTOR = 'xstate.error.actor.';
const ALWAYS = 'always';

type Predicate = ((args: GuardArgs, params: unknown) => boolean) & {
  needs?: readonly string[];
  reason?: (args: GuardArgs, params: unknown) => Refusal | undefined;
};

/** What a guard decides on. */
export interface GuardArgs {
  context: unknown;
  event: unknown;
}

/** A guard with its references resolved. An inline leaf has no name, a missing one no predicate. */
export type Guard =
  | { op: 'leaf'; name?: string; params?: unknown; predicate?: Predicate }
  | { op: 'and' | 'or' | 'not'; name?: string; children: Guard[] }
  | { op: 'stateIn'; name?: string; value: unknown; holds: (snapshot: unknown, args: GuardArgs) => boolean };

/** Resolves a guard as written in the machine. */
export function readGuard(machine: AnyStateMachine, written: unknown): Guard {
  if (typeof written === 'function') return readPredicate(machine, written as Predicate);
  const name = typeof written === 'string' ? written : String(field(written, 'type'));
  const found: unknown = machine.implementations.guards[name];
  const params = field(written, 'params');
  const named = { name, ...(params === undefined ? {} : { params }) };
  if (found === undefined) return { op: 'leaf', ...named };
  const guard = typeof found === 'function' ? readPredicate(machine, found as Predicate) : readGuard(machine, found);
  return guard.op === 'leaf' ? { ...guard, ...named } : { ...guard, name };
}

/** The predicates at the ends of a guard tree. */
export const leavesOf = (guard: Guard): Extract<Guard, { op: 'leaf' }>[] =>
  guard.op === 'leaf' ? [guard] : guard.op === 'stateIn' ? [] : guard.children.flatMap(leavesOf);

/** Names of the facts a guard reads. */
export const factsOf = (machine: AnyStateMachine, written: unknown): string[] =>
  written === undefined
    ? []
    : leavesOf(readGuard(machine, written)).flatMap((leaf) => [...(leaf.predicate?.needs ?? [])]);

/** A guard as data; parameters that are computed are shown as `computed`. */
export function describeGuard(guard: Guard): GuardDescription {
  const name = guard.name === undefined ? {} : { name: guard.name };
  if (guard.op === 'stateIn') return { op: 'stateIn', ...name, params: guard.value };
  if (guard.op !== 'leaf') return { op: guard.op, ...name, children: guard.children.map(describeGuard) };
  if (guard.params === undefined) return { op: 'leaf', ...name };
  return { op: 'leaf', ...name, params: typeof guard.params === 'function' ? 'computed' : guard.params };
}

/** The name of an effect, which its handler has too, and how it is to be run and undone. */
export interface EffectDeclaration {
  effect: string;
  options: EffectOptions;
  /** Its parameters list any number of pieces of work. */
  isSeveral?: boolean;
}

/** What `durable()` and `effect()` left on an implementation, or undefined for anything else. */
export const declarationOf = (implementation: unknown): EffectDeclaration | undefined =>
  typeof field(implementation, 'effect') === 'string' ? (implementation as EffectDeclaration) : undefined;

/** An action as written, with its reference resolved. `plain` has code that nothing would ever run. */
export type Action =
  | { kind: 'effect'; name: string; params: unknown; declaration: EffectDeclaration }
  | { kind: 'builtin'; type: string; name: string | undefined; action: unknown }
  | { kind: 'plain' | 'missing'; name: string }
  | { kind: 'inline'; name: string };

/** Resolves an action as written in the machine. */
export function readAction(machine: AnyStateMachine, written: unknown): Action {
  const inline = typeof written === 'function';
  const name = inline ? undefined : typeof written === 'string' ? written : String(field(written, 'type'));
  const found: unknown = name === undefined ? written : machine.implementations.actions[name];
  if (typeof field(found, 'resolve') === 'function')
    return { kind: 'builtin', type: String(field(found, 'type')), name, action: found };
  if (name === undefined) return { kind: 'inline', name: String(field(written, 'name')) };
  if (found === undefined) return { kind: 'missing', name };
  const declaration = declarationOf(found);
  return declaration
    ? { kind: 'effect', name, params: field(written, 'params'), declaration }
    : { kind: 'plain', name };
}

/** Everything a node does by itself: on entry, on exit, on its transitions, on its initial transition. */
export const actionsOf = (node: Node): unknown[] => [
  ...node.entry,
  ...node.exit,
  ...arrowsOf(node).flatMap(({ transition }) => [...transition.actions]),
  ...(node.type === 'compound' ? node.initial.actions : []),
];

/** Reads a property of anything; undefined where there is none. */
export const field = (value: unknown, key: string): unknown =>
  (typeof value === 'object' && value !== null) || typeof value === 'function' ? Reflect.get(value, key) : undefined;

const remembered = (parent: Node): Node[] =>
  Object.values(parent.states).flatMap((child) => (child.type === 'history' ? [] : [child, ...remembered(child)]));

function readPredicate(machine: AnyStateMachine, predicate: Predicate): Guard {
  const check = field(predicate, 'check');
  if (typeof check !== 'function') return { op: 'leaf', predicate };
  if ('stateValue' in predicate)
    return {
      op: 'stateIn',
      value: predicate.stateValue,
      holds: (snapshot, args) => Boolean(Reflect.apply(check, undefined, [snapshot, args, predicate])),
    };
  const parts = field(predicate, 'guards');
  const children = (Array.isArray(parts) ? parts : []).map((part) => readGuard(machine, part));
  return { op: predicate.name === 'or' ? 'or' : predicate.name === 'not' ? 'not' : 'and', children };
}

const toArrows = (source: Node, event: string, transitions: readonly Transition[]): Arrow[] =>
  transitions.map((transition, index) => ({
    id: `${pathOf(source)}|${event}|${index}`,
    source,
    event,
    kind: kindOf(event),
    transition,
  }));

function kindOf(event: string): Arrow['kind'] {
  if (event === ALWAYS) return 'always';
  if (event.startsWith(AFTER)) return 'timer';
  if (event.startsWith(DONE_ACTOR) || event.startsWith(DONE_STATE)) return 'done';
  return event.startsWith(ERROR_ACTOR) ? 'error' : 'event';
}
