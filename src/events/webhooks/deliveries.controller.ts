import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import { Deliveries } from './deliveries.js';
import { listDeliveries } from './deliveries.store.js';
import {
  DeliveryAsked,
  DeliveryDetails,
  WebhookDeliveryPage,
  DeliveryQuery,
  Redelivered,
  RedeliverFailed,
} from './delivery.dto.js';
import { found } from './webhooks.js';
import { findWebhook } from './webhooks.store.js';

/** What became of sending events to a webhook, and sending them again. */
@ApiTags('events')
@Roles('admin', 'operator')
@Controller('api/webhooks/:id')
export class WebhookDeliveriesController {
  constructor(
    private readonly database: Database,
    private readonly deliveries: Deliveries,
  ) {}

  /** What was sent to it, newest first. */
  @Get('deliveries')
  @ApiProblems('NOT_FOUND')
  list(
    @CurrentCaller() { tenant }: Caller,
    @Param('id') id: string,
    @Query() { status, limit, cursor }: DeliveryQuery,
  ): Promise<WebhookDeliveryPage> {
    const position = decodeCursor(cursor, { first_at: 'time', event_id: 'id' });
    return this.database.transaction(tenant, async (tx) => {
      found(await findWebhook(tx, id));
      const data = await listDeliveries(tx, id, status ?? null, position, limit);
      const last = data.length === limit ? data.at(-1) : undefined;
      const nextCursor = last ? encodeCursor({ first_at: last.first_at.toISOString(), event_id: last.event_id }) : null;
      return { data, nextCursor };
    });
  }

  /** One delivery, with its last tries. */
  @Get('deliveries/:eventId')
  @ApiProblems('NOT_FOUND')
  read(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('eventId') eventId: string,
  ): Promise<DeliveryDetails> {
    return this.deliveries.read(caller, id, eventId);
  }

  /** Sends the event again, whatever became of it before. */
  @Post('deliveries/:eventId/redeliver')
  @HttpCode(202)
  @ApiProblems('NOT_FOUND', 'INVALID_STATE', 'IDEMPOTENCY_KEY_REUSED')
  redeliver(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('eventId') eventId: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DeliveryAsked> {
    return this.deliveries.redeliver(caller, id, eventId, key);
  }

  /** Sends everything again that has failed. */
  @Post('redeliver')
  @HttpCode(202)
  @ApiProblems('NOT_FOUND', 'INVALID_STATE', 'IDEMPOTENCY_KEY_REUSED')
  redeliverAll(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: RedeliverFailed,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Redelivered> {
    return this.deliveries.redeliverAll(caller, id, body, key);
  }

  /** Sends `webhook.ping`, once; what came of it is found with the deliveries. */
  @Post('ping')
  @HttpCode(202)
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  ping(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DeliveryAsked> {
    return this.deliveries.ping(caller, id, key);
  }
}
