/** What an execution of a workflow is made of: the steps it goes by, what it asks of the world, what it remembers. Pure. */

/** JSON. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };
export interface Fields {
  [name: string]: Value;
}

/** What an expression was parsed to (R002-49); a tree of a few kinds of node, without code. */
export type Expression =
  | { kind: 'literal'; value: Value }
  | { kind: 'name'; name: string }
  | { kind: 'member'; of: Expression; at: Expression }
  | { kind: 'unary'; operator: '!' | '-' | '+'; of: Expression }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'choice'; when: Expression; then: Expression; otherwise: Expression }
  | { kind: 'call'; name: string; of: Expression[] }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'object'; fields: { name: string; value: Expression }[] };

/** How a call that failed is tried again (R002-42). */
export interface Retry {
  /** Tries after the first. */
  limit: number;
  delayMs: number;
  backoff: 'linear' | 'exponential';
}

interface StepBase {
  id: string;
  name: string;
  /** The step that follows; null ends the execution. */
  next: string | null;
}

/** Something that is done in the world: an action of the catalogue, a webhook or a question to a model. */
export interface CallStep extends StepBase {
  type: 'action' | 'webhook' | 'ai';
  action: string;
  config: Fields;
  retry: Retry;
  timeoutMs: number;
}

/** A step as an execution goes by it: checked, its texts parsed, nothing left to default. */
export type Step =
  | CallStep
  | (StepBase & { type: 'condition'; expression: Expression; onTrue: string | null; onFalse: string | null })
  | (StepBase & { type: 'transform'; script: Expression; input?: Value })
  | (StepBase & { type: 'delay'; duration: string })
  | (StepBase & {
      type: 'loop';
      items: Value;
      steps: string[];
      maxIterations: number;
      /** Its conditions lead to steps further down the list. */
      branches?: true;
    })
  | (StepBase & { type: 'parallel'; steps: string[]; waitForAll: boolean });

/** What becomes of an execution whose step has failed (R002-56). */
export type OnError = 'stop' | 'continue' | 'retry';

/** A version of a workflow as executions go by it. */
export interface Plan {
  workflowId: string;
  version: number;
  startStep: string;
  steps: Readonly<Record<string, Step>>;
  /** Steps that are executed at most, those in loops included (R002-57). */
  maxSteps: number;
  /** Time that steps may take, without delays (R002-58). */
  maxActiveMs: number;
  onError: OnError;
  notifyOnError: boolean;
}

/** What set an execution off (R002-4). */
export interface Trigger {
  type: 'pattern' | 'webhook' | 'schedule' | 'manual';
  id?: string;
}

/** What an execution starts with. */
export interface ExecutionInput {
  plan: Plan;
  trigger: Trigger;
  input: Value;
  /** The event that set it off, for `{{event.…}}`; null when there was none. */
  event: Value;
  /** Who wrote the workflow, and the rights he had then: its actions are done with them. */
  owner: { id: string; roles: string[] };
}

/** One call, with everything it needs. */
export interface Call {
  stepId: string;
  /** `executionId:stepId:iteration`, the same for every try (R002-72). */
  key: string;
  type: CallStep['type'];
  action: string;
  config: Fields;
  timeoutMs: number;
  /** 1 for the first try. */
  attempt: number;
}

/** The input of the effect that makes calls. */
export interface CallsJob {
  workflowId: string;
  calls: Call[];
  /** The first that succeeds is enough; the others are given up (R002-45). */
  firstIsEnough: boolean;
  owner: { id: string; roles: string[] };
}

/** Why a step failed. */
export interface Flaw {
  code: string;
  message: string;
}

/** What became of a call. */
export type CallOutcome =
  | { kind: 'done'; output: Value }
  | ({ kind: 'failed'; isPassing: boolean; afterMs?: number } & Flaw)
  | { kind: 'given-up' };

/** The answer of the effect that makes calls, by step. */
export type CallOutcomes = Readonly<Record<string, CallOutcome>>;

/** A loop that is under way. */
export interface Frame {
  loop: string;
  items: Value[];
  index: number;
  /** Which of the loop's steps is under way. */
  position: number;
  /** Of this iteration, by step. */
  results: Fields;
  /** A condition has led on in this iteration: from here `next` counts, no longer the order. */
  branched?: true;
  done: { item: Value; results: Fields }[];
}

/** What is to happen next. */
export type Ask =
  { kind: 'call' } | { kind: 'pause' | 'wait'; ms: number } | { kind: 'completed' } | { kind: 'failed' };

/** Why an execution failed, and where (R002-55). */
export interface Failure extends Flaw {
  step: string | null;
}

/** What an execution remembers. */
export interface ExecutionContext extends ExecutionInput {
  executionId: string;
  startedAt: number;
  /** The step under way; null when there is none any more. */
  step: string | null;
  frames: Frame[];
  /** Steps done, in their order (R002-54). */
  completed: string[];
  results: Fields;
  /** Characters that the results have as JSON. */
  size: number;
  executed: number;
  calls: Call[];
  outcomes: CallOutcomes;
  ask: Ask;
  failure: Failure | null;
  /** Time that steps took before the one under way, and since when they take it now; milliseconds. */
  activeMs: number;
  activeSince: number;
}
