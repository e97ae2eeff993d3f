/** What a module adds to a pure lifecycle so that the engine can run it: payload shapes, facts, effects. */
import type { ContextFrom, EventFromLogic, AnyStateMachine } from 'xstate';
import type { Caller } from '../auth/caller.js';
import type { Tx } from '../platform/database.js';
import type { Refused } from '../platform/errors.js';
import type { Explanation, Json } from './core/driver.js';
import type { Lifecycle } from './core/lifecycle.js';
import type { Cause } from './recording.js';
import type { Alert } from './store/alert.js';
import type { Letter } from './store/letters.js';

/** The class (class-validator) that the payload of each external event must satisfy. Unknown fields are refused. */
export type Payloads<L extends Lifecycle> = {
  readonly [Type in EventFromLogic<L['machine']>['type']]: new () => object;
};

export interface FactQuestion<Context> {
  instanceId: string;
  tenant: string;
  context: Context;
  /** The event being decided, without facts. */
  event: { type: string; [field: string]: unknown };
  /** Business time, milliseconds. */
  at: number;
}

/** Reads what guards need to know, inside the deciding transaction, with the locks the decision needs. */
export type FactLoaders<L extends Lifecycle = Lifecycle> = Readonly<
  Record<string, (tx: Tx, question: FactQuestion<ContextOf<L>>) => Promise<unknown>>
>;
type ContextOf<L extends Lifecycle> = L['machine'] extends AnyStateMachine ? ContextFrom<L['machine']> : never;

/** What a handler is told besides its input. */
export interface EffectRun {
  tenant: string;
  instanceId: string;
  /** `tenant:instance:seq:index`: the same for every attempt; hand it to the provider as idempotency key. */
  key: string;
  /** 1 for the first attempt, and for the first after a dead effect was revived. */
  attempt: number;
  /** How often it was begun, also before a shutdown or a revival: from the second time on something may be there already. */
  begun: number;
  /** Business time at which the effect was written down, milliseconds; a retry long after must look up before it acts. */
  since: number;
  correlationId: string;
  /** Aborts when the lease is lost or the process stops. */
  signal: AbortSignal;
}

/** What became of an attempt. A thrown error counts as `retry`. */
export type EffectResult =
  | { kind: 'done'; output?: Json; receipt?: EffectReceipt }
  | {
      kind: 'retry';
      reason: string;
      afterMs?: number;
      /** This process is not the one to do it: nothing was tried, so nothing counts as an attempt. */
      isUntried?: true;
      receipt?: EffectReceipt;
    }
  | { kind: 'failed'; code: string; reason: string; receipt?: EffectReceipt };
export interface EffectReceipt {
  provider: string;
  providerId?: string;
  responseCode?: string;
}

/** Does one type of effect in the world. May run more than once with the same key; the provider must see one effect. */
export type EffectHandler = (input: never, run: EffectRun) => Promise<EffectResult>;

/** How patiently a type of effect is retried (cross requirement X-4: per-type settings). */
export interface EffectPolicy {
  attempts: number;
  /** First pause; doubles each time, jittered. */
  backoffMs: number;
  maxBackoffMs: number;
  timeoutMs: number;
  /** The most of this type that one process runs at once; the rest of its room stays for other types. */
  batch?: number;
  /** How long a claim outlives its process before another one takes it over, milliseconds; OUTBOX_LEASE_MS when left out. */
  leaseMs?: number;
}

/** Everything the engine needs to run a lifecycle: `engine.host({ lifecycle, payloads, facts, effects })`. */
export interface Host<L extends Lifecycle = Lifecycle> {
  lifecycle: L;
  payloads: Payloads<L>;
  facts: FactLoaders<L>;
  /** One handler for each effect the machine names, and for each compensation. A missing one refuses the boot. */
  effects: Readonly<Record<string, EffectHandler>>;
  policies?: Readonly<Record<string, Partial<EffectPolicy>>>;
  /** Has a say in what a user starts or sends, in its transaction, before it is decided. A refusal that it throws is the answer. */
  onAsked?: (tx: Tx, caller: Caller, wanted: 'start' | 'event') => Promise<void>;
  /** Keeps the module's own columns in step, in the transition's transaction; what it answers is sent to other instances. */
  onTransition?: (tx: Tx, change: Transitioned<ContextOf<L>>) => Promise<readonly Letter[] | void>;
  /** The states that `onTransition` wants to hear of, besides everything that is forced; all when left out. Steps to others are committed together. */
  followed?: readonly string[];
  /** How the lifecycle itself says no, whoever asked; WF002 when undefined or left out. */
  onRefused?: (explanation: Explanation, context: ContextOf<L>) => Refused | undefined;
  /** Who is to be told, once, of a provider's message that contradicts the instance; nobody when undefined. */
  onQuarantine?: (message: QuarantinedMessage) => Alert | undefined;
}

/** Whether the module has a say in a step to this state, in its transaction. */
export const isFollowed = ({ onTransition, followed }: Host, state: string, kind: Cause['kind']): boolean =>
  onTransition !== undefined && (followed === undefined || kind === 'force' || followed.includes(state));

/** A message that was put aside because guards refused it. */
export interface QuarantinedMessage {
  provider: string;
  /** The provider's word for it. */
  type: string;
  /** The provider's id of it. */
  id: string;
  /** Codes of the guards that refused it. */
  reasons: readonly string[];
}

export interface Transitioned<Context = unknown> {
  instanceId: string;
  seq: number;
  event: { type: string; [field: string]: unknown };
  from: string | null;
  state: string;
  phase: string | null;
  status: 'active' | 'done' | 'failed';
  context: Context;
  at: number;
  /** Who or what brought it about. */
  cause: Cause;
}
