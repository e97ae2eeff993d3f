import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import { Reason } from '../admin.dto.js';
import { BulkItemPage, BulkItemQuery, BulkPage, BulkPlanView, BulkQuery, SampleBulk, StartBulk } from './bulk.dto.js';
import { Bulks } from './bulks.js';

/** One deed done to many instances: looked at beforehand, tried on a few, agreed to, and taken back where that is possible. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin/bulk')
export class BulkController {
  constructor(private readonly bulks: Bulks) {}

  /** Keeps which instances it is about and asks each what it would make of it; nothing is done yet. */
  @Post()
  @HttpCode(202)
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  start(
    @CurrentCaller() caller: Caller,
    @Body() body: StartBulk,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkPlanView> {
    return this.bulks.start(caller, body, key);
  }

  /** Newest first. */
  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() { state, limit, cursor }: BulkQuery): Promise<BulkPage> {
    const after = decodeCursor(cursor, { createdAt: 'time', id: 'id' });
    const data = await this.bulks.list(caller, state, limit, after);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ createdAt: last.createdAt, id: last.id }) : null };
  }

  /** How far it is, and what it would come to, by groups that fare alike. */
  @Get(':id')
  @ApiProblems('WF001')
  view(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<BulkPlanView> {
    return this.bulks.view(caller, id);
  }

  /** What was foreseen for each instance, and what became of it. */
  @Get(':id/items')
  @ApiProblems('WF001')
  async items(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { verdict, outcome, limit, cursor }: BulkItemQuery,
  ): Promise<BulkItemPage> {
    const after = decodeCursor(cursor, { n: 'number' });
    const data = await this.bulks.items(
      caller,
      id,
      { verdict: verdict ?? null, outcome: outcome ?? null },
      limit,
      Number(after?.n ?? 0),
    );
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ n: String(last.n) }) : null };
  }

  /** Does it to a few of those that would take it, some of each state. */
  @Post(':id/sample')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'SECOND_APPROVER_NEEDED', 'IDEMPOTENCY_KEY_REUSED')
  sample(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: SampleBulk,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkPlanView> {
    return this.bulks.say(caller, id, 'bulk.sample', { ...body }, key);
  }

  /** Agrees to what the sample came to: the rest is done. */
  @Post(':id/approve')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'SECOND_APPROVER_NEEDED', 'IDEMPOTENCY_KEY_REUSED')
  approve(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkPlanView> {
    return this.bulks.say(caller, id, 'bulk.approve', { ...body }, key);
  }

  /** Stops after the instance under way. */
  @Post(':id/pause')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  pause(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkPlanView> {
    return this.bulks.say(caller, id, 'bulk.pause', { ...body }, key);
  }

  /** Goes on. */
  @Post(':id/resume')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  resume(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkPlanView> {
    return this.bulks.say(caller, id, 'bulk.resume', { ...body }, key);
  }

  /** Ends it; what is done stays done. */
  @Post(':id/cancel')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkPlanView> {
    return this.bulks.say(caller, id, 'bulk.cancel', { ...body }, key);
  }

  /** Takes back what was done, where nothing has happened since; for forces and moves to another version. */
  @Post(':id/undo')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'SECOND_APPROVER_NEEDED', 'IDEMPOTENCY_KEY_REUSED')
  undo(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkPlanView> {
    return this.bulks.say(caller, id, 'bulk.undo', { ...body }, key);
  }
}
