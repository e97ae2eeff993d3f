/** The rows of executions. */
import type { Trigger, Value } from '../../../machines/execution.types.js';
import type { Tx } from '../../platform/database.js';
import type { Page } from '../envelope.js';
import type { ExecutionStatus } from './execution.dto.js';

/** What lists show of an execution. */
export interface ExecutionRow {
  execution_id: string;
  workflow_id: string;
  version: number;
  triggered_by: Trigger;
  event: Value;
  status: ExecutionStatus;
  current_step: string | null;
  completed_steps: string[];
  input: object;
  output: object | null;
  error: { step: string | null; code: string; message: string; timestamp: string } | null;
  started_at: Date;
  completed_at: Date | null;
  duration: number | null;
}

const COLUMNS = `execution_id, workflow_id, version, triggered_by, event, status, current_step, completed_steps, input, output, error,
  started_at, completed_at, (extract(epoch from completed_at - started_at) * 1000)::float8 as duration`;

/** What an execution's row begins with. */
export interface NewExecution {
  id: string;
  workflowId: string;
  version: number;
  key: string | null;
  trigger: Trigger;
  event: Value;
  input: Value;
  /** Milliseconds since 1970. */
  startedAt: number;
}

/** Written with every default there is, in the transaction that sets it off (R002-26). */
export const insertExecution = (tx: Tx, row: NewExecution): Promise<number> =>
  tx.run(
    `insert into automation.executions (tenant, execution_id, workflow_id, version, start_key, triggered_by, event, status, input, started_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, 'pending', $7, to_timestamp($8::float8 / 1000))`,
    [
      row.id,
      row.workflowId,
      row.version,
      row.key,
      JSON.stringify(row.trigger),
      row.event === null ? null : JSON.stringify(row.event),
      JSON.stringify(row.input),
      row.startedAt,
    ],
  );

/** The execution that a key has set off. Of two that come at once, one waits here for the other. */
export async function startedBy(tx: Tx, key: string): Promise<string | undefined> {
  await tx.run(
    `select pg_advisory_xact_lock(hashtextextended('automation.executions:' || engine.tenant() || ':' || $1, 0))`,
    [key],
  );
  const row = await tx.one<{ execution_id: string }>(
    'select execution_id from automation.executions where tenant = engine.tenant() and start_key = $1',
    [key],
  );
  return row?.execution_id;
}

export const findExecution = (tx: Tx, id: string): Promise<ExecutionRow | undefined> =>
  tx.one(`select ${COLUMNS} from automation.executions where tenant = engine.tenant() and execution_id = $1`, [id]);

/** What a list is narrowed by; null is everything. */
export interface ExecutionFilter {
  workflowId: string | null;
  status: ExecutionStatus | null;
}

/** One page, newest first. */
export async function listExecutions(
  tx: Tx,
  { workflowId, status }: ExecutionFilter,
  page: number,
  limit: number,
): Promise<Page<ExecutionRow>> {
  const where = `where tenant = engine.tenant() and ($1::text is null or workflow_id = $1) and ($2::text is null or status = $2)`;
  const values = [workflowId, status];
  const rows = await tx.query<ExecutionRow>(
    `select ${COLUMNS} from automation.executions ${where} order by started_at desc, execution_id desc limit $3 offset $4`,
    [...values, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(
    `select count(*)::int as total from automation.executions ${where}`,
    values,
  );
  return { rows, total: counted?.total ?? 0 };
}

/** Executions of a workflow that are not over. */
export const runningOf = async (tx: Tx, workflowId: string): Promise<string[]> => {
  const rows = await tx.query<{ execution_id: string }>(
    `select execution_id from automation.executions
      where tenant = engine.tenant() and workflow_id = $1 and status in ('pending', 'running') order by started_at, execution_id`,
    [workflowId],
  );
  return rows.map(({ execution_id }) => execution_id);
};
