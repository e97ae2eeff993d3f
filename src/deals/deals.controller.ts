import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { EngineService } from '../engine/engine.service.js';
import { Reading, type InstanceView } from '../engine/reading.js';
import { refuse } from '../platform/errors.js';
import { IdempotencyKey, IfMatch } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { Analytics, AnalyticsQuery } from './deals.analytics.dto.js';
import { DealAnalytics } from './deals.analytics.js';
import { DealAck, DealEvent, DealStatus } from './deals.dto.js';
import { DealList, ListDeals } from './deals.list.dto.js';
import { DealLists } from './deals.list.js';

/** What all deals have in common: where they stand, what happens to them, lists and figures. */
@ApiTags('deals')
@Controller('api/workflows')
export class DealsController {
  constructor(
    private readonly engine: EngineService,
    private readonly reading: Reading,
    private readonly lists: DealLists,
    private readonly figures: DealAnalytics,
  ) {}

  /** Deals of a user or a pitch, or all live ones, newest first. */
  @Get('list')
  async list(@CurrentCaller() caller: Caller, @Query() query: ListDeals): Promise<DealList> {
    if (query.userId === undefined && query.pitchId === undefined && query.live !== true)
      throw refuse('WF006', { detail: 'userId or pitchId is required.' });
    return { success: true, ...(await this.lists.list(caller, query)), page: query.page, limit: query.limit };
  }

  /** Figures of a pitch, a creator, or both. */
  @Get('analytics')
  async analytics(
    @CurrentCaller() caller: Caller,
    @Query() { pitchId, creatorId }: AnalyticsQuery,
  ): Promise<Analytics> {
    if (pitchId === undefined && creatorId === undefined)
      throw refuse('WF006', { detail: 'pitchId or creatorId is required.' });
    if (!(await this.figures.mayAnalyse(caller, pitchId, creatorId))) throw refuse('WF005');
    const pitch = pitchId === undefined ? {} : { pitch: await this.figures.ofPitch(caller, pitchId) };
    const creator = creatorId === undefined ? {} : { creator: await this.figures.ofCreator(caller, creatorId) };
    return { success: true, analytics: { ...pitch, ...creator } };
  }

  /** Where a deal stands. */
  @Get(':type/:id/status')
  @ApiProblems('WF001')
  async status(
    @CurrentCaller() caller: Caller,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<DealStatus> {
    return statusOf(await this.reading.read(caller, id, type));
  }

  /** Sends an event; answers the state it led to, or 409 with the explanation. */
  @Post(':type/:id/event')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  send(
    @CurrentCaller() caller: Caller,
    @Param('type') lifecycle: string,
    @Param('id') id: string,
    @Body() { type, payload }: DealEvent,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @IfMatch() expectedRevision: number | undefined,
  ): Promise<DealAck> {
    return this.engine.send(caller, id, { type, payload }, { idempotencyKey, expectedRevision, lifecycle });
  }
}

/** R000-18: failed is the state FAILED or an instance that cannot go on; every other end is completed. */
function statusOf({ id, status, state, context, updatedAt }: InstanceView): DealStatus {
  const { reasonCode = null, reason = null } = context as { reasonCode?: string | null; reason?: string | null };
  const told = status === 'done' ? 'completed' : status === 'failed' || status === 'quarantined' ? 'failed' : 'running';
  return {
    instanceId: id,
    status: told,
    output: { currentState: state, lastUpdated: updatedAt, data: context as object },
    error: told === 'failed' ? { code: reasonCode ?? status, message: reason ?? `The deal is ${status}` } : null,
  };
}
