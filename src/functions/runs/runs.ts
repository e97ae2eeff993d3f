import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { functionRun } from '../../../machines/function.js';
import type { Fields, FunctionContext } from '../../../machines/function.types.js';
import { seesEverything, type Caller } from '../../auth/caller.js';
import { EngineService, type Ack, type Opening, type StartTx } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import { Reading } from '../../engine/reading.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { masked } from '../actions/secrets.js';
import { Turning } from './turning.js';
import type { EnqueueEvent, EventEnqueued, RunEvent, RunView, StartRun } from './runs.dto.js';
import {
  eventsOf,
  findRun,
  insertRun,
  listRuns,
  stateAt,
  statusOf,
  type RunFilter,
  type RunRow,
  type WorkflowType,
} from './runs.store.js';
import { Workflows } from './workflows.js';

/** What a run is started with. */
export interface Start {
  /** What people call it, whose it is, and the compiled function. */
  workflow: { name: string; version: string; type: WorkflowType; module: string; moduleVersion: string };
  input: Fields;
  userId: string | null;
  correlationId: string;
  /** How many runs stand between it and what happened by itself. */
  depth?: number;
}

/** Runs of functions: started, told something, looked at. What happens to them goes through the engine's door like everything else. */
@Injectable()
export class Runs {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly reading: Reading,
    private readonly turning: Turning,
    private readonly workflows: Workflows,
  ) {}

  /** Starts a run by the name of its workflow, once for each key. @throws WF006 when there is no such workflow */
  async start(caller: Caller, body: StartRun, idempotencyKey: string | undefined): Promise<string> {
    const { workflowName, version, initialData = {}, correlationId = caller.correlationId } = body;
    const asking = { ...caller, correlationId };
    const { instanceId } = await this.engine.start(
      asking,
      functionRun.name,
      { idempotencyKey, request: body },
      async (tx) => {
        const workflow = await this.workflows.find(tx, workflowName, version);
        return this.open(tx, { workflow, input: initialData, userId: caller.userId, correlationId });
      },
    );
    return instanceId;
  }

  /** Starts a run in a transaction that is under way. */
  startWithin(tx: Tx, cause: Cause, start: Start): Promise<Ack> {
    return this.engine.startWithin(tx, functionRun.name, cause, (opening) => this.open(opening, start));
  }

  /** Tells a run something. @throws WF001; WF002 when it has ended */
  async enqueue(
    caller: Caller,
    id: string,
    body: EnqueueEvent,
    requestKey: string | undefined,
  ): Promise<EventEnqueued> {
    const { event_name: name, payload = null, idempotency_key: key } = body;
    const ack = await this.engine.send(
      caller,
      id,
      { type: 'function.event', payload: { name, payload } },
      { idempotencyKey: key === undefined ? requestKey : `enqueue:${key}`, lifecycle: functionRun.name },
    );
    return { eventId: eventIdOf(id, ack.seq), processingId: `${id}:${ack.seq}` };
  }

  async list(
    caller: Caller,
    filter: Omit<RunFilter, 'startedBy'>,
    after: { time: string; id: string } | null,
    limit: number,
  ): Promise<(RunRow & { position: string })[]> {
    const startedBy = seesEverything(caller) ? null : caller.userId;
    return this.database.transaction(caller.tenant, (tx) => listRuns(tx, { ...filter, startedBy }, after, limit));
  }

  /** The run as it is, or as it was. @throws WF001; also for a time before it began */
  async read(caller: Caller, id: string, at: string | undefined): Promise<RunView> {
    const instance = await this.reading.read(caller, id, functionRun.name);
    const context = instance.context as unknown as FunctionContext;
    return this.database.transaction(caller.tenant, async (tx) => {
      const row = await findRun(tx, id);
      if (!row) throw refuse('WF001');
      const { outcome, label, data } = context;
      const error = outcome?.kind === 'failed' ? outcome.error : null;
      if (at === undefined)
        return { ...summary(row), state: instance.state, currentState: label, data: masked(data), error };
      const then = await stateAt(tx, id, at);
      if (!then) throw refuse('WF001', { detail: 'The run had not begun then.' });
      const isOver = statusOf(then.state) !== 'active';
      return {
        ...summary({ ...row, current_state: then.label, status: statusOf(then.state), updated_at: then.at }),
        state: then.state,
        data: masked(then.data),
        error: isOver ? error : null,
      };
    });
  }

  /** What happened to a run, oldest first. @throws WF001 */
  async events(caller: Caller, id: string, after: number, limit: number): Promise<RunEvent[]> {
    await this.reading.read(caller, id, functionRun.name);
    const rows = await this.database.transaction(caller.tenant, (tx) => eventsOf(tx, id, after, limit));
    return rows.map((row) => ({ event_id: eventIdOf(id, row.sequence), ...row, payload: masked(row.payload) }));
  }

  private async open(tx: StartTx, { workflow, input, userId, correlationId, depth = 0 }: Start): Promise<Opening> {
    const { name, version, type, module, moduleVersion } = workflow;
    const given = { workflow: name, module, moduleVersion, input, userId, correlationId };
    const turn = await this.turning.first(tx, tx.at, tx.instanceId, given);
    const status = turn.outcome === null ? 'active' : turn.outcome.kind;
    await insertRun(
      tx,
      {
        execution_id: tx.instanceId,
        workflow_name: name,
        workflow_version: version,
        workflow_type: type,
        version_id: `${module}@${moduleVersion}`,
        current_state: turn.label,
        correlation_id: correlationId,
        started_by: userId,
      },
      status,
      depth,
    );
    return {
      parties: userId === null ? {} : { starter: userId },
      keys: { workflow: name },
      input: { ...given, turn },
    };
  }
}

/** What lists show of a run. */
export const summary = (row: RunRow) => ({
  executionId: row.execution_id,
  workflowName: row.workflow_name,
  workflowVersion: row.workflow_version,
  workflowType: row.workflow_type,
  versionId: row.version_id,
  currentState: row.current_state,
  status: row.status,
  isComplete: row.status !== 'active',
  correlationId: row.correlation_id,
  startedBy: row.started_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** A UUID for a row of a run's history: the same whenever it is asked for (R004-18). */
function eventIdOf(executionId: string, seq: number): string {
  const hex = hash('sha256', `${executionId}:${seq}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
