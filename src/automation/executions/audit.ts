/** What executions have done in the world, one row for each try (R002-6). */
import type { Call, Fields, Flaw, Value } from '../../../machines/execution.types.js';
import type { Tx } from '../../platform/database.js';

/** How a try ended. `retry`: it failed, and may be tried again. */
export type AuditStatus = 'success' | 'failure' | 'retry';

/** A try of a call. */
export interface Tried {
  executionId: string;
  workflowId: string;
  call: Call;
  /** Without secrets. */
  config: Fields;
  status: AuditStatus;
  result: Value;
  error: Flaw | null;
  /** Milliseconds. */
  durationMs: number;
}

/** Writes a try down; a success is written once for each call, whoever was faster. */
export const audit = (tx: Tx, { executionId, workflowId, call, config, ...tried }: Tried): Promise<number> =>
  tx.run(
    `insert into automation.action_audit (tenant, execution_id, workflow_id, step_id, call_key, attempt, action_type, action_config, status, result,
                                          error, started_at, completed_at, duration_ms)
     select engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, engine.now() - $11 * interval '1 millisecond', engine.now(), $11
     on conflict (tenant, call_key) where status = 'success' do nothing`,
    [
      executionId,
      workflowId,
      call.stepId,
      call.key,
      call.attempt,
      call.action,
      JSON.stringify(config),
      tried.status,
      tried.result === null ? null : JSON.stringify(tried.result),
      tried.error && JSON.stringify(tried.error),
      tried.durationMs,
    ],
  );

/** What came of those of these calls that have succeeded already, by key: they are not made again (R002-72). */
export async function succeededBefore(tx: Tx, keys: readonly string[]): Promise<ReadonlyMap<string, Value>> {
  const rows = await tx.query<{ call_key: string; result: Value }>(
    `select call_key, result from automation.action_audit
      where tenant = engine.tenant() and call_key = any($1) and status = 'success'`,
    [keys],
  );
  return new Map(rows.map(({ call_key, result }) => [call_key, result]));
}
