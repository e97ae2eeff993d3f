/** Conditions of rules: JSON-logic and `regex`, with a bound on what they can cost and an account of how they came out. Pure. */
import { defaultMethods, LogicEngine } from 'json-logic-engine';
import type { Json } from '../../engine/core/driver.js';
import { find, patternObjection } from './patterns.js';

/** Steps of one evaluation: each operator and each value counts, also inside of `map` and its kin. About 3 ms at the very most. */
export const MOST_STEPS = 5_000;
/** What a condition may be made of. */
const MOST_NODES = 200;
const DEEPEST = 20;
/** Items of a list that `map` and its kin go through. */
const LONGEST_LIST = 1_000;
const LONGEST_TEXT = 10_000;
/** Characters of a value in an account. */
const LONGEST_SHOWN = 200;

/** What decides for itself which of its arguments it looks at, so that the account can follow. */
const LOGICAL = ['and', 'or', '!', '!!'] as const;
/** The operators of JSON-logic; nothing that throws, looks at what is not there, or has effects. */
const KNOWN = [
  ...['var', 'missing', 'missing_some', 'if', '==', '===', '!=', '!==', '<', '<=', '>', '>=', 'in', 'cat', 'substr'],
  ...['+', '-', '*', '/', '%', 'min', 'max', 'map', 'filter', 'reduce', 'all', 'none', 'some', 'merge'],
  ...LOGICAL,
];
const REGEX = 'regex';

/** How a part of a condition came out. */
export interface Account {
  /** The part as it is written; left out where `parts` say it all. */
  rule?: Json;
  result: boolean;
  /** What its variables stood for. */
  given?: Record<string, Json>;
  op?: string;
  parts?: Account[];
}

/** How a condition came out; `fault` when it could not be worked out. */
export type Verdict =
  { ok: boolean; account: Account; steps: number; fault?: undefined } | { ok: false; fault: string };

/** Counts as it goes: every part of a condition passes through `run`. */
class Bounded extends LogicEngine {
  steps = 0;

  override run(logic: unknown, data?: unknown, options?: { above?: unknown }): unknown {
    this.spend(1);
    return super.run(logic, data, options) as unknown;
  }

  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > MOST_STEPS) throw new TooCostly(`it takes more than ${MOST_STEPS} steps`);
  }
}

class TooCostly extends Error {}

const OPTIONS = {
  // What is written as a plan beforehand is not counted.
  disableInterpretedOptimization: true,
  disableInline: true,
  maxArrayLength: LONGEST_LIST,
  maxStringLength: LONGEST_TEXT,
};

const METHODS = Object.fromEntries(
  Object.entries(defaultMethods as Record<string, unknown>).filter(([name]) => KNOWN.includes(name)),
);

function engine(): Bounded {
  const bounded = new Bounded(METHODS, OPTIONS);
  bounded.addMethod(REGEX, ([text, pattern]: readonly unknown[]) => {
    if (typeof text !== 'string' || typeof pattern !== 'string') return false;
    const { found, cost } = find(pattern, text);
    bounded.spend(cost);
    return found;
  });
  // The engine's own looks behind the data, at what every object has.
  bounded.addMethod('var', ([path, otherwise]: readonly unknown[], context: unknown) =>
    path === '' || path === null || path === undefined
      ? context
      : (valueAt(context, String(path)) ?? otherwise ?? null),
  );
  return bounded;
}

/** Works a condition out; none at all is always true. */
export function judge(condition: Json, data: Readonly<Record<string, unknown>>): Verdict {
  if (condition === null) return { ok: true, account: { result: true }, steps: 0 };
  const bounded = engine();
  try {
    const account = explain(bounded, condition, data);
    return { ok: account.result, account, steps: bounded.steps };
  } catch (error) {
    if (error instanceof TooCostly) return { ok: false, fault: error.message };
    return { ok: false, fault: `it cannot be worked out: ${wordsOf(error)}` };
  }
}

/** As JSON-logic does it, part by part: what is not looked at is not in the account. */
function explain(bounded: Bounded, condition: Json, data: unknown): Account {
  const [op, args] = operationOf(condition) ?? [];
  switch (op) {
    case 'and':
    case 'or': {
      const parts: Account[] = [];
      for (const part of listOf(args)) {
        parts.push(explain(bounded, part, data));
        if (parts.at(-1)?.result === (op === 'or')) break;
      }
      return { op, result: parts.at(-1)?.result ?? false, parts };
    }
    case '!':
    case '!!': {
      const [first = null] = listOf(args);
      const part = explain(bounded, first, data);
      return { op, result: part.result === (op === '!!'), parts: [part] };
    }
    default:
      return {
        rule: condition,
        result: Boolean(bounded.truthy(bounded.run(condition, data))),
        given: Object.fromEntries(pathsIn(condition).map((path) => [path, shown(valueAt(data, path))])),
      };
  }
}

/** Why a condition cannot be used, or undefined. */
export function conditionObjection(condition: Json): string | undefined {
  let nodes = 0;
  const look = (part: Json, depth: number): string | undefined => {
    nodes += 1;
    if (nodes > MOST_NODES) return `has more than ${MOST_NODES} parts`;
    if (depth > DEEPEST) return `is nested deeper than ${DEEPEST}`;
    if (Array.isArray(part)) return firstOf(part, (item) => look(item, depth + 1));
    if (part === null || typeof part !== 'object') return undefined;
    const [operation, ...more] = Object.entries(part);
    if (!operation) return undefined;
    const [op, args] = operation;
    if (more.length > 0) return 'an operation has one operator';
    if (op === REGEX) {
      const [, pattern] = listOf(args);
      const objection = listOf(args).length === 2 ? patternObjection(pattern) : 'regex takes a text and a pattern';
      if (objection !== undefined) return objection;
    } else if (!KNOWN.includes(op)) return `${op.slice(0, 50)} is no operator here`;
    return look(args, depth + 1);
  };
  return look(condition, 1);
}

const operationOf = (part: Json): [string, Json] | undefined =>
  part !== null && typeof part === 'object' && !Array.isArray(part) ? Object.entries(part)[0] : undefined;

const listOf = (args: Json | undefined): Json[] => (Array.isArray(args) ? args : args === undefined ? [] : [args]);

/** The variables that a part names itself. Those inside of `map` and its kin are about items. */
function pathsIn(part: Json): string[] {
  if (Array.isArray(part)) return part.flatMap(pathsIn);
  const [op, args] = operationOf(part) ?? [];
  if (op === undefined || args === undefined) return [];
  if (op === 'var')
    return listOf(args)
      .slice(0, 1)
      .flatMap((path) => (typeof path === 'string' && path !== '' ? path : []));
  return ['map', 'filter', 'reduce', 'all', 'none', 'some'].includes(op)
    ? pathsIn(listOf(args)[0] ?? null)
    : pathsIn(args);
}

function valueAt(data: unknown, path: string): Json {
  let at: unknown = data;
  for (const name of path.split('.'))
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : null;
  return (at ?? null) as Json;
}

/** What is long is shown by how it begins. */
function shown(value: Json): Json {
  const text = JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : value;
}

function firstOf<Item>(items: readonly Item[], look: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The engine throws plain objects: `{ type: 'NaN' }`. */
function wordsOf(error: unknown): string {
  if (error instanceof Error) return error.message.slice(0, 200);
  const { type } = (error ?? {}) as { type?: unknown };
  return typeof type === 'string' ? type.slice(0, 200) : 'unknown';
}
