import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { answerOnce, idempotencyOf } from '../engine/idempotency.js';
import { audit } from '../engine/store/audit.js';
import * as inbox from '../engine/store/inbox.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { IdempotencyKey } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import { Wakeup } from '../platform/wakeup.js';
import { Reason, WebhookId, WebhookQuery } from './admin.dto.js';
import { DoneAnswer } from './answers.dto.js';
import { InboxEntryPage } from './letters.dto.js';

/** What providers told us, and what became of it. */
@ApiTags('admin')
@Roles('admin', 'operator')
@Controller('admin/webhooks')
export class AdminWebhooksController {
  constructor(
    private readonly database: Database,
    private readonly wakeup: Wakeup,
  ) {}

  /** Messages about instances of the tenant, newest first. Bodies and signatures stay where they are. */
  @Get()
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor, ...filter }: WebhookQuery,
  ): Promise<InboxEntryPage> {
    const after = decodeCursor(cursor, { receivedAt: 'time', id: 'id' });
    const data = await this.database.transaction(caller.tenant, (tx) => inbox.list(tx, filter, after, limit));
    const unaddressed = await this.database.system(inbox.unaddressed);
    const last = data.length === limit ? data.at(-1) : undefined;
    const nextCursor = last ? encodeCursor({ receivedAt: last.received_at, id: last.provider_event_id }) : null;
    return { data, nextCursor, unaddressed };
  }

  /** Applies a message that was ignored, quarantined or failed once more. One that was applied never is again (R000-85). */
  @Post(':provider/:id/replay')
  @ApiProblems('NOT_FOUND', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  replay(
    @CurrentCaller() caller: Caller,
    @Param() { provider, id }: WebhookId,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DoneAnswer> {
    const idempotency = idempotencyOf(key, `webhooks/${provider}/${id}`, { replay: reason });
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const message = await inbox.lock(tx, provider, id);
      if (!message) throw refuse('NOT_FOUND', { detail: `There is no message ${id} of ${provider}.` });
      const { status, type, instance_id } = message;
      if ((await inbox.revive(tx, provider, id)) === 0)
        throw refuse('WF002', { detail: `The message is ${status}; only what was not applied can be replayed.` });
      await audit(tx, {
        actor: caller.userId,
        action: 'webhook.replay',
        target: instance_id ?? provider,
        reason,
        details: { provider, id, type, was: status },
      });
      tx.afterCommit(() => this.wakeup.wake('inbox'));
      return { success: true as const };
    });
  }
}
