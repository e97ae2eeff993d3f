import { Controller, Get, HttpCode, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { businessTime } from '../../engine/store/instances.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Timing } from '../metrics/timing.js';
import { READERS, WRITERS } from '../roles.js';
import { inboxRequest } from './filter.js';
import { EventAcknowledged, EventDetails, EventRetried, InboxPage } from './inbox.dto.js';
import { eventOf, pageOf } from './inbox.queries.js';
import { Inbox, unknown } from './inbox.js';

const text = (name: string, description: string) => ApiQuery({ name, description, required: false, type: String });
const number = (name: string, description: string, maximum: number) =>
  ApiQuery({ name, description, required: false, schema: { type: 'integer', maximum } });

/** Events that were accepted and stored. */
@ApiTags('events')
@Roles(...WRITERS)
@UseInterceptors(Timing)
@Controller('api/inbox')
export class InboxController {
  constructor(
    private readonly database: Database,
    private readonly inbox: Inbox,
  ) {}

  /**
   * One page. Besides the filters named here, `metadata.<key>` and `payload.<key>` compare what stands there as text, deeper keys with dots
   * between them; 10 filters at most.
   */
  @Get()
  @Roles(...READERS)
  @text('status', 'Some of pending, delivered, failed, with commas between them')
  @text('from', 'Happened at or after: 2026-03-01 or 2026-03-01T12:00:00Z')
  @text('to', 'Happened at or before')
  @text('created_date', 'Happened on this day, UTC')
  @text('min_retries', 'At least so many runs after the first')
  @text('max_retries', 'At most so many')
  @text('sort', 'created_at, updated_at or retry_count; created_at when left out')
  @text('order', 'asc or desc; desc when left out')
  @number('limit', '1 to 1000; 50 when left out', 1_000)
  @text('offset', 'Rows to leave out; not together with a cursor')
  @text('cursor', 'The next_cursor of the page before')
  @ApiProblems('INVALID_PARAMETER', 'INVALID_CURSOR', 'TOO_MANY_FILTERS')
  async list(@CurrentCaller() { tenant }: Caller, @Query() query: Record<string, string>): Promise<InboxPage> {
    const request = inboxRequest(query);
    const { conditions, sort, order, limit, offset } = request;
    return this.database.transaction(tenant, async (tx) => {
      const { data, total, next } = await pageOf(tx, request);
      return {
        ...{ data, total, limit, offset },
        ...(next !== undefined && { next_cursor: next }),
        timestamp: new Date(await businessTime(tx)).toISOString(),
        _metadata: { filters_applied: conditions.map(({ name }) => name), sort_field: sort, sort_order: order },
      };
    });
  }

  /** One event. */
  @Get(':id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() { tenant }: Caller, @Param('id') id: string): Promise<EventDetails> {
    return this.database.transaction(tenant, async (tx) => (await eventOf(tx, id)) ?? unknown(id));
  }

  /** Takes an event away that was delivered or has failed (R003-44). */
  @Post(':id/ack')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'INVALID_STATE')
  acknowledge(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<EventAcknowledged> {
    return this.inbox.acknowledge(caller, id, key);
  }

  /** Has an event that failed run again, three times at most (R003-45). */
  @Post(':id/retry')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'INVALID_STATE', 'MAX_RETRIES_EXCEEDED')
  retry(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<EventRetried> {
    return this.inbox.retry(caller, id, key);
  }
}
