/** What some must not learn of, not even by the decisions that are made on it. Pure. */
import { and, not, or, StateMachine, stateIn, type AnyStateMachine } from 'xstate';
import type { Json, MachineEvent } from './driver.js';
import { advance, restore } from './interpret.js';
import { field, readGuard, type Guard, type GuardArgs } from './machine.js';

/** Names of the fields of the context, and of the facts, that whoever asks must not learn of. */
export type Veil = ReadonlySet<string>;

/** Lets a condition read, and watches what it reads. Whether it looked behind the veil is all that is told then. */
export function behind<T>(veil: Veil, { context, event }: GuardArgs, ask: (args: GuardArgs) => T): Looked<T> {
  let isVeiled = false;
  const watched = (read: unknown): unknown =>
    typeof read === 'object' && read !== null
      ? new Proxy(read, {
          get: (target, name) => {
            isVeiled ||= veil.has(String(name));
            return Reflect.get(target, name) as unknown;
          },
          has: (target, name) => {
            isVeiled ||= veil.has(String(name));
            return Reflect.has(target, name);
          },
        })
      : read;
  const facts = field(event, 'facts');
  const args = {
    context: watched(context),
    event: facts === undefined ? event : { ...(event as object), facts: watched(facts) },
  };
  try {
    const answer = ask(args);
    return isVeiled ? { isVeiled } : { isVeiled, answer };
  } catch (error) {
    if (isVeiled) return { isVeiled };
    throw error;
  }
}

/** What was answered without looking behind the veil. */
export type Looked<T> = { isVeiled: true } | { isVeiled: false; answer: T };

/** Whether some condition on the way of this step looks behind the veil, also one that is asked only afterwards (`always`). */
export function looksBehind(machine: AnyStateMachine, veil: Veil, stored: Json, event: MachineEvent): boolean {
  const veiled = veiledOf(machine);
  return veiled.asking(veil, () => advance(veiled.machine, restore(veiled.machine, stored), event));
}

interface Veiled {
  /** The same machine, whose conditions tell what they read. */
  machine: AnyStateMachine;
  asking(veil: Veil, work: () => unknown): boolean;
}

const made = new WeakMap<AnyStateMachine, Veiled>();
const LEAF = '$watched';

/** Made once for each machine. What runs on it must be synchronous. */
function veiledOf(machine: AnyStateMachine): Veiled {
  const known = made.get(machine);
  if (known) return known;
  let [veil, looked]: [Veil, boolean] = [new Set(), false];
  const answers = (args: GuardArgs, { leaf }: { leaf: Leaf }): boolean => {
    const found = behind(veil, args, (watched) => holds(leaf, watched));
    looked ||= found.isVeiled;
    return found.isVeiled ? holds(leaf, args) : found.answer;
  };
  const watched = new StateMachine(rewritten(machine, machine.config) as typeof machine.config, {
    ...machine.implementations,
    guards: { ...machine.implementations.guards, [LEAF]: answers as never },
  });
  const veiled: Veiled = {
    machine: watched,
    asking: (asked, work) => {
      [veil, looked] = [asked, false];
      try {
        work();
      } catch (error) {
        // What throws because of what it looked at must not tell so either.
        if (!looked) throw error;
      }
      return looked;
    },
  };
  made.set(machine, veiled);
  return veiled;
}

type Leaf = Extract<Guard, { op: 'leaf' }>;

function holds({ params: written, predicate }: Leaf, args: GuardArgs): boolean {
  const params: unknown = typeof written === 'function' ? Reflect.apply(written, undefined, [args]) : written;
  return predicate?.(args, params) === true;
}

/** Where states and transitions are written; everything else of a machine stays as it is. */
const BONES: ReadonlySet<string> = new Set(['states', 'on', 'after', 'always', 'invoke', 'onDone', 'onError']);

/** A copy of the configuration whose conditions are watched. `isBranch`: what is inside is named by the author, states and events. */
function rewritten(machine: AnyStateMachine, piece: unknown, isBranch = false): unknown {
  if (Array.isArray(piece)) return piece.map((one) => rewritten(machine, one));
  if (typeof piece !== 'object' || piece === null) return piece;
  return Object.fromEntries(
    Object.entries(piece).map(([key, value]: [string, unknown]) => {
      if (isBranch) return [key, rewritten(machine, value)];
      if (key === 'guard') return [key, value === undefined ? value : watchedGuard(readGuard(machine, value))];
      return [key, BONES.has(key) ? rewritten(machine, value, NAMED.has(key)) : value];
    }),
  );
}

const NAMED: ReadonlySet<string> = new Set(['states', 'on', 'after']);

/** The same tree, whose leaves are watched. */
function watchedGuard(guard: Guard | undefined): unknown {
  if (guard === undefined) throw new Error('a condition without anything to ask');
  switch (guard.op) {
    case 'leaf':
      return { type: LEAF, params: { leaf: guard } };
    case 'stateIn':
      return stateIn(guard.value as never);
    case 'not':
      return not(watchedGuard(guard.children[0]) as never);
    default:
      return (guard.op === 'and' ? and : or)(guard.children.map(watchedGuard) as never);
  }
}
