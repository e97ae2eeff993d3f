/** What can be said of a condition before its event is there. Pure. */
import type { Refusal } from '../../authoring.js';
import { describeGuard } from '../machine.js';
import { behind, type Veil } from '../veil.js';
import type { Condition } from './skeleton.js';

/**
 * `holds` and `fails` are said of the instance as it is now; `payload`: what is sent decides; `unknown`: it cannot be asked yet;
 * `withheld`: it reads what whoever asks may not see.
 */
export type Standing = 'holds' | 'fails' | 'payload' | 'unknown' | 'withheld';

export interface Weighed {
  standing: Standing;
  /** Fields of the event's payload that it read. */
  fields: string[];
  /** Decided on what the instance remembers and on nothing else: only its own steps change it. */
  isOwn: boolean;
  /** Why it fails, as the condition says it. */
  reason?: Refusal;
}

/** What the instance is decided on now. */
export interface Now {
  context: unknown;
  facts: Readonly<Record<string, unknown>>;
  at: number;
  caller: { id: string; roles: readonly string[] };
  /** What whoever asks must not learn of. */
  veil: Veil;
}

const STAMP: ReadonlySet<PropertyKey> = new Set(['type', 'facts', 'at']);

/**
 * Asks a condition about an event of which the type alone is known, and watches what it would have read of one. Who sends it is taken for part of the event too: a
 * condition on him is no condition on the instance.
 */
export function weigh({ leaf }: Condition, type: string, now: Now): Weighed {
  if (now.veil.size === 0) return weighOpenly(leaf, type, now);
  const looked = behind(now.veil, { context: now.context, event: { facts: now.facts } }, ({ context, event }) =>
    weighOpenly(leaf, type, { ...now, context, facts: (event as Now).facts }),
  );
  return looked.isVeiled ? { standing: 'withheld', fields: [], isOwn: false } : looked.answer;
}

function weighOpenly({ predicate, params: written }: Condition['leaf'], type: string, now: Now): Weighed {
  const fields = new Set<string>();
  const unloaded = new Set<string>();
  const facts = new Proxy(now.facts, {
    get: (loaded, name) => {
      if (typeof name === 'string' && !(name in loaded)) unloaded.add(name);
      return Reflect.get(loaded, name) as unknown;
    },
  });
  const event = new Proxy(
    { type, facts, at: now.at, caller: now.caller },
    {
      get: (stamp, name) => {
        if (typeof name === 'string' && !STAMP.has(name)) fields.add(name);
        return Reflect.get(stamp, name) as unknown;
      },
      has: (stamp, name) => {
        if (typeof name === 'string' && !STAMP.has(name)) fields.add(name);
        return Reflect.has(stamp, name);
      },
    },
  );
  const answer = asked(() => {
    const args = { context: now.context, event };
    const params: unknown = typeof written === 'function' ? Reflect.apply(written, undefined, [args]) : written;
    const reason = predicate?.reason?.(args, params);
    return { ok: predicate?.(args, params) === true, reason };
  });
  if (fields.size > 0) return { standing: 'payload', fields: [...fields].sort(), isOwn: false };
  if (!answer || unloaded.size > 0) return { standing: 'unknown', fields: [], isOwn: false };
  const isOwn = (predicate?.needs ?? []).length === 0;
  if (answer.ok) return { standing: 'holds', fields: [], isOwn };
  return { standing: 'fails', fields: [], isOwn, ...(answer.reason ? { reason: answer.reason } : {}) };
}

/** Name and parameters of a condition, for people. */
export const namedCondition = ({ leaf }: Condition): { condition: string; params?: unknown } => {
  const { name = 'condition', params } = describeGuard(leaf);
  return { condition: name, ...(params === undefined ? {} : { params }) };
};

/** `assertEvent` and the like throw, which says only that the event is of another kind. */
function asked<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
