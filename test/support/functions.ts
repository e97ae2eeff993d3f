/** Functions in the live service: registered by the test, started over HTTP, their workers worked by hand. */
import type { Fields, Value } from '../../machines/function.types.js';
import type { Role } from '../../src/auth/caller.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { ActionRegistry } from '../../src/functions/actions/action.registry.js';
import { Library } from '../../src/functions/library.js';
import type { WorkflowContext, WorkflowDefinition } from '../../src/functions/workflow.js';
import type { Workstream } from './workstream.js';

export interface Execution {
  executionId: string;
  workflowName: string;
  workflowVersion: string;
  currentState: string;
  status: string;
  state: string;
  isComplete: boolean;
  data: Fields;
  error: { name: string; message: string; code: string; category: string; attempts: number | null } | null;
}

/** A workflow as tests write it. */
export const workflow = (
  name: string,
  execute: (context: WorkflowContext) => Promise<void>,
  more: { version?: string; bufferTrigger?: boolean } = {},
): WorkflowDefinition => ({
  metadata: { name, version: more.version ?? '1.0.0' },
  execute,
  ...(more.bufferTrigger && { bufferTrigger: true }),
});

export class Functions {
  constructor(private readonly service: Workstream) {}

  get library(): Library {
    return this.service.live.app.get(Library);
  }
  get actions(): ActionRegistry {
    return this.service.live.app.get(ActionRegistry);
  }

  register(definition: WorkflowDefinition): void {
    this.library.registerWorkflow(definition);
  }

  async start(workflowName: string, initialData: object = {}, more: object = {}): Promise<string> {
    const body = { workflowName, initialData, ...more };
    return (await this.service.done<{ executionId: string }>('POST', '/api/workflow-executions', body, 'admin'))
      .executionId;
  }

  read(id: string, role: Role = 'admin'): Promise<Execution> {
    return this.service.done<Execution>('GET', `/api/workflow-executions/${id}`, undefined, role);
  }

  tell(id: string, event_name: string, payload: Value = null, more: object = {}) {
    return this.service.ask<{ eventId: string; processingId: string; code?: string }>(
      'POST',
      `/api/workflow-executions/${id}/events`,
      { event_name, payload, ...more },
      'admin',
    );
  }

  /** Works the outbox off until nothing is due, also what was put off until later. */
  async work(): Promise<void> {
    const worker = this.service.live.app.get(OutboxWorker);
    for (;;) {
      while (await worker.turn());
      const put = await this.service.rows(
        `update engine.outbox set next_attempt_at = engine.now()
          where status = 'pending' and type like 'functions.%' and next_attempt_at > engine.now() returning id`,
      );
      if (put.length === 0) return;
    }
  }

  /** Lets time pass, and everything happen that falls due. */
  async pass(span: string): Promise<void> {
    await this.service.done('POST', '/admin/clock', { advance: span }, 'admin');
    while (await this.service.live.app.get(TimerWorker).turn());
  }
}
