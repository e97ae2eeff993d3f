/** Runs in the database: the columns that lists show, and what happened to a run. */
import type { FunctionContext, Value } from '../../../machines/function.types.js';
import type { Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';

export const RUN_STATUSES = ['active', 'completed', 'failed', 'cancelled', 'terminated'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Whose workflow it is: the product's, or the tenant's own. */
export type WorkflowType = 'system' | 'tenant';

export interface RunRow {
  execution_id: string;
  workflow_name: string;
  workflow_version: string;
  workflow_type: WorkflowType;
  version_id: string;
  current_state: string;
  status: RunStatus;
  correlation_id: string;
  started_by: string | null;
  created_at: Date;
  updated_at: Date;
}

/** What a run's row begins with. */
export type NewRun = Omit<RunRow, 'status' | 'created_at' | 'updated_at'>;

export const insertRun = (tx: Tx, row: NewRun, status: RunStatus, depth: number): Promise<number> =>
  tx.run(
    `insert into functions.workflow_executions (tenant, execution_id, workflow_name, workflow_version, workflow_type, version_id,
            current_state, status, correlation_id, started_by, depth, created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, engine.now(), engine.now())`,
    [
      row.execution_id,
      row.workflow_name,
      row.workflow_version,
      row.workflow_type,
      row.version_id,
      row.current_state,
      status,
      row.correlation_id,
      row.started_by,
      depth,
    ],
  );

/** What the lifecycle's state is called in lists. */
export const statusOf = (state: string): RunStatus => RUN_STATUSES.find((status) => status === state) ?? 'active';

/** Keeps the row in step with its instance. */
export const updateRun = (tx: Tx, { instanceId, state, context }: Transitioned<FunctionContext>): Promise<number> =>
  tx.run(
    `update functions.workflow_executions set current_state = $2, status = $3, updated_at = engine.now()
      where tenant = engine.tenant() and execution_id = $1`,
    [instanceId, context.label, statusOf(state)],
  );

export interface RunFilter {
  status: RunStatus | null;
  workflow: string | null;
  /** Only what this user has started. */
  startedBy: string | null;
}

/** One page, newest first. */
export const listRuns = (
  tx: Tx,
  { status, workflow, startedBy }: RunFilter,
  after: { time: string; id: string } | null,
  limit: number,
): Promise<(RunRow & { position: string })[]> =>
  tx.query(
    `select execution_id, workflow_name, workflow_version, workflow_type, version_id, current_state, status, correlation_id, started_by,
            created_at, updated_at, to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position
       from functions.workflow_executions
      where tenant = engine.tenant() and ($1::text is null or status = $1) and ($2::text is null or workflow_name = $2)
        and ($3::text is null or started_by = $3)
        and ($4::timestamptz is null or (created_at, execution_id) < ($4, $5))
      order by created_at desc, execution_id desc limit $6`,
    [status, workflow, startedBy, after?.time ?? null, after?.id ?? null, limit],
  );

export const findRun = (tx: Tx, id: string): Promise<RunRow | undefined> =>
  tx.one(
    `select execution_id, workflow_name, workflow_version, workflow_type, version_id, current_state, status, correlation_id, started_by,
            created_at, updated_at
       from functions.workflow_executions where tenant = engine.tenant() and execution_id = $1`,
    [id],
  );

/** What a turn has led to, as the history has it. */
const TURN = `coalesce(h.facts -> 'turn', h.payload -> 'turn')`;

/** What a run was at a time: its label, its data, what it waited for. Undefined before it began. */
export const stateAt = (
  tx: Tx,
  id: string,
  at: string,
): Promise<{ state: string; label: string; data: { [key: string]: Value }; at: Date } | undefined> =>
  tx.one(
    `select (select l.to_state from engine.history l where l.tenant = h.tenant and l.instance_id = h.instance_id and l.at <= $2
              order by l.seq desc limit 1) as state,
            ${TURN} ->> 'label' as label, ${TURN} -> 'data' as data, h.at
       from engine.history h
      where h.tenant = engine.tenant() and h.instance_id = $1 and h.at <= $2 and ${TURN} is not null
      order by h.seq desc limit 1`,
    [id, at],
  );

/** One thing that happened to a run (R004-13). */
export interface RunEventRow {
  sequence: number;
  event_name: string;
  event_type: string;
  from_state: string | null;
  to_state: string;
  user_id: string | null;
  payload: Value;
  created_at: Date;
}

/** One page, oldest first. States are those that the function names. */
export const eventsOf = (tx: Tx, id: string, after: number, limit: number): Promise<RunEventRow[]> =>
  tx.query(
    `with said as (
       select h.seq, h.type, h.kind, h.payload, h.actor, h.at, ${TURN} ->> 'label' as label
         from engine.history h where h.tenant = engine.tenant() and h.instance_id = $1),
     parts as (
       -- A row without a turn leaves the label as it was.
       select said.*, count(label) over (order by seq) as part from said),
     steps as (
       select parts.*, first_value(label) over (partition by part order by seq) as now_at from parts),
     moves as (
       select steps.*, lag(now_at) over (order by seq) as before from steps)
     select seq as sequence,
            case when kind = 'start' then 'workflow.started' when type = 'function.event' then payload ->> 'name'
                 when kind = 'effect-result' then case when type like '%error%' then 'action.failed' else 'action.done' end else type end as event_name,
            case when kind = 'start' then 'workflow' when type = 'function.event' then 'event' when kind = 'effect-result' then 'action'
                 else kind end as event_type,
            before as from_state, now_at as to_state, case when actor like 'system:%' then null else actor end as user_id,
            case when kind = 'start' then payload -> 'input' when type = 'function.event' then payload -> 'payload'
                 when kind = 'effect-result' then coalesce(payload -> 'output', payload -> 'error') else payload end as payload,
            at as created_at
       from moves where seq > $2 order by seq limit $3`,
    [id, after, limit],
  );

/** The compiled function of a run, `module@version`; undefined when there is no such run. */
export const versionIdOf = async (tx: Tx, id: string): Promise<string | undefined> =>
  (
    await tx.one<{ version_id: string }>(
      'select version_id from functions.workflow_executions where tenant = engine.tenant() and execution_id = $1',
      [id],
    )
  )?.version_id;

/** How many runs stand between a run and what happened by itself; undefined when there is no such run. */
export const depthOf = async (tx: Tx, id: string): Promise<number | undefined> =>
  (
    await tx.one<{ depth: number }>(
      'select depth from functions.workflow_executions where tenant = engine.tenant() and execution_id = $1',
      [id],
    )
  )?.depth;
