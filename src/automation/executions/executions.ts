import { Injectable } from '@nestjs/common';
import { execution } from '../../../machines/execution.js';
import type { ExecutionContext, Fields } from '../../../machines/execution.types.js';
import type { Caller } from '../../auth/caller.js';
import { EngineService, type Ack } from '../../engine/engine.service.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { post } from '../../engine/store/letters.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Page, Paged } from '../envelope.js';
import { findWorkflow } from '../workflows/workflows.store.js';
import type { ExecuteWorkflow, ExecutionSummary, ExecutionView, Started } from './execution.dto.js';
import {
  findExecution,
  listExecutions,
  runningOf,
  type ExecutionFilter,
  type ExecutionRow,
} from './executions.store.js';
import { quotaRefusal } from './quota.js';
import { Starting } from './starting.js';

/** Executions of workflows: started by people, found, read and called off (R002-53, R002-59). */
@Injectable()
export class Executions {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly starting: Starting,
  ) {}

  /** Starts one by hand. @throws NOT_FOUND, CONFLICT when the workflow is disabled, QUOTA_EXCEEDED */
  execute(caller: Caller, workflowId: string, body: ExecuteWorkflow, key: string | undefined): Promise<Started> {
    const idempotency = idempotencyOf(key, `automation.workflows:${workflowId}:execute`, body);
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const { userId: actor, roles, correlationId } = caller;
      const answer = await this.starting.startWithin(tx, {
        workflowId,
        trigger: { type: 'manual', id: actor },
        input: body.input ?? {},
        key: null,
        by: { actor, roles, correlationId },
      });
      if (answer.kind !== 'refused') return { executionId: answer.executionId, instanceId: answer.executionId };
      if (answer.because === 'QUOTA_EXCEEDED') throw quotaRefusal(answer.usedUp);
      if (answer.because === 'NO_WORKFLOW') throw refuse('NOT_FOUND');
      throw refuse('CONFLICT', { detail: 'The workflow is disabled; PATCH it with enabled=true first.' });
    });
  }

  /** Calls one off. @throws WF001, WF002 when it is over */
  cancel(caller: Caller, id: string, idempotencyKey: string | undefined): Promise<Ack> {
    return this.engine.send(
      caller,
      id,
      { type: 'execution.cancel', payload: {} },
      { idempotencyKey, lifecycle: execution.name },
    );
  }

  /** Executions of a workflow that are not over. */
  running(tx: Tx, workflowId: string): Promise<string[]> {
    return runningOf(tx, workflowId);
  }

  /** Has all of these called off, by letters: no transaction locks two instances. */
  callOff(tx: Tx, ids: readonly string[]): Promise<void> {
    const event = { type: 'execution.cancel', payload: {} };
    return post(
      tx,
      `${tx.tenant}:workflow:${newId('gone')}`,
      ids.map((to) => ({ to, event })),
    );
  }

  /** One page, newest first. */
  list({ tenant }: Caller, filter: ExecutionFilter, { page, limit }: Paged): Promise<Page<ExecutionSummary>> {
    return this.database.transaction(tenant, async (tx) => {
      const { rows, total } = await listExecutions(tx, filter, page, limit);
      return { rows: rows.map(summaryOf), total };
    });
  }

  /** One page of a workflow's, newest first. @throws NOT_FOUND */
  ofWorkflow({ tenant }: Caller, workflowId: string, { page, limit }: Paged): Promise<Page<ExecutionSummary>> {
    return this.database.transaction(tenant, async (tx) => {
      if (!(await findWorkflow(tx, workflowId))) throw refuse('NOT_FOUND');
      const { rows, total } = await listExecutions(tx, { workflowId, status: null }, page, limit);
      return { rows: rows.map(summaryOf), total };
    });
  }

  /** @throws NOT_FOUND */
  read({ tenant }: Caller, id: string): Promise<ExecutionView> {
    return this.database.transaction(tenant, async (tx) => {
      const row = await findExecution(tx, id);
      if (!row) throw refuse('NOT_FOUND');
      const instance = await tx.one<{ context: ExecutionContext }>(
        `select snapshot -> 'context' as context from engine.instances where tenant = engine.tenant() and id = $1`,
        [id],
      );
      const context: Fields = instance?.context.results ?? {};
      return { ...summaryOf(row), input: row.input, output: row.output, context };
    });
  }
}

const summaryOf = (row: ExecutionRow): ExecutionSummary => ({
  id: row.execution_id,
  workflowId: row.workflow_id,
  version: row.version,
  triggeredBy: { ...row.triggered_by, ...(row.event !== null && { event: row.event }) },
  status: row.status,
  currentStep: row.current_step,
  completedSteps: row.completed_steps,
  error: row.error,
  startedAt: row.started_at,
  completedAt: row.completed_at,
  duration: row.duration,
});
