import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { idIn, OfOrg } from '../workstream.dto.js';
import { READERS, WRITERS } from '../roles.js';
import { SpotlightComponents } from './spotlight.components.js';
import {
  AnalyticsQuery,
  ComponentList,
  CreateField,
  DomainList,
  FieldList,
  FieldView,
  ListFields,
  Performance,
  PutComponents,
  SpotlightAnalytics,
} from './spotlight.dto.js';
import { SpotlightEvaluations } from './spotlight.evaluations.js';
import { SpotlightFields } from './spotlight.fields.js';

/** What spotlights are made of, and what came of asking them. */
@ApiTags('spotlights')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/spotlights')
export class SpotlightPartsController {
  constructor(
    private readonly fields: SpotlightFields,
    private readonly components: SpotlightComponents,
    private readonly evaluations: SpotlightEvaluations,
  ) {}

  /** Domains that have fields or spotlights. */
  @Get('domains')
  @ApiProblems('WF005')
  async domains(@CurrentCaller() caller: Caller, @Query() { org_id }: OfOrg): Promise<DomainList> {
    return { data: await this.fields.domains(caller, org_id) };
  }

  /** Fields that spotlights of a domain can look at. */
  @Get('fields')
  @ApiProblems('WF005')
  listFields(@CurrentCaller() caller: Caller, @Query() query: ListFields): Promise<FieldList> {
    return this.fields.list(caller, query);
  }

  /** Adds a field to a domain. */
  @Post('fields')
  @Roles(...WRITERS)
  @ApiProblems('WF005', 'IN_USE', 'IDEMPOTENCY_KEY_REUSED')
  createField(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateField,
    @IdempotencyKey() key: string | undefined,
  ): Promise<FieldView> {
    return this.fields.create(caller, body, key);
  }

  /** How often each spotlight was asked, and what it said. */
  @Get('analytics')
  @ApiProblems('WF005')
  analytics(@CurrentCaller() caller: Caller, @Query() query: AnalyticsQuery): Promise<SpotlightAnalytics> {
    return this.evaluations.analytics(caller, query);
  }

  /** What the weighted score is made of. */
  @Get(':spotlight_id/score-components')
  @ApiProblems('NOT_FOUND')
  listComponents(@CurrentCaller() caller: Caller, @Param('spotlight_id') id: string): Promise<ComponentList> {
    return this.components.list(caller, idIn('spotlight_id', id));
  }

  /** Replaces what the weighted score is made of. */
  @Post(':spotlight_id/score-components')
  @HttpCode(200)
  @Roles(...WRITERS)
  @ApiProblems('NOT_FOUND', 'WF005')
  putComponents(
    @CurrentCaller() caller: Caller,
    @Param('spotlight_id') id: string,
    @Body() body: PutComponents,
  ): Promise<ComponentList> {
    return this.components.put(caller, idIn('spotlight_id', id), body);
  }

  /** The last ten evaluations, and the average of all. */
  @Get(':spotlight_id/performance')
  @ApiProblems('NOT_FOUND')
  performance(@CurrentCaller() caller: Caller, @Param('spotlight_id') id: string): Promise<Performance> {
    return this.evaluations.performance(caller, idIn('spotlight_id', id));
  }
}
