/** One run of a function over everything that came in: what it asked for, what it waits for, how it ended. Knows no database and no clock. */
import { hash } from 'node:crypto';
import {
  NONDETERMINISM,
  type ActionJob,
  type Call,
  type CallKind,
  type Entry,
  type Failure,
  type Fields,
  type Outcome,
  type Publication,
  type Turn,
  type Value,
} from '../../machines/function.types.js';
import { canonicalText } from '../engine/core/json.js';
import { failureOf } from './failure.js';
import { TIMEOUT, type WaitOptions, type WorkflowEvent } from './workflow.js';

/** A promise that the function holds and nobody has answered yet. */
interface Waiting {
  kind: 'action' | 'event' | 'timer';
  names: readonly string[];
  dueAt: number | null;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  onTimeout: WaitOptions['onTimeout'];
}

/** What the function did where it did something else before. */
interface Flaw {
  seq: number;
  expected: string;
  actual: string;
}

/** A line for the log. */
export interface Line {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: object;
}

/** The first label of every run (R004-26). */
export const INITIAL = 'initial';

/** Keeps what the function asks for in order, and answers it from what came in. */
export class Rerun {
  private readonly calls: Call[] = [];
  private readonly waiting = new Map<number, Waiting>();
  private readonly buffer: { event: WorkflowEvent; known: readonly string[] }[] = [];
  private flaw: Flaw | undefined;
  private isClosed = false;
  /** What the function asks now it has not asked before. */
  private isNew = false;
  private heard = false;
  at = 0;
  label = INITIAL;
  data: Fields = {};
  outcome: Outcome | null = null;
  readonly actions: ActionJob[] = [];
  readonly publications: Publication[] = [];
  readonly lines: Line[] = [];

  /** @param before what was asked when it was run last, in order */
  constructor(
    private readonly before: readonly Call[],
    private readonly userId: string | null,
  ) {}

  /** From here on it is new. Until here it must have asked exactly what it had asked. */
  begin(): void {
    this.isNew = true;
    const missing = this.before[this.calls.length];
    if (missing) this.flaw ??= { seq: missing.seq, expected: textOf(missing), actual: 'nothing' };
  }

  /** Hands an entry over; what waits for it goes on. */
  take(entry: Entry): void {
    this.at = entry.at;
    this.heard = entry.kind === 'start' || entry.kind === 'event' || entry.kind === 'alarm';
    switch (entry.kind) {
      case 'start':
        return;
      case 'result':
        return this.settle(entry.seq, ({ resolve }) => resolve(structuredClone(entry.output)));
      case 'failure':
        return this.settle(entry.seq, ({ reject }) => reject(asError(entry.error)));
      case 'event':
        return this.deliver(eventOf(entry), entry.aliases);
      case 'alarm':
        return this.ring();
    }
  }

  /** An event for whoever waits for one of its names; the first who asked has it, else whoever asks first. */
  deliver(event: WorkflowEvent, aliases: readonly string[] = []): void {
    const known = [event.name, ...aliases];
    const found = [...this.waiting].find(([, { names }]) => known.some((name) => names.includes(name)));
    if (found) this.settle(found[0], ({ names, resolve }) => resolve(calledAs(event, known, names)));
    else this.buffer.push({ event, known });
  }

  /** The buffered event that this wait takes, if there is one. */
  buffered(names: readonly string[]): WorkflowEvent | undefined {
    const index = this.buffer.findIndex(({ known }) => known.some((name) => names.includes(name)));
    const [taken] = index < 0 ? [] : this.buffer.splice(index, 1);
    return taken && calledAs(taken.event, taken.known, names);
  }

  /**
   * Writes down that something was asked; answers its number.
   * @param formerly what an earlier release compared by: calls that it wrote down stand for the same
   * @throws Error once the run is over
   */
  ask(kind: CallKind, name: string, given?: unknown, formerly?: unknown): number {
    if (this.isClosed)
      throw new Error(`${kind} ${name} was asked for after the run: the function awaits something else`);
    const seq = this.calls.length;
    const call: Call = { seq, kind, name, hash: given === undefined ? null : digest(given) };
    const known = this.before[seq];
    const isSame = (hash: string | null): boolean =>
      hash === call.hash || (formerly !== undefined && hash === digest(formerly));
    if (known ? textOf(known) !== textOf(call) || !isSame(known.hash) : !this.isNew)
      this.flaw ??= { seq, expected: known ? textOf(known) : 'nothing', actual: textOf(call) };
    this.calls.push(call);
    return seq;
  }

  /** A promise for the answer to what was asked under this number. */
  answer<T>(seq: number, waiting: Omit<Waiting, 'resolve' | 'reject'>): Promise<T> {
    const promise = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(seq, { ...waiting, resolve, reject });
    });
    // What the function does not await must not bring the process down.
    promise.catch(() => undefined);
    return promise as Promise<T>;
  }

  perform(seq: number, name: string, params: Fields): void {
    if (this.isNew) this.actions.push({ seq, name, params, userId: this.userId });
  }

  publish(seq: number, name: string, payload: Value): void {
    if (this.isNew) this.publications.push({ seq, name, payload, userId: this.userId });
  }

  say(line: Line): void {
    if (this.isNew && !this.isClosed) this.lines.push(line);
  }

  /** What came of it. Nothing that the function does from now on counts. */
  close(entry: Entry): Turn {
    this.isClosed = true;
    const kinds = new Set([...this.waiting.values()].map(({ kind }) => kind));
    const alarms = [...this.waiting.values()].flatMap(({ dueAt }) => dueAt ?? []);
    const isLost = kinds.size === 0 && this.outcome === null;
    const outcome = this.flaw ? nondeterministic(this.flaw) : isLost ? LOST : this.outcome;
    return {
      entry: this.heard || this.flaw ? entry : null,
      calls: this.flaw ? [] : this.calls.slice(this.before.length),
      actions: this.flaw ? [] : this.actions,
      publications: this.flaw ? [] : this.publications,
      label: this.label,
      data: this.data,
      waitsFor: kinds.has('action') ? 'action' : kinds.has('event') ? 'event' : 'timer',
      alarmAt: alarms.length === 0 ? null : Math.min(...alarms),
      outcome,
    };
  }

  private settle(seq: number, how: (waiting: Waiting) => void): void {
    const waiting = this.waiting.get(seq);
    if (!waiting) return;
    this.waiting.delete(seq);
    this.heard = true;
    how(waiting);
  }

  /** Ends every wait whose time is over, the earliest first. */
  private ring(): void {
    const due = [...this.waiting].filter(([, { dueAt }]) => dueAt !== null && dueAt <= this.at);
    due.sort(([, left], [, right]) => (left.dueAt ?? 0) - (right.dueAt ?? 0));
    for (const [seq, { kind, names, onTimeout }] of due)
      this.settle(seq, ({ resolve, reject }) => {
        if (kind === 'timer') resolve(undefined);
        else if (onTimeout === 'throw') reject(asError(timedOut(names)));
        else resolve(eventOf({ name: TIMEOUT, payload: null, userId: null, at: this.at }));
      });
  }
}

const eventOf = ({ name, payload, userId, at }: Omit<Extract<Entry, { kind: 'event' }>, 'kind'>): WorkflowEvent => ({
  name,
  payload: structuredClone(payload),
  user_id: userId,
  timestamp: new Date(at).toISOString(),
});

/** By the name that it was waited for. */
const calledAs = (event: WorkflowEvent, known: readonly string[], names: readonly string[]): WorkflowEvent => ({
  ...event,
  name: known.find((name) => names.includes(name)) ?? event.name,
});

const DIGITS = 16;
const digest = (given: unknown): string => hash('sha256', canonicalText(given)).slice(0, DIGITS);

const textOf = ({ kind, name }: Pick<Call, 'kind' | 'name'>): string => `${kind} ${name}`;

/** The error as the function sees it, with the same fields each time. */
const asError = (failure: Failure): Error => Object.assign(new Error(failure.message), failure);

const timedOut = (names: readonly string[]): Failure => ({
  ...failureOf(new Error(`${names.join(', ')} did not happen in time`)),
  name: 'WaitTimeoutError',
  code: 'WAIT_TIMEOUT',
});

const LOST: Outcome = {
  kind: 'failed',
  error: {
    ...failureOf(new Error('The function awaits something that its context does not know of')),
    name: 'NonDurableAwait',
    code: 'NON_DURABLE_AWAIT',
  },
};

const nondeterministic = ({ seq, expected, actual }: Flaw): Outcome => ({
  kind: 'failed',
  error: {
    ...failureOf(new Error(`Call ${seq} was ${expected} and is ${actual} now`)),
    name: 'NonDeterminism',
    code: NONDETERMINISM,
    category: 'consistency',
    details: { seq, expected, actual },
  },
});
