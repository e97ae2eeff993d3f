/** What the engine needs of this module to host executions. */
import type { execution } from '../../../machines/execution.js';
import type { ExecutionContext } from '../../../machines/execution.types.js';
import type { EffectPolicy, Payloads, Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import type { ExecutionFigures } from './execution.figures.js';
import type { ExecutionStatus } from './execution.dto.js';

class Nothing {}

export const executionPayloads: Payloads<typeof execution> = { 'execution.cancel': Nothing };

/**
 * The effect itself fails only when this service or its database does; how often a call is tried again is the workflow's own (R002-42).
 * Ten at once, as the queue of workflows has it (R002-23).
 */
export const executionPolicies: Readonly<Record<string, Partial<EffectPolicy>>> = {
  'automation.step': { attempts: 6, backoffMs: 1_000, maxBackoffMs: 60_000, timeoutMs: 150_000, batch: 10 },
};

const STATUSES: Readonly<Record<string, ExecutionStatus>> = {
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** Keeps the execution's row in step, and counts what has come to its end (R002-54, R002-55). */
export const followExecution =
  (figures: ExecutionFigures) =>
  async (tx: Tx, change: Transitioned<ExecutionContext>): Promise<void> => {
    const { instanceId, from, state, status, context, at } = change;
    tx.afterCommit(() => figures.note(change));
    const isOver = status !== 'active';
    const { failure, completed, results, plan, step } = context;
    await tx.run(
      `update automation.executions
        set status = $2, current_step = $3, completed_steps = $4, output = $5, error = $6,
            completed_at = case when $7 then to_timestamp($8::float8 / 1000) end
      where tenant = engine.tenant() and execution_id = $1`,
      [
        instanceId,
        STATUSES[state] ?? 'running',
        isOver ? null : step,
        completed,
        state === 'completed' ? JSON.stringify(results) : null,
        state === 'failed' && failure ? JSON.stringify({ ...failure, timestamp: new Date(at).toISOString() }) : null,
        isOver,
        at,
      ],
    );
    if (state === 'completed' && from !== 'completed')
      await tx.run(
        `update automation.workflows set execution_count = execution_count + 1, last_executed_at = engine.now()
        where tenant = engine.tenant() and workflow_id = $1`,
        [plan.workflowId],
      );
  };
