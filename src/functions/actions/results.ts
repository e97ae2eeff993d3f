/** What became of each action, once for each key (R004-14, R004-42, R004-43). */
import type { Failure, Fields, Value } from '../../../machines/function.types.js';
import type { Tx } from '../../platform/database.js';

/** What is kept of an action before it is done. */
export interface Asked {
  idempotencyKey: string;
  executionId: string;
  eventId: string | null;
  name: string;
  /** Of a planned action. */
  path: string | null;
  group: string | null;
  /** Without what is secret. */
  parameters: Fields;
  hash: string;
  /** As an earlier release hid what is secret: what it has begun is the same. */
  formerHash: string;
}

export interface ResultRow {
  parameters_hash: string;
  /** Null while it is not decided. */
  success: boolean | null;
  result: Value;
  error: Failure | null;
  attempts: number;
}

/**
 * Writes down that an attempt begins, and answers what is known under this key; the row is locked until the transaction ends.
 * @param isCounted it was counted already when it began
 */
export async function beginAttempt(tx: Tx, asked: Asked, isCounted = false): Promise<ResultRow> {
  const row = await tx.one<ResultRow>(
    `insert into functions.workflow_action_results as r
            (tenant, idempotency_key, execution_id, event_id, action_name, action_path, action_group, parameters, parameters_hash, attempts, started_at)
     values (engine.tenant(), $1, $2, $3, $4, $8, $9, $5, $6, 1, engine.now())
     on conflict (tenant, idempotency_key) do update
        set attempts = r.attempts + case when r.success is null and not $7 then 1 else 0 end
     returning parameters_hash, success, result, error, attempts`,
    [
      asked.idempotencyKey,
      asked.executionId,
      asked.eventId,
      asked.name,
      JSON.stringify(asked.parameters),
      asked.hash,
      isCounted,
      asked.path,
      asked.group,
    ],
  );
  if (!row) throw new Error('the attempt was not written down');
  return row;
}

/** Keeps how it ended; the first end stays. */
export const keepEnd = (
  tx: Tx,
  idempotencyKey: string,
  end: { success: boolean; result: Value } | { success: boolean | null; error: Failure },
): Promise<number> =>
  tx.run(
    `update functions.workflow_action_results
        set success = $2::boolean, result = $3, error = $4, completed_at = case when $2::boolean is not null then engine.now() end
      where tenant = engine.tenant() and idempotency_key = $1 and success is null`,
    [
      idempotencyKey,
      end.success,
      'result' in end ? JSON.stringify(end.result) : null,
      'error' in end ? JSON.stringify(end.error) : null,
    ],
  );

/** What is kept of the error of an action that was not done. */
export const errorOf = async (tx: Tx, idempotencyKey: string): Promise<Failure | undefined> => {
  const row = await tx.one<{ error: Failure | null }>(
    `select error from functions.workflow_action_results where tenant = engine.tenant() and idempotency_key = $1`,
    [idempotencyKey],
  );
  return row?.error ?? undefined;
};
