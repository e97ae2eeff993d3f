/** What functions can have done (R004-40, R004-45). */
import type { Fields, Value } from '../../../machines/function.types.js';
import type { Tx } from '../../platform/database.js';
import type { Parameter } from './parameters.js';

export const ISOLATION_LEVELS = ['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const;
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];

/** What an action is told besides its parameters. */
export interface ActionCall {
  tenant: string;
  executionId: string;
  /** What it is about; null when a function has it done. */
  eventId: string | null;
  /** Whom the run is for; null when nobody started it. */
  userId: string | null;
  /** The same for every attempt: for whoever does the work in the end. */
  idempotencyKey: string;
  correlationId: string;
  /** 1 for the first. */
  attempt: number;
  /** Aborts when its time is over or the process stops. */
  signal: AbortSignal;
}

/** How patiently it is done. */
export interface ActionOptions {
  /** Milliseconds for one attempt; 30 s when left out, at most a minute. */
  timeoutMs?: number;
  /** Attempts after the first; 3 when left out, at most 9. */
  maxRetries?: number;
}

interface Described {
  /** In snake_case; functions may write it in camelCase as well. */
  name: string;
  description: string;
  parameters: readonly Parameter[];
  options: Required<ActionOptions>;
}

/** Work outside: its result is kept after it was done, so it may be done more than once with the same key. */
export interface SimpleAction extends Described {
  kind: 'simple';
  run(params: Fields, call: ActionCall): Promise<Value | void>;
}

/** Work in the database: it, its result and what the run makes of it commit together or not at all (R004-44). */
export interface DatabaseAction extends Described {
  kind: 'database';
  isolation: IsolationLevel;
  run(params: Fields, call: ActionCall & { transaction: Tx }): Promise<Value | void>;
}

export type Action = SimpleAction | DatabaseAction;

/** `sendNotification` and `send_notification` are the same action (R004-31). */
export const canonicalName = (written: string): string => written.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
