/** The words that function workflows are written in (R004-1, R004-30 to R004-38). */
import type { Fields, Value } from '../../machines/function.types.js';

/** Something that happened, as a function sees it. */
export interface WorkflowEvent {
  id?: string;
  type?: string;
  name: string;
  payload: Value;
  user_id: string | null;
  /** ISO 8601. */
  timestamp: string;
}

/** What a wait is answered with when its time is over. */
export const TIMEOUT = '__timeout__';

export interface WaitOptions {
  /** Milliseconds; without them it waits for ever. */
  timeoutMs?: number;
  /** `event` answers with the event `__timeout__`, `throw` rejects with a WaitTimeoutError. */
  onTimeout?: 'event' | 'throw';
}

/** Does an action: resolves with its result, rejects with what is kept of its error. */
export type WorkflowAction = (params?: object) => Promise<Value>;

/** Everything a function may ask for. What is asked for otherwise (a clock, a request, a random number) would differ when it is run again. */
export interface WorkflowContext {
  readonly executionId: string;
  readonly tenant: string;
  /** Who started it; null when nobody did. */
  readonly userId: string | null;
  /** What it was started with; `triggerEvent` is null for one that no event has started. */
  readonly input: Fields & { triggerEvent: WorkflowEvent | null };
  /** Every action by its name, in snake_case or camelCase (R004-31). */
  readonly actions: { readonly [name: string]: WorkflowAction };
  readonly data: {
    /** A copy: what is done to it is not kept. */
    readonly get: <T = Value>(key: string) => T | undefined;
    /** JSON only. */
    readonly set: (key: string, value: unknown) => void;
  };
  readonly events: {
    /** The first event of one of these names that has not been taken yet; one that came before the wait too. */
    readonly waitFor: (names: string | readonly string[], options?: WaitOptions) => Promise<WorkflowEvent>;
    /** Tells this very run, or (`bus`) everybody of the tenant (R004-35). */
    readonly emit: (name: string, payload?: unknown, options?: { scope?: 'self' | 'bus' }) => void;
  };
  /** Says nothing while what was said before is gone through again. */
  readonly logger: Readonly<Record<'debug' | 'info' | 'warn' | 'error', (message: string, fields?: object) => void>>;
  /** The state as people are to read it; at most 255 characters. */
  readonly setState: (label: string) => void;
  readonly getCurrentState: () => string;
  /** Milliseconds since 1970: when what the function goes on with came in. */
  readonly now: () => number;
  readonly uuid: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Waits this many milliseconds, through every restart. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** A workflow as it is registered (R004-25). */
export interface WorkflowDefinition {
  metadata: {
    /** Letters, digits, `_ . -`; begins with a letter. */
    name: string;
    description?: string;
    /** A run keeps the version that it started with for life: another behaviour is another version. */
    version: string;
    author?: string;
    tags?: readonly string[];
  };
  /** The trigger can be waited for as well, once (R004-2). */
  bufferTrigger?: boolean;
  readonly execute: (context: WorkflowContext) => Promise<void>;
}
