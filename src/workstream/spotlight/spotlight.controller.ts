import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { JobStarted } from '../jobs/jobs.dto.js';
import { OwnOrg } from '../own.org.js';
import { idIn } from '../workstream.dto.js';
import { READERS, WRITERS } from '../roles.js';
import { Scores } from './scores.js';
import {
  ChangeSpotlight,
  CloneSpotlight,
  CreateSpotlight,
  Evaluate,
  EvaluationView,
  ListSpotlights,
  SpotlightList,
  SpotlightView,
} from './spotlight.dto.js';
import { Spotlights } from './spotlights.js';

/** Ideal customers: what they look like, and who is like them (R001-68). */
@ApiTags('spotlights')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/spotlights')
export class SpotlightController {
  constructor(
    private readonly spotlights: Spotlights,
    private readonly scores: Scores,
  ) {}

  /** Spotlights, newest first. */
  @Get()
  @ApiProblems('WF005')
  list(@CurrentCaller() caller: Caller, @Query() query: ListSpotlights): Promise<SpotlightList> {
    return this.spotlights.list(caller, query);
  }

  /** Writes a spotlight. */
  @Post()
  @Roles(...WRITERS)
  @ApiProblems('WF005', 'IDEMPOTENCY_KEY_REUSED')
  create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateSpotlight,
    @IdempotencyKey() key: string | undefined,
  ): Promise<SpotlightView> {
    return this.spotlights.create(caller, body, key);
  }

  /** A spotlight and what it looks for. */
  @Get(':spotlight_id')
  @ApiProblems('NOT_FOUND')
  find(@CurrentCaller() caller: Caller, @Param('spotlight_id') id: string): Promise<SpotlightView> {
    return this.spotlights.find(caller, idIn('spotlight_id', id));
  }

  /** Changes what is named. */
  @Put(':spotlight_id')
  @Roles(...WRITERS)
  @ApiProblems('NOT_FOUND', 'WF005')
  change(
    @CurrentCaller() caller: Caller,
    @Param('spotlight_id') id: string,
    @Body() body: ChangeSpotlight,
  ): Promise<SpotlightView> {
    return this.spotlights.change(caller, idIn('spotlight_id', id), body);
  }

  /** Takes a spotlight away; its evaluations and scores stay on record. */
  @Delete(':spotlight_id')
  @Roles(...WRITERS)
  @ApiProblems('NOT_FOUND')
  remove(@CurrentCaller() caller: Caller, @Param('spotlight_id') id: string): Promise<{ deleted: number }> {
    return this.spotlights.remove(caller, idIn('spotlight_id', id));
  }

  /** Copies a spotlight under another name: fields, rules and components. */
  @Post(':spotlight_id/clone')
  @Roles(...WRITERS)
  @ApiProblems('NOT_FOUND', 'WF005', 'IDEMPOTENCY_KEY_REUSED')
  clone(
    @CurrentCaller() caller: Caller,
    @Param('spotlight_id') id: string,
    @Body() body: CloneSpotlight,
    @IdempotencyKey() key: string | undefined,
  ): Promise<SpotlightView> {
    return this.spotlights.clone(caller, idIn('spotlight_id', id), body, key);
  }

  /** Holds a signal, or what is known of one, against the spotlight (R001-69 to R001-71). */
  @Post(':spotlight_id/evaluate')
  @HttpCode(200)
  @Roles(...WRITERS)
  @ApiProblems('NOT_FOUND', 'WF002', 'WF005', 'IDEMPOTENCY_KEY_REUSED')
  evaluate(
    @CurrentCaller() caller: Caller,
    @Param('spotlight_id') id: string,
    @Body() body: Evaluate,
    @IdempotencyKey() key: string | undefined,
  ): Promise<EvaluationView> {
    return this.spotlights.evaluate(caller, idIn('spotlight_id', id), body, key);
  }

  /** Scores every signal by the spotlight; the job tells how far it is. Scores set by hand stay. */
  @Post(':spotlight_id/rescore')
  @HttpCode(202)
  @Roles(...WRITERS)
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  rescore(
    @CurrentCaller() caller: Caller,
    @Param('spotlight_id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<JobStarted> {
    return this.scores.rescoreAll(caller, idIn('spotlight_id', id), key);
  }
}
