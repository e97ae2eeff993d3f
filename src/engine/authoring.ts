/** The words lifecycles are written in. Pure: imports xstate and the pure part of the engine only. */
import { fromPromise, type AnyStateMachine, type EventFromLogic, type PromiseActorLogic } from 'xstate';
import type { Lifecycle, LifecycleSpec } from './core/lifecycle.js';
import { checkLifecycle } from './core/lint.js';

/** Why a guard says no. `code` is stable; `missing` lists open checklist items; `clearedBy` names the roles or parties who can clear it. */
export interface Refusal {
  code: string;
  message?: string;
  data?: unknown;
  missing?: readonly string[];
  clearedBy?: readonly string[];
}

/** Who sent an event, as machines see it. `id` is a user id, or `system:<what>` for timers, effect results and webhooks. */
export interface Sender {
  id: string;
  roles: readonly string[];
}

export type { Invariant, Situated } from './core/invariants.js';

/** What the engine adds to every event before the machine sees it, and stores with it, so that a replay needs nothing else. */
export interface Stamp<Facts = Record<never, never>> {
  /** Business time of the event, milliseconds since 1970, by the database's clock. */
  at: number;
  caller: Sender;
  /** Loaded in the deciding transaction, for exactly the guards that may decide on this event. */
  facts: Facts;
}

/** What the engine adds to the input a lifecycle starts with. */
export type Started<Input> = Input & { instanceId: string; tenant: string; at: number };

/**
 * A guard that can say why it refuses: return `true` or a Refusal.
 * `needs` names the facts it reads from `event.facts`; only those are loaded (Design: engine, §1).
 */
export const rule = <Args, Params = undefined>(
  check: (args: Args, params: Params) => true | Refusal,
  needs: readonly string[] = [],
) =>
  Object.assign((args: Args, params: Params) => check(args, params) === true, {
    needs,
    /** Part of the fingerprint: a guard that decides otherwise is another definition. */
    verdict: check,
    reason: (args: Args, params: Params): Refusal | undefined => {
      const verdict = check(args, params);
      return verdict === true ? undefined : verdict;
    },
  });

export interface EffectOptions {
  /** The effect that undoes this one; it receives `{ input, output }` of the run it undoes. */
  compensate?: string;
  /** Moves or holds money: lint then demands `compensate`, or the reason why it cannot be undone. */
  money?: boolean;
  /** Why this effect needs no compensation. */
  irreversible?: string;
  /** Runs only after every earlier ordered effect of the same instance has ended. */
  ordered?: boolean;
  /** Of `several` only: how the events are called that bring the answers. */
  as?: string;
}

/** One of several pieces of work: its input, and the machine's own number for it, which it uses once. */
export interface Numbered<Input> {
  id: number;
  input: Input;
}

/** Work in the world whose answer the lifecycle waits for. Runs in the outbox worker; the machine only names it. */
export const durable = <Input, Output>(
  name: string,
  options: EffectOptions = {},
): PromiseActorLogic<Output, Input & {}> & { effect: string; options: EffectOptions } =>
  Object.assign(
    fromPromise<Output, Input & {}>(() => Promise.reject(new Error(`${name} runs in the outbox worker`))),
    { effect: name, options },
  );

/** Work in the world that nobody waits for. */
export const effect = <Params>(name: string, options: EffectOptions = {}) =>
  Object.assign(
    (_: unknown, _params: Params): void => {
      throw new Error(`${name} runs in the outbox worker`);
    },
    { effect: name, options },
  );

/**
 * As much work in the world as the machine wants, at once; how much it is, is known when it runs only. Each answer comes back as the event
 * `<as>.done` with `{ id, output }`, or `<as>.failed` with `{ id, error }`; without `as` nobody waits for any.
 */
export const several = <Input>(name: string, options: EffectOptions = {}) =>
  Object.assign(
    (_: unknown, _params: { work: readonly Numbered<Input>[] }): void => {
      throw new Error(`${name} runs in the outbox worker`);
    },
    { effect: name, options, isSeveral: true },
  );

/** Checks the machine (every rule of core/lint.ts) and answers the lifecycle the engine can host. Throws on the first rule broken. */
export const defineLifecycle = <M extends AnyStateMachine>(
  spec: LifecycleSpec<M, EventFromLogic<M>['type']>,
): Lifecycle<M> => checkLifecycle(spec);
