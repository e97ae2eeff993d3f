import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { paged, Paged, succeeded } from '../envelope.js';
import { ExecuteWorkflow, ExecutionPage, ExecutionStarted } from '../executions/execution.dto.js';
import { Executions } from '../executions/executions.js';
import { READERS, WRITERS } from '../roles.js';
import {
  ChangeWorkflow,
  CreateWorkflow,
  ListWorkflows,
  RemoveWorkflow,
  WorkflowAnswer,
  WorkflowPage,
  WorkflowRemoved,
  WorkflowVersionPage,
} from './workflow.dto.js';
import { Workflows } from './workflows.js';

/** Workflows: steps in JSON, in versions (R002-38). */
@ApiTags('workflows')
@Roles(...WRITERS)
@Controller('api/automation/workflows')
export class WorkflowsController {
  constructor(
    private readonly workflows: Workflows,
    private readonly executions: Executions,
  ) {}

  /** Makes a workflow. Its actions are done with the rights of whoever wrote it last. */
  @Post()
  @ApiProblems('WF006', 'WF005', 'WORKFLOW_ERROR', 'CONFLICT', 'QUOTA_EXCEEDED', 'IDEMPOTENCY_KEY_REUSED')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateWorkflow,
    @IdempotencyKey() key: string | undefined,
  ): Promise<WorkflowAnswer> {
    return succeeded(await this.workflows.create(caller, body, key));
  }

  /** One page, newest first. */
  @Get()
  @Roles(...READERS)
  async list(@CurrentCaller() caller: Caller, @Query() query: ListWorkflows): Promise<WorkflowPage> {
    const enabled = query.enabled === undefined ? null : query.enabled === 'true';
    return paged(query, await this.workflows.list(caller, { enabled, tag: query.tag ?? null }, query));
  }

  /** One workflow, in its newest version. */
  @Get(':id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<WorkflowAnswer> {
    return succeeded(await this.workflows.read(caller, id));
  }

  /** Its versions, newest first. */
  @Get(':id/versions')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async versions(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() query: Paged,
  ): Promise<WorkflowVersionPage> {
    return paged(query, await this.workflows.versions(caller, id, query));
  }

  /** Changes what is named. What is running goes on as it was. */
  @Patch(':id')
  @ApiProblems('WF006', 'WF005', 'WORKFLOW_ERROR', 'NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ChangeWorkflow,
    @IdempotencyKey() key: string | undefined,
  ): Promise<WorkflowAnswer> {
    return succeeded(await this.workflows.change(caller, id, body, key));
  }

  /** Takes a workflow away; its executions and what they have done stay to be read. */
  @Delete(':id')
  @ApiProblems('NOT_FOUND', 'CONFLICT')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { force }: RemoveWorkflow,
    @IdempotencyKey() key: string | undefined,
  ): Promise<WorkflowRemoved> {
    return succeeded(await this.workflows.remove(caller, id, force === 'true', key));
  }

  /** Starts an execution (R002-53). */
  @Post(':id/execute')
  @HttpCode(202)
  @ApiProblems('WF006', 'NOT_FOUND', 'CONFLICT', 'QUOTA_EXCEEDED', 'IDEMPOTENCY_KEY_REUSED')
  async execute(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ExecuteWorkflow,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ExecutionStarted> {
    return succeeded(await this.executions.execute(caller, id, body, key));
  }

  /** Its executions, newest first. */
  @Get(':id/executions')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async ofWorkflow(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() query: Paged,
  ): Promise<ExecutionPage> {
    return paged(query, await this.executions.ofWorkflow(caller, id, query));
  }
}
