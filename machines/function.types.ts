/** The shapes of a run of a TypeScript function: what it starts with and remembers, what may happen to it, what it asks of the world. */
import type { Stamp, Started } from '../src/engine/authoring.js';

/** JSON, as functions take and give it. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };
export interface Fields {
  [name: string]: Value;
}

/** What a function can ask of its context that a later run has to ask again, in the same order. */
export type CallKind =
  'action' | 'waitFor' | 'sleep' | 'setState' | 'data.set' | 'emit' | 'publish' | 'now' | 'uuid' | 'random';

/** One thing that the function asked, by its place in the order (R004-4). */
export interface Call {
  seq: number;
  kind: CallKind;
  /** The action, the names waited for, the state, the key, the milliseconds. */
  name: string;
  /** Of what was handed over; null where there is nothing. */
  hash: string | null;
}

/** What is kept of an error, so that it is the same each time the function sees it (R004-50). */
export interface Failure {
  name: string;
  message: string;
  code: string;
  category: string;
  attempts: number | null;
  details?: Value;
}

/** Something that came in: together these answer everything the function asked. Times in milliseconds since 1970. */
export type Entry =
  | { kind: 'start'; at: number }
  | { kind: 'result'; at: number; seq: number; output: Value }
  | { kind: 'failure'; at: number; seq: number; error: Failure }
  | {
      kind: 'event';
      at: number;
      name: string;
      /** What else it may be waited for as: whoever waits for one of them has it (R004-66). */
      aliases?: readonly string[];
      payload: Value;
      userId: string | null;
    }
  | { kind: 'alarm'; at: number };

/** An action that is to be done. */
export interface ActionJob {
  seq: number;
  name: string;
  params: Fields;
  userId: string | null;
}

/** An event for everybody of the tenant. */
export interface Publication {
  seq: number;
  name: string;
  payload: Value;
  userId: string | null;
}

/** How a run has ended by itself. */
export type Outcome = { kind: 'completed' } | { kind: 'failed'; error: Failure };

/** What the function did about one entry; found out by running it again over everything that came in. */
export interface Turn {
  /** Null when nobody waited for it: then it is as if it had not come. */
  entry: Entry | null;
  /** What it asked for the first time. */
  calls: readonly Call[];
  actions: readonly ActionJob[];
  publications: readonly Publication[];
  /** The state as the function calls it, any text (R004-7). */
  label: string;
  data: Fields;
  /** What it waits for now; what is nearest to work comes first. */
  waitsFor: 'action' | 'event' | 'timer';
  /** When the next of its waits is over, milliseconds since 1970. */
  alarmAt: number | null;
  outcome: Outcome | null;
}

/** The code of a run that did something else than before (R004-5). */
export const NONDETERMINISM = 'NONDETERMINISM';

/** What a run starts with. */
export interface FunctionInput {
  /** What people call the workflow. */
  workflow: string;
  /** The compiled function, and its version, for the life of the run (R004-16). */
  module: string;
  moduleVersion: string;
  /** The trigger, and what else it was given. */
  input: Fields;
  userId: string | null;
  correlationId: string;
  /** What the function did when it was called. */
  turn: Turn;
}

/** What a run remembers. */
export interface FunctionContext extends Omit<FunctionInput, 'turn'> {
  executionId: string;
  log: readonly Entry[];
  calls: readonly Call[];
  /** Entries whose calls are all written down; fewer than there are where the function did something else than before. */
  settled: number;
  label: string;
  data: Fields;
  waitsFor: Turn['waitsFor'];
  alarmAt: number | null;
  /** The time of the last entry. */
  at: number;
  /** What the last turn asked of the world. */
  actions: readonly ActionJob[];
  publications: readonly Publication[];
  outcome: Outcome | null;
  /** Why it was stopped from outside. */
  reason: string | null;
}

export interface FunctionFacts {
  turn: Turn;
}

export type FunctionEvent = (
  | { type: 'action.done'; id: number; output: Value }
  | { type: 'action.failed'; id: number; error: { code: string; message: string } }
  | { type: 'function.event'; name: string; aliases?: readonly string[]; payload: Value; userId?: string }
  | { type: 'function.cancel'; reason?: string }
  | { type: 'function.terminate'; reason: string }
) &
  Stamp<FunctionFacts>;

/** What happens when a run starts. */
export type FunctionStarted = Started<FunctionInput>;
