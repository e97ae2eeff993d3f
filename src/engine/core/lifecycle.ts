/** What a lifecycle is, apart from its machine: who may send what, and how its versions follow each other. */
import type { AnyStateMachine, ContextFrom } from 'xstate';
import type { Invariant } from './invariants.js';

/**
 * Who may send an event: a party of the instance (`buyer` = the buyer of this very instance), a role, or a source
 * outside the users (`webhook:stripe`). A name that is a party of the instance always means that party.
 */
export interface EventRule {
  from: readonly string[];
  /** What a button says. */
  label: string;
  description?: string;
}

/** Moves live instances of version `from` to version `to`; recorded as a `migrate` event. */
export interface Migration {
  from: number;
  to: number;
  /** Old state path -> new state path, for states that were renamed, removed or built otherwise; also for everything inside them. */
  states?: Readonly<Record<string, string>>;
  /** Makes the new context of the old one; the same when left out. Pure. */
  context?: (context: Record<string, unknown>) => Record<string, unknown>;
}

export interface LifecycleSpec<M extends AnyStateMachine = AnyStateMachine, Type extends string = string> {
  name: string;
  version: number;
  title: string;
  machine: M;
  /** Every event that may come from outside. What is not listed is refused. */
  events: Readonly<Record<Type, EventRule>>;
  /**
   * Fields of the context, and facts, that concern one side only: those who see everything see them, the parties do not, nor what
   * conditions say that read them.
   */
  confidential?: readonly string[];
  /** Roles that see every instance of their tenant, besides those that see everything. */
  overseers?: readonly string[];
  /** How the history calls the end of undoing; `compensated` when left out. */
  compensatedEvent?: string;
  /** What is true of every instance wherever it is; a step that would break one is refused, a force says which it breaks. */
  invariants?: readonly Invariant<ContextFrom<M>>[];
  /** Older versions that may still have live instances. */
  retired?: readonly Lifecycle[];
  migrations?: readonly Migration[];
}

export interface Lifecycle<M extends AnyStateMachine = AnyStateMachine> extends LifecycleSpec<M> {
  /** Hash of a canonical walk of the machine: the same version must always have the same fingerprint. */
  fingerprint: string;
}
