/** JSON workflows in the live service, over HTTP. */
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import type { Workstream } from './workstream.js';

export interface Execution {
  id: string;
  workflowId: string;
  version: number;
  status: string;
  currentStep: string | null;
  completedSteps: string[];
  error: { step: string | null; code: string; message: string; timestamp: string } | null;
  input: Record<string, unknown>;
  output: Record<string, unknown> | null;
  context: Record<string, unknown>;
  triggeredBy: Record<string, unknown>;
  completedAt: string | null;
  duration: number | null;
}

export interface Audit {
  stepId: string;
  actionType: string;
  actionConfig: Record<string, unknown>;
  status: string;
  error: { code: string; message: string } | null;
  result: unknown;
}

interface Answered<Data> {
  success: boolean;
  data: Data;
}

/** A step of each type, as tests write them. */
export const step = {
  action: (id: string, type: string, config: object, more: object = {}, next?: string) => ({
    id,
    type: 'action',
    action: { type, config, ...more },
    ...(next !== undefined && { next }),
  }),
  transform: (id: string, script: string, next?: string, input?: unknown) => ({
    id,
    type: 'transform',
    transform: { script, ...(input !== undefined && { input }) },
    ...(next !== undefined && { next }),
  }),
  condition: (id: string, expression: string, onTrue?: string, onFalse?: string) => ({
    id,
    type: 'condition',
    condition: { expression, ...(onTrue !== undefined && { onTrue }), ...(onFalse !== undefined && { onFalse }) },
  }),
  delay: (id: string, duration: string, next?: string) => ({
    id,
    type: 'delay',
    delay: { duration },
    ...(next !== undefined && { next }),
  }),
  loop: (id: string, items: unknown, steps: string[], next?: string, more: object = {}) => ({
    id,
    type: 'loop',
    loop: { items, steps, ...more },
    ...(next !== undefined && { next }),
  }),
  parallel: (id: string, steps: string[], next?: string, waitForAll?: boolean) => ({
    id,
    type: 'parallel',
    parallel: { steps, ...(waitForAll !== undefined && { waitForAll }) },
    ...(next !== undefined && { next }),
  }),
};

/** A step of any type. */
export interface AnyStep {
  id: string;
  [part: string]: unknown;
}

export class Workflows {
  constructor(readonly service: Workstream) {}

  /** A workflow of these steps, which begins with the first; its id. */
  async made(steps: readonly AnyStep[], more: object = {}): Promise<string> {
    const body = { name: 'A workflow', steps, startStep: steps[0]?.id, ...more };
    const { data } = await this.service.done<Answered<{ id: string }>>(
      'POST',
      '/api/automation/workflows',
      body,
      'admin',
    );
    return data.id;
  }

  async started(id: string, input: object = {}): Promise<string> {
    const path = `/api/automation/workflows/${id}/execute`;
    const { data } = await this.service.done<Answered<{ executionId: string }>>('POST', path, { input }, 'admin');
    return data.executionId;
  }

  async execution(id: string): Promise<Execution> {
    return (await this.service.done<Answered<Execution>>('GET', `/api/automation/executions/${id}`)).data;
  }

  /** Runs a workflow of these steps as far as it goes without time passing. */
  async run(steps: readonly AnyStep[], input: object = {}, more: object = {}): Promise<Execution> {
    const id = await this.started(await this.made(steps, more), input);
    await this.service.work();
    return this.execution(id);
  }

  /** Lets time pass, and everything happen that then is due. */
  async pass(duration: string): Promise<void> {
    await this.service.done('POST', '/admin/clock', { advance: duration }, 'admin');
    const timers = this.service.live.app.get(TimerWorker);
    while (await timers.turn());
    await this.service.work();
  }
}
