import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { task } from '../../machines/task.js';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { EngineService } from '../engine/engine.service.js';
import { Acknowledged } from '../engine/instances.answers.dto.js';
import { IdempotencyKey, IfMatch } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import {
  CancelTask,
  CompleteTask,
  CreateTask,
  DraftAnswer,
  InboxQuery,
  TaskCreated,
  TaskPage,
  TaskView,
} from './tasks.dto.js';
import { Tasks } from './tasks.js';

const OF_EVENTS = ['WF001', 'WF002', 'WF005', 'WF006', 'REVISION_MISMATCH', 'IDEMPOTENCY_KEY_REUSED'] as const;

/** What people have to do (R004-61 to R004-71). */
@ApiTags('tasks')
@Controller('api/tasks')
export class TasksController {
  constructor(
    private readonly engine: EngineService,
    private readonly tasks: Tasks,
  ) {}

  /** Gives people a task. */
  @Post()
  @Roles('admin', 'operator', 'service', 'sales', 'legal')
  @ApiProblems('WF005', 'WF006', 'IDEMPOTENCY_KEY_REUSED')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateTask,
    @IdempotencyKey() key: string | undefined,
  ): Promise<TaskCreated> {
    const { instanceId } = await this.tasks.create(caller, body, key);
    return { success: true, taskId: instanceId };
  }

  /** What the caller has to do: his own, and that of his roles; what is due first at the top. */
  @Get()
  @ApiProblems('WF005')
  inbox(@CurrentCaller() caller: Caller, @Query() query: InboxQuery): Promise<TaskPage> {
    return this.tasks.inbox(caller, query);
  }

  /** One task with its form, filled in as far as it is. */
  @Get(':id')
  @ApiProblems('WF001')
  read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<TaskView> {
    return this.tasks.read(caller, id);
  }

  /** Takes it: nobody else can answer it now. Taking one's own again changes nothing. */
  @Post(':id/claim')
  @HttpCode(200)
  @ApiProblems(...OF_EVENTS)
  claim(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @IfMatch() expectedRevision: number | undefined,
  ): Promise<Acknowledged> {
    return this.send(caller, id, 'task.claim', {}, { idempotencyKey, expectedRevision });
  }

  /** Gives it back. */
  @Post(':id/unclaim')
  @HttpCode(200)
  @ApiProblems(...OF_EVENTS)
  unclaim(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @IfMatch() expectedRevision: number | undefined,
  ): Promise<Acknowledged> {
    return this.send(caller, id, 'task.unclaim', {}, { idempotencyKey, expectedRevision });
  }

  /** Keeps what was filled in so far, whether it fits or not. */
  @Post(':id/draft')
  @HttpCode(200)
  @ApiProblems(...OF_EVENTS)
  draft(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: DraftAnswer,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @IfMatch() expectedRevision: number | undefined,
  ): Promise<Acknowledged> {
    return this.send(caller, id, 'task.draft', body, { idempotencyKey, expectedRevision });
  }

  /** Answers it. What does not fit the form is refused, all of it at once. */
  @Post(':id/complete')
  @HttpCode(200)
  @ApiProblems(...OF_EVENTS, 'FORM_INVALID')
  complete(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: CompleteTask,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @IfMatch() expectedRevision: number | undefined,
  ): Promise<Acknowledged> {
    return this.send(caller, id, 'task.complete', body, { idempotencyKey, expectedRevision });
  }

  /** Calls it off. */
  @Post(':id/cancel')
  @HttpCode(200)
  @ApiProblems(...OF_EVENTS)
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: CancelTask,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @IfMatch() expectedRevision: number | undefined,
  ): Promise<Acknowledged> {
    return this.send(caller, id, 'task.cancel', body, { idempotencyKey, expectedRevision });
  }

  private send(
    caller: Caller,
    id: string,
    type: string,
    payload: object,
    options: { idempotencyKey: string | undefined; expectedRevision: number | undefined },
  ): Promise<Acknowledged> {
    return this.engine.send(caller, id, { type, payload }, { ...options, lifecycle: task.name });
  }
}
