/** The bones of a lifecycle: its states and ways, without what is remembered and done, and with conditions that an oracle answers. */
import { and, not, or, StateMachine, stateIn, type AnyStateMachine } from 'xstate';
import type { Json } from '../driver.js';
import { canonicalText } from '../json.js';
import { field, readGuard, type Guard } from '../machine.js';

/** A condition at the end of a guard tree. */
export interface Condition {
  /** Name and parameters: the same text is the same condition. */
  key: string;
  leaf: Extract<Guard, { op: 'leaf' }>;
}

/** Says whether a condition is supposed to hold. */
export type Oracle = (key: string) => boolean;

/** The machine without context and actions. Snapshots of it have the same states as those of the lifecycle. */
export interface Skeleton {
  machine: AnyStateMachine;
  /** By key. */
  conditions: ReadonlyMap<string, Condition>;
  /** Runs with an oracle; what runs must be synchronous. */
  asking<T>(oracle: Oracle, work: () => T): T;
}

const made = new WeakMap<AnyStateMachine, Skeleton>();

/** Made once for each machine. What a lifecycle raises for itself is not followed. */
export function skeletonOf(machine: AnyStateMachine): Skeleton {
  const known = made.get(machine);
  if (known) return known;
  const conditions = new Map<string, Condition>();
  let oracle: Oracle = () => false;
  const bones = new StateMachine(
    { ...(bare(machine, machine.config, conditions) as typeof machine.config), context: {} },
    {
      ...machine.implementations,
      guards: { [ASK]: (_: unknown, params: unknown) => oracle(String(field(params, 'key'))) },
      delays: Object.fromEntries(Object.keys(machine.implementations.delays).map((name) => [name, 1])),
    },
  );
  const skeleton: Skeleton = {
    machine: bones,
    conditions,
    asking: (asked, work) => {
      oracle = asked;
      try {
        return work();
      } finally {
        oracle = () => false;
      }
    },
  };
  made.set(machine, skeleton);
  return skeleton;
}

/** A snapshot of the lifecycle as one of its skeleton. */
export const bareSnapshot = (stored: Json): Json => ({ ...(stored as { [key: string]: Json }), context: {} });

const ASK = '$oracle';
/** What has to do with what is remembered or done. */
const FLESH: ReadonlySet<string> = new Set([
  'entry',
  'exit',
  'actions',
  'input',
  'output',
  'context',
  'meta',
  'description',
]);

/** A copy of a piece of the configuration, without its flesh. */
function bare(machine: AnyStateMachine, piece: unknown, conditions: Map<string, Condition>): unknown {
  if (Array.isArray(piece)) return piece.map((one) => bare(machine, one, conditions));
  if (typeof piece !== 'object' || piece === null) return piece;
  return Object.fromEntries(
    Object.entries(piece).flatMap(([key, value]: [string, unknown]) => {
      if (FLESH.has(key)) return [];
      if (key === 'guard' && value !== undefined) return [[key, asked(readGuard(machine, value), conditions)]];
      return [[key, bare(machine, value, conditions)]];
    }),
  );
}

/** The same tree, whose leaves ask the oracle. Where an instance is remains a matter of fact. */
function asked(guard: Guard | undefined, conditions: Map<string, Condition>): unknown {
  if (guard === undefined) return { type: ASK, params: { key: '' } };
  switch (guard.op) {
    case 'leaf': {
      const key = keyOf(guard);
      conditions.set(key, { key, leaf: guard });
      return { type: ASK, params: { key } };
    }
    case 'stateIn':
      return stateIn(guard.value as never);
    case 'not':
      return not(asked(guard.children[0], conditions) as never);
    default: {
      const children = guard.children.map((child) => asked(child, conditions));
      return (guard.op === 'and' ? and : or)(children as never);
    }
  }
}

/** The key of a leaf: what it is called, and with what. Parameters that are computed say nothing by themselves. */
export const keyOf = ({ name, params }: Extract<Guard, { op: 'leaf' }>): string =>
  `${name ?? 'condition'}${params === undefined ? '' : typeof params === 'function' ? '(…)' : canonicalText(params)}`;
