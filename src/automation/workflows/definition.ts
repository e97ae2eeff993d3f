/** A workflow as it is written, and as it is kept. */
import type { Fields, OnError, Plan, Value } from '../../../machines/execution.types.js';

/** A step as it is written, once its shape has been looked at (workflow.schema.ts). */
export type WrittenStep = { id: string; name?: string; next?: string } & (
  | {
      type: 'action';
      action: {
        type: string;
        config: Fields;
        retries?: { limit?: number; delay?: string; backoff?: 'linear' | 'exponential' };
        timeout?: string;
      };
    }
  | { type: 'condition'; condition: { expression: string; onTrue?: string; onFalse?: string } }
  | { type: 'loop'; loop: { items: Value; steps: string[]; maxIterations?: number } }
  | { type: 'parallel'; parallel: { steps: string[]; waitForAll?: boolean } }
  | { type: 'delay'; delay: { duration: string } }
  | {
      type: 'webhook';
      webhook: {
        url: string;
        method: string;
        headers?: Fields;
        body?: Value;
        auth?: { type: string; config?: Fields };
        integration?: string;
      };
    }
  | { type: 'transform'; transform: { script: string; input?: Value } }
  | { type: 'ai'; ai: { model?: string; prompt: string; input?: Value; temperature?: number; maxTokens?: number } }
);

/** How a workflow is run; what is left out is as R002-39 says. */
export interface WrittenConfig {
  maxExecutionTime?: string;
  maxSteps?: number;
  errorHandling?: { onError?: OnError; notifyOnError?: boolean };
}

/** When a workflow starts by itself (R002-79). */
export interface WrittenTrigger {
  type: 'schedule';
  cron: string;
  timezone?: string;
}

/** The versioned part of a workflow. */
export interface Definition {
  steps: WrittenStep[];
  startStep: string;
  config: WrittenConfig;
  triggers: WrittenTrigger[];
}

/** A definition with the plan that executions go by. */
export interface Compiled {
  definition: Definition;
  plan: Omit<Plan, 'workflowId' | 'version'>;
  /** What is odd, and no reason to refuse it. */
  warnings: string[];
}
