import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import {
  ChangeWebhook,
  CreateWebhook,
  WebhookDeleted,
  WebhookDetails,
  WebhookPage,
  WebhookQuery,
} from './webhook.dto.js';
import { viewOf, Webhooks } from './webhooks.js';
import { listWebhooks } from './webhooks.store.js';

/** Addresses outside that are told of delivered events (R003-47). */
@ApiTags('events')
@Roles('admin', 'operator')
@Controller('api/webhooks')
export class WebhooksController {
  constructor(
    private readonly database: Database,
    private readonly webhooks: Webhooks,
  ) {}

  /** Registers one. The answer has the secret that bodies are signed with. */
  @Post()
  @ApiProblems('INVALID_PARAMETER', 'INVALID_STATE', 'IDEMPOTENCY_KEY_REUSED')
  create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateWebhook,
    @IdempotencyKey() key: string | undefined,
  ): Promise<WebhookDetails> {
    return this.webhooks.create(caller, body, key);
  }

  /** One page, oldest first. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor }: WebhookQuery): Promise<WebhookPage> {
    const position = decodeCursor(cursor, { id: 'id' });
    const rows = await this.database.transaction(tenant, (tx) => listWebhooks(tx, position?.id ?? null, limit));
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { data: rows.map(viewOf), nextCursor: last ? encodeCursor({ id: last.webhook_id }) : null };
  }

  /** One webhook, with its address and its secret. */
  @Get(':id')
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<WebhookDetails> {
    return this.webhooks.read(caller, id);
  }

  /** Changes it; `active` sends to one again that was failing or inactive. */
  @Patch(':id')
  @ApiProblems('NOT_FOUND', 'INVALID_PARAMETER', 'IDEMPOTENCY_KEY_REUSED')
  change(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ChangeWebhook,
    @IdempotencyKey() key: string | undefined,
  ): Promise<WebhookDetails> {
    return this.webhooks.change(caller, id, body, key);
  }

  /** Takes it away, with what is known of its deliveries. */
  @Delete(':id')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  remove(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<WebhookDeleted> {
    return this.webhooks.remove(caller, id, key);
  }
}
