import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Database } from '../platform/database.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import { list } from './deliveries.js';
import { DeliveryPage, ListDeliveries } from './notifications.dto.js';

/** What became of messages, as operators see it. */
@ApiTags('admin')
@Roles('admin', 'operator')
@Controller('admin/notifications/deliveries')
export class DeliveriesController {
  constructor(private readonly database: Database) {}

  /** The delivery log, newest first: every message and channel with how the last attempt ended. */
  @Get()
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor, ...filter }: ListDeliveries,
  ): Promise<DeliveryPage> {
    const after = decodeCursor(cursor, { at: 'time', messageId: 'id', channel: 'id' });
    const data = await this.database.transaction(caller.tenant, (tx) => list(tx, filter, after, limit));
    const last = data.length === limit ? data.at(-1) : undefined;
    const nextCursor = last ? encodeCursor({ at: last.at, messageId: last.messageId, channel: last.channel }) : null;
    return { data, nextCursor };
  }
}
