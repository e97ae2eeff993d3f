import { Injectable, type OnModuleInit } from '@nestjs/common';
import { functionRun } from '../../../machines/function.js';
import { task } from '../../../machines/task.js';
import type { Json } from '../../engine/core/driver.js';
import { EngineService } from '../../engine/engine.service.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import type { Heard } from '../../engine/listening.js';
import { Registry } from '../../engine/registry.js';
import type { Tx } from '../../platform/database.js';
import { notHere, Workflows } from '../runs/workflows.js';
import { completionEventsOf } from './task.events.js';

/** What tasks tell, as runs know it: `Task:{taskId}:Complete` and so on (R004-65). */
const NAMES: Readonly<Record<string, string>> = {
  'task.created': 'Created',
  'task.claimed': 'Claimed',
  'task.unclaimed': 'Unclaimed',
  'task.completed': 'Complete',
  'task.canceled': 'Canceled',
  'task.expired': 'Expired',
};

/** Tells runs what becomes of their tasks. */
@Injectable()
export class TaskHearing implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly registry: Registry,
    private readonly workflows: Workflows,
  ) {}

  onModuleInit(): void {
    this.registry.listen({
      lifecycles: [task.name],
      effect: 'functions.hear',
      handler: this.hear,
      policy: { attempts: 8, backoffMs: 1_000, maxBackoffMs: 600_000, batch: 16 },
    });
  }

  readonly hear = async ({ event }: Heard, run: EffectRun): Promise<EffectResult> => {
    const { type, execution_id: executionId } = event;
    const what = NAMES[type];
    if (what === undefined || typeof executionId !== 'string') return { kind: 'done' };
    const missing = await this.workflows.missing(run.tenant, executionId);
    if (missing !== undefined) return notHere(missing);
    const cause = {
      kind: 'event' as const,
      cause: `task-event:${run.key}`,
      actor: 'system:tasks',
      roles: [],
      correlationId: run.correlationId,
    };
    await this.engine.receive(
      run.tenant,
      executionId,
      cause,
      async (tx, { lifecycle }) => {
        // A task may be for an instance of any kind; and what was told already is not told again.
        if (lifecycle !== functionRun.name || !(await isFirst(tx, run.key, executionId))) return undefined;
        return { type: 'function.event', payload: await payloadOf(tx, what, event) };
      },
      'ignore',
      'worker',
    );
    return { kind: 'done' };
  };
}

/** The answer, where there is one; else what the task is. Its end has several names: whoever waits for one of them has it, and it is gone (R004-65, R004-66). */
async function payloadOf(tx: Tx, what: string, event: Heard['event']): Promise<Json> {
  const { task_id, task_type = null, title = null, priority = null, response = null, completed_by, claimed_by } = event;
  const taskId = String(task_id);
  const aliases = what === 'Complete' ? await completionEventsOf(tx, taskId) : [];
  const by = completed_by ?? claimed_by;
  return {
    name: `Task:${taskId}:${what}`,
    ...(aliases.length > 0 && { aliases }),
    payload: what === 'Complete' ? response : { taskId, taskType: task_type, title, priority },
    ...(typeof by === 'string' && { userId: by }),
  };
}

const isFirst = async (tx: Tx, key: string, executionId: string): Promise<boolean> =>
  (await tx.run(
    `insert into functions.workflow_event_processing (tenant, event_id, workflow_id, execution_id, created_at)
     values (engine.tenant(), $1, 'task', $2, engine.now()) on conflict do nothing`,
    [key, executionId],
  )) > 0;
