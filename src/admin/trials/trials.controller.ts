import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import { StartTrial, TrialItemPage, TrialItemQuery, TrialPath, ReplayReport } from './trials.dto.js';
import { Trials } from './trials.js';

/** What would have become of recorded histories under another version, or with other settings. Nothing is changed. */
@ApiTags('admin')
@Roles('admin', 'operator')
@Controller('admin')
export class TrialsController {
  constructor(private readonly trials: Trials) {}

  /** Tells the histories of the newest instances again, by the candidate. */
  @Post('lifecycles/:name/replay')
  @HttpCode(202)
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  start(
    @CurrentCaller() caller: Caller,
    @Param() { name }: TrialPath,
    @Body() body: StartTrial,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ReplayReport> {
    return this.trials.start(caller, name, body, key);
  }

  /** How far it is, and what would have become otherwise, by groups. */
  @Get('replays/:id')
  @ApiProblems('WF001')
  view(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ReplayReport> {
    return this.trials.view(caller, id);
  }

  /** What would have become of each history, and where it parts from what was recorded. */
  @Get('replays/:id/items')
  @ApiProblems('WF001')
  async items(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { verdict, end, limit, cursor }: TrialItemQuery,
  ): Promise<TrialItemPage> {
    const after = decodeCursor(cursor, { n: 'number' });
    const filter = { verdict: verdict ?? null, end: end ?? null };
    const data = await this.trials.items(caller, id, filter, limit, Number(after?.n ?? 0));
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ n: String(last.n) }) : null };
  }

  /** Stops it after the group under way. */
  @Post('replays/:id/cancel')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ReplayReport> {
    return this.trials.cancel(caller, id, key);
  }
}
