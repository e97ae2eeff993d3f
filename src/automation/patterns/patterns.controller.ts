import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { paged, Paged, succeeded } from '../envelope.js';
import { READERS, WRITERS } from '../roles.js';
import {
  ChangePattern,
  CreatePattern,
  ListPatterns,
  MatchPage,
  PatternAnswer,
  PatternDeleted,
  PatternId,
  PatternPage,
  TemplateList,
} from './patterns.dto.js';
import { Patterns } from './patterns.js';
import { TEMPLATES } from './templates.js';
import { TestPattern, TrialAnswer } from './trial.dto.js';
import { PatternTrial } from './trial.js';

/** What is to be found in events, and which workflow it starts (R002-27). */
@ApiTags('automation')
@Roles(...WRITERS)
@Controller('api/automation/patterns')
export class PatternsController {
  constructor(
    private readonly patterns: Patterns,
    private readonly trial: PatternTrial,
  ) {}

  /** Makes a pattern. What it starts is done with the rights of whoever wrote the workflow. */
  @Post()
  @ApiProblems('PATTERN_ERROR', 'WF006', 'CONFLICT', 'IDEMPOTENCY_KEY_REUSED')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreatePattern,
    @IdempotencyKey() key: string | undefined,
  ): Promise<PatternAnswer> {
    return succeeded(await this.patterns.create(caller, body, key));
  }

  /** One page, newest first. */
  @Get()
  @Roles(...READERS)
  async list(@CurrentCaller() caller: Caller, @Query() query: ListPatterns): Promise<PatternPage> {
    const isEnabled = query.enabled === undefined ? null : query.enabled === 'true';
    const filter = { isEnabled, type: query.type ?? null, workflowId: query.workflowId ?? null };
    return paged(query, await this.patterns.list(caller, filter, query));
  }

  /** Patterns to begin with (R002-35). */
  @Get('templates')
  @Roles(...READERS)
  templates(): TemplateList {
    return succeeded([...TEMPLATES]);
  }

  /** What a pattern would have found in a time; nothing is set off. */
  @Post('test')
  @HttpCode(200)
  @ApiProblems('PATTERN_ERROR', 'QUERY_ERROR', 'WF006', 'NOT_FOUND')
  async test(@CurrentCaller() caller: Caller, @Body() body: TestPattern): Promise<TrialAnswer> {
    return succeeded(await this.trial.run(caller, body));
  }

  /** One pattern. */
  @Get(':id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async read(@CurrentCaller() caller: Caller, @Param() { id }: PatternId): Promise<PatternAnswer> {
    return succeeded(await this.patterns.read(caller, id));
  }

  /** What it has found, newest first, with the events that were matched. */
  @Get(':id/matches')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async matches(
    @CurrentCaller() caller: Caller,
    @Param() { id }: PatternId,
    @Query() query: Paged,
  ): Promise<MatchPage> {
    return paged(query, await this.patterns.matches(caller, id, query));
  }

  /** Changes what is named. Another pattern or workflow is another version, which begins anew. */
  @Patch(':id')
  @ApiProblems('PATTERN_ERROR', 'WF006', 'NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  async change(
    @CurrentCaller() caller: Caller,
    @Param() { id }: PatternId,
    @Body() body: ChangePattern,
    @IdempotencyKey() key: string | undefined,
  ): Promise<PatternAnswer> {
    return succeeded(await this.patterns.change(caller, id, body, key));
  }

  /** Takes a pattern away. What it has set off goes on. */
  @Delete(':id')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param() { id }: PatternId,
    @IdempotencyKey() key: string | undefined,
  ): Promise<PatternDeleted> {
    return succeeded(await this.patterns.remove(caller, id, key));
  }
}
