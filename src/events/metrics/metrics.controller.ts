import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { businessTime } from '../../engine/store/instances.js';
import { Database } from '../../platform/database.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import { READERS } from '../roles.js';
import { Cleaning } from './cleaning.js';
import { figuresOf } from './figures.js';
import { pastFigures } from './history.js';
import { CleanedUp, CleanUp, EventFigures, HistoryPage, HistoryQuery, RANGES } from './metrics.dto.js';

/** How many events there are, how they go, and how they went (R003-46). */
@ApiTags('events')
@Controller()
export class EventMetricsController {
  constructor(
    private readonly database: Database,
    private readonly cleaning: Cleaning,
  ) {}

  /** The figures of this moment. */
  @Get('api/events/metrics')
  @Roles(...READERS)
  figures(@CurrentCaller() { tenant }: Caller): Promise<EventFigures> {
    return this.database.transaction(tenant, figuresOf);
  }

  /** The figures of the past, taken every 30 seconds, newest first. */
  @Get('api/metrics/history')
  @Roles(...READERS)
  history(
    @CurrentCaller() { tenant }: Caller,
    @Query() { time_range = 'last-hour', metric_type, limit, cursor }: HistoryQuery,
  ): Promise<HistoryPage> {
    const position = decodeCursor(cursor, { id: 'number' });
    return this.database.transaction(tenant, async (tx) => {
      const before = position && Number(position.id);
      const data = await pastFigures(tx, RANGES[time_range], metric_type ?? null, before, limit);
      const last = data.length === limit ? data.at(-1) : undefined;
      const nextCursor = last ? encodeCursor({ id: String(last.metric_id) }) : null;
      return { time_range, data, nextCursor, timestamp: new Date(await businessTime(tx)).toISOString() };
    });
  }

  /** Takes events away that were delivered or failed more than 24 hours ago. Dead letters stay, and can be replayed. */
  @Post('admin/cleanup')
  @HttpCode(200)
  @Roles('admin', 'operator')
  cleanUp(@CurrentCaller() caller: Caller, @Body() body?: CleanUp): Promise<CleanedUp> {
    return this.cleaning.cleanUp(caller, body?.reason ?? 'older than 24 hours');
  }
}
