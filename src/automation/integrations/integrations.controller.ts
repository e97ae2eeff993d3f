import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { paged, succeeded } from '../envelope.js';
import { READERS } from '../roles.js';
import {
  ChangeIntegration,
  CreateIntegration,
  IntegrationAnswer,
  IntegrationDeleted,
  IntegrationPage,
  ListIntegrations,
} from './integration.dto.js';
import { Integrations } from './integrations.js';

/** Services outside that requests of workflows are sent to, with their credentials (R002-5). */
@ApiTags('workflows')
@Roles('operator', 'admin')
@Controller('api/automation/integrations')
export class IntegrationsController {
  constructor(private readonly integrations: Integrations) {}

  /** Makes an integration. Its secrets are sealed and never shown again. */
  @Post()
  @ApiProblems('WF006', 'CONFLICT', 'IDEMPOTENCY_KEY_REUSED')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateIntegration,
    @IdempotencyKey() key: string | undefined,
  ): Promise<IntegrationAnswer> {
    return succeeded(await this.integrations.create(caller, body, key));
  }

  /** One page, newest first. */
  @Get()
  @Roles(...READERS)
  async list(@CurrentCaller() caller: Caller, @Query() query: ListIntegrations): Promise<IntegrationPage> {
    return paged(query, await this.integrations.list(caller, query));
  }

  /** One integration, without its secrets. */
  @Get(':id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<IntegrationAnswer> {
    return succeeded(await this.integrations.read(caller, id));
  }

  /** Changes what is named; requests that are sent from now on go by it. */
  @Patch(':id')
  @ApiProblems('NOT_FOUND', 'WF006', 'IDEMPOTENCY_KEY_REUSED')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ChangeIntegration,
    @IdempotencyKey() key: string | undefined,
  ): Promise<IntegrationAnswer> {
    return succeeded(await this.integrations.change(caller, id, body, key));
  }

  /** Takes it away; steps that need it fail. */
  @Delete(':id')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<IntegrationDeleted> {
    return succeeded(await this.integrations.remove(caller, id, key));
  }
}
