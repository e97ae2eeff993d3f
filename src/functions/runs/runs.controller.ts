import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { functionRun } from '../../../machines/function.js';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import { Acknowledged } from '../../engine/instances.answers.dto.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../../platform/paging.js';
import {
  AtQuery,
  CancelRun,
  EnqueueEvent,
  EventEnqueued,
  RunEventPage,
  RunPage,
  RunsQuery,
  RunStarted,
  RunView,
  StartRun,
  TerminateRun,
} from './runs.dto.js';
import { Runs, summary } from './runs.js';

const OF_EVENTS = ['WF001', 'WF002', 'WF005', 'WF006', 'IDEMPOTENCY_KEY_REUSED'] as const;

/** Runs of TypeScript functions (R004-25 to R004-29). */
@ApiTags('functions')
@Controller('api/workflow-executions')
export class RunsController {
  constructor(
    private readonly engine: EngineService,
    private readonly runs: Runs,
  ) {}

  /** Starts a workflow without an event: `triggerEvent` is null. */
  @Post()
  @Roles('admin', 'operator', 'service')
  @ApiProblems('WF005', 'WF006', 'IDEMPOTENCY_KEY_REUSED')
  async start(
    @CurrentCaller() caller: Caller,
    @Body() body: StartRun,
    @IdempotencyKey() key: string | undefined,
  ): Promise<RunStarted> {
    return { executionId: await this.runs.start(caller, body, key) };
  }

  /** One page, newest first; who does not oversee the tenant sees his own. */
  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: RunsQuery): Promise<RunPage> {
    const { limit, cursor, status = null, workflow_name: workflow = null } = query;
    const after = decodeCursor(cursor, { time: 'time', id: 'id' });
    const rows = await this.runs.list(caller, { status, workflow }, after, limit);
    const last = rows.length === limit ? rows.at(-1) : undefined;
    const nextCursor = last ? encodeCursor({ time: last.position, id: last.execution_id }) : null;
    return { data: rows.map(summary), nextCursor };
  }

  /** One run, as it is or (`at`) as it was. */
  @Get(':id')
  @ApiProblems('WF001')
  read(@CurrentCaller() caller: Caller, @Param('id') id: string, @Query() { at }: AtQuery): Promise<RunView> {
    return this.runs.read(caller, id, at);
  }

  /** What happened to it, oldest first. */
  @Get(':id/events')
  @ApiProblems('WF001')
  async events(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<RunEventPage> {
    const after = Number(decodeCursor(cursor, { seq: 'number' })?.seq ?? 0);
    const data = await this.runs.events(caller, id, after, limit);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ seq: String(last.sequence) }) : null };
  }

  /** Tells it something: at once when the function waits for it, else when it does. */
  @Post(':id/events')
  @HttpCode(202)
  @ApiProblems(...OF_EVENTS)
  enqueue(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: EnqueueEvent,
    @IdempotencyKey() key: string | undefined,
  ): Promise<EventEnqueued> {
    return this.runs.enqueue(caller, id, body, key);
  }

  /** Calls it off: what it has begun is not undone, what it waits for is not waited for. */
  @Post(':id/cancel')
  @HttpCode(200)
  @ApiProblems(...OF_EVENTS)
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() payload: CancelRun,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<Acknowledged> {
    const event = { type: 'function.cancel', payload };
    return this.engine.send(caller, id, event, { idempotencyKey, lifecycle: functionRun.name });
  }

  /** Ends it, whoever started it. */
  @Post(':id/terminate')
  @HttpCode(200)
  @ApiProblems(...OF_EVENTS)
  terminate(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() payload: TerminateRun,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<Acknowledged> {
    const event = { type: 'function.terminate', payload };
    return this.engine.send(caller, id, event, { idempotencyKey, lifecycle: functionRun.name });
  }
}
