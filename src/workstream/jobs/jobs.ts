import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  bulk,
  type BulkContext,
  type BulkParams,
  type BulkTask,
  type ChunkDone,
  type ChunkRequest,
} from '../../../machines/bulk.js';
import type { Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Reading, type InstanceView } from '../../engine/reading.js';
import type { Tx } from '../../platform/database.js';
import type { JobView } from './jobs.dto.js';

/** Does one chunk for a tenant. May run twice with the same input. */
export type DoChunk = (tenant: string, request: ChunkRequest, run: EffectRun) => Promise<ChunkDone>;

class Nothing {}

/** Work on many rows that outlives the request that asked for it, and a restart. */
@Injectable()
export class Jobs implements OnModuleInit {
  private readonly tasks = new Map<BulkTask, DoChunk>();

  constructor(
    private readonly engine: EngineService,
    private readonly reading: Reading,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: bulk,
      payloads: { 'bulk.cancel': Nothing },
      facts: {},
      effects: { 'workstream.chunk': (request: ChunkRequest, run) => this.chunk(request, run) },
      policies: { 'workstream.chunk': { attempts: 5, timeoutMs: 120_000, batch: 2 } },
    });
  }

  /** Says how a task is done; once, when the module starts. */
  entrust(task: BulkTask, doChunk: DoChunk): void {
    this.tasks.set(task, doChunk);
  }

  /** Starts a job. @returns its id */
  async start(
    caller: Caller,
    task: BulkTask,
    params: BulkParams,
    total: number,
    idempotencyKey?: string,
  ): Promise<string> {
    const request = { task, params };
    const ack = await this.engine.start(caller, bulk.name, { request, idempotencyKey }, async () =>
      opening(caller.userId, task, params, total),
    );
    return ack.instanceId;
  }

  /** Starts a job with what it follows from, in one transaction. @returns its id */
  async startWithin(
    tx: Tx,
    by: { userId: string; correlationId: string },
    task: BulkTask,
    params: BulkParams,
    total: number,
  ): Promise<string> {
    const cause = {
      kind: 'start' as const,
      cause: `task:${task}`,
      actor: by.userId,
      roles: [],
      correlationId: by.correlationId,
    };
    const ack = await this.engine.startWithin(tx, bulk.name, cause, async () =>
      opening(by.userId, task, params, total),
    );
    return ack.instanceId;
  }

  /** How far a job is. @throws WF001 */
  async view(caller: Caller, id: string): Promise<JobView> {
    return jobOf(await this.reading.read(caller, id, bulk.name));
  }

  /** Stops a job after the chunk under way. @throws WF001, WF002 when it has ended */
  async cancel(caller: Caller, id: string, idempotencyKey: string | undefined): Promise<JobView> {
    await this.engine.send(caller, id, { type: 'bulk.cancel' }, { lifecycle: bulk.name, idempotencyKey });
    return this.view(caller, id);
  }

  private async chunk(request: ChunkRequest, run: EffectRun): Promise<EffectResult> {
    const doChunk = this.tasks.get(request.task);
    if (!doChunk) return { kind: 'failed', code: 'UNKNOWN_TASK', reason: `nobody does ${request.task}` };
    return { kind: 'done', output: { ...(await doChunk(run.tenant, request, run)) } };
  }
}

const opening = (starter: string, task: BulkTask, params: BulkParams, total: number) => ({
  parties: { starter },
  keys: { task },
  input: { task, params, total },
});

function jobOf({ id, state, context, createdAt, updatedAt }: InstanceView): JobView {
  const { task, params, total, processed, failed, error } = context as unknown as BulkContext;
  const share = total === 0 ? 100 : Math.min(100, Math.floor((processed / total) * 100));
  return {
    job_id: id,
    task,
    params,
    status: state as JobView['status'],
    total,
    processed,
    failed,
    progress_pct: state === 'done' ? 100 : share,
    error,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}
