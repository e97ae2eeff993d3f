import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../../platform/paging.js';
import { READERS, WRITERS } from '../roles.js';
import { listMatches } from './matches.store.js';
import {
  ChangePattern,
  CreatePattern,
  ListPatterns,
  MatchPage,
  PatternDeleted,
  PatternId,
  PatternPage,
  PatternView,
  TemplateList,
} from './patterns.dto.js';
import { Patterns } from './patterns.js';
import { TEMPLATES } from './templates.js';
import { TestPattern, TrialView } from './trial.dto.js';
import { PatternTrial } from './trial.js';

/** What is to be found in events, and which workflow it starts (R002-27). */
@ApiTags('automation')
@Roles(...WRITERS)
@Controller('api/automation/patterns')
export class PatternsController {
  constructor(
    private readonly patterns: Patterns,
    private readonly trial: PatternTrial,
    private readonly database: Database,
  ) {}

  /** Makes a pattern. What it starts is done with the rights of whoever wrote it last. */
  @Post()
  @ApiProblems('PATTERN_ERROR', 'WF006', 'WF007', 'IDEMPOTENCY_KEY_REUSED')
  create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreatePattern,
    @IdempotencyKey() key: string | undefined,
  ): Promise<PatternView> {
    return this.patterns.create(caller, body, key);
  }

  /** One page, by id. */
  @Get()
  @Roles(...READERS)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor, enabled, type, workflowId }: ListPatterns,
  ): Promise<PatternPage> {
    const after = decodeCursor(cursor, { id: 'id' })?.id ?? '';
    const filter = {
      isEnabled: enabled === undefined ? null : enabled === 'true',
      type: type ?? null,
      workflowId: workflowId ?? null,
    };
    const data = await this.patterns.list(caller, filter, after, limit);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: last.id }) : null };
  }

  /** Patterns to begin with (R002-35). */
  @Get('templates')
  @Roles(...READERS)
  templates(): TemplateList {
    return { data: [...TEMPLATES] };
  }

  /** What a pattern would have found in a time; nothing is set off. */
  @Post('test')
  @HttpCode(200)
  @ApiProblems('PATTERN_ERROR', 'QUERY_ERROR', 'WF006', 'NOT_FOUND')
  test(@CurrentCaller() caller: Caller, @Body() body: TestPattern): Promise<TrialView> {
    return this.trial.run(caller, body);
  }

  /** One pattern. */
  @Get(':id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() caller: Caller, @Param() { id }: PatternId): Promise<PatternView> {
    return this.patterns.read(caller, id);
  }

  /** What it has found, newest first, with the events that were matched. */
  @Get(':id/matches')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async matches(
    @CurrentCaller() caller: Caller,
    @Param() { id }: PatternId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<MatchPage> {
    const before = decodeCursor(cursor, { id: 'number' });
    await this.patterns.read(caller, id);
    const data = await this.database.transaction(caller.tenant, (tx) =>
      listMatches(tx, id, before && Number(before.id), limit),
    );
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: String(last.id) }) : null };
  }

  /** Changes what is named. Another pattern or workflow is another version, which begins anew. */
  @Patch(':id')
  @ApiProblems('PATTERN_ERROR', 'WF006', 'NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  change(
    @CurrentCaller() caller: Caller,
    @Param() { id }: PatternId,
    @Body() body: ChangePattern,
    @IdempotencyKey() key: string | undefined,
  ): Promise<PatternView> {
    return this.patterns.change(caller, id, body, key);
  }

  /** Takes a pattern away. What it has set off goes on. */
  @Delete(':id')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  remove(
    @CurrentCaller() caller: Caller,
    @Param() { id }: PatternId,
    @IdempotencyKey() key: string | undefined,
  ): Promise<PatternDeleted> {
    return this.patterns.remove(caller, id, key);
  }
}
