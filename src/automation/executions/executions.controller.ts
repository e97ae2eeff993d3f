import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Acknowledged } from '../../engine/instances.answers.dto.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { paged, succeeded } from '../envelope.js';
import { READERS, WRITERS } from '../roles.js';
import { ExecutionAnswer, ExecutionPage, ListExecutions } from './execution.dto.js';
import { Executions } from './executions.js';

/** Executions of workflows (R002-53, R002-59). */
@ApiTags('workflows')
@Roles(...READERS)
@Controller('api/automation/executions')
export class ExecutionsController {
  constructor(private readonly executions: Executions) {}

  /** One page, newest first. */
  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: ListExecutions): Promise<ExecutionPage> {
    const { workflowId = null, status = null } = query;
    return paged(query, await this.executions.list(caller, { workflowId, status }, query));
  }

  /** One execution: how far it is, what came of its steps, where it failed. */
  @Get(':id')
  @ApiProblems('NOT_FOUND')
  async read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ExecutionAnswer> {
    return succeeded(await this.executions.read(caller, id));
  }

  /** Calls it off: its timers are dropped, and what is being done may end, but counts no more. */
  @Post(':id/cancel')
  @Roles(...WRITERS)
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Acknowledged> {
    return this.executions.cancel(caller, id, key);
  }
}
