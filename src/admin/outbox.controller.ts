import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { answerOnce, idempotencyOf, type Idempotency } from '../engine/idempotency.js';
import { audit } from '../engine/store/audit.js';
import * as outbox from '../engine/store/outbox.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { IdempotencyKey } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import { Wakeup } from '../platform/wakeup.js';
import { EffectId, OutboxQuery, Purge, Reason } from './admin.dto.js';
import { DoneAnswer } from './answers.dto.js';
import { DeadLetterFigures, OutboxPage, PurgedAnswer } from './letters.dto.js';

type LettersQuery = Pick<OutboxQuery, 'type' | 'limit' | 'cursor'>;

/** The outbox as operators see it: what waits, what was given up, and what to do about it. */
@ApiTags('admin')
@Roles('admin', 'operator')
@Controller('admin')
export class AdminOutboxController {
  constructor(
    private readonly database: Database,
    private readonly wakeup: Wakeup,
  ) {}

  /** Effects of the tenant, oldest first. */
  @Get('outbox')
  list(@CurrentCaller() caller: Caller, @Query() { status, ...query }: OutboxQuery): Promise<OutboxPage> {
    return this.page(caller, status ?? null, query);
  }

  /** Effects whose attempts ran out, or that failed for good with nobody waiting for the answer. */
  @Get('dead-letters')
  dead(@CurrentCaller() caller: Caller, @Query() query: OutboxQuery): Promise<OutboxPage> {
    return this.page(caller, 'dead', query);
  }

  /** How many dead effects there are, of what kind, why, and since when (R000-98). */
  @Get('dead-letters/stats')
  stats(@CurrentCaller() caller: Caller): Promise<DeadLetterFigures> {
    return this.database.transaction(caller.tenant, (tx) => outbox.deadLetterStats(tx));
  }

  /** Gives up for good what has been dead for a number of days (R000-98). */
  @Post('dead-letters/purge')
  @ApiProblems('IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  purge(
    @CurrentCaller() caller: Caller,
    @Body() { olderThanDays, reason }: Purge,
    @IdempotencyKey() key: string | undefined,
  ): Promise<PurgedAnswer> {
    const idempotency = idempotencyOf(key, 'dead-letters', { olderThanDays, reason });
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const purged = await outbox.purge(tx, olderThanDays);
      const details = { olderThanDays, purged };
      await audit(tx, { actor: caller.userId, action: 'dead-letter.purge', target: 'dead-letters', reason, details });
      return { success: true as const, purged };
    });
  }

  /** Tries a dead effect again, under its old key: what had succeeded after all is not done twice. */
  @Post('dead-letters/:id/replay')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  replay(
    @CurrentCaller() caller: Caller,
    @Param() { id }: EffectId,
    @Body() { reason }: Reason,
    @IdempotencyKey() key?: string,
  ): Promise<DoneAnswer> {
    const idempotency = idempotencyOf(key, `dead-letters/${id}`, { replay: reason });
    return this.change(caller, id, reason, 'dead-letter.replay', outbox.revive, idempotency);
  }

  /** Gives a dead effect up for good. */
  @Post('dead-letters/:id/discard')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  discard(
    @CurrentCaller() caller: Caller,
    @Param() { id }: EffectId,
    @Body() { reason }: Reason,
    @IdempotencyKey() key?: string,
  ): Promise<DoneAnswer> {
    const idempotency = idempotencyOf(key, `dead-letters/${id}`, { discard: reason });
    return this.change(caller, id, reason, 'dead-letter.discard', outbox.discard, idempotency);
  }

  private async page(
    caller: Caller,
    status: string | null,
    { type, limit, cursor }: LettersQuery,
  ): Promise<OutboxPage> {
    const after = decodeCursor(cursor, { id: 'number' });
    const data = await this.database.transaction(caller.tenant, (tx) =>
      outbox.inStatus(tx, { status, type: type ?? null }, Number(after?.id ?? 0), limit),
    );
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: String(last.id) }) : null };
  }

  private change(
    caller: Caller,
    id: number,
    reason: string,
    action: string,
    change: typeof outbox.revive,
    idempotency: Idempotency | undefined,
  ): Promise<DoneAnswer> {
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const changed = await change(tx, id);
      if (!changed) throw refuse('NOT_FOUND', { detail: `There is no dead effect ${id}.` });
      await audit(tx, {
        actor: caller.userId,
        action,
        target: changed.instance_id,
        reason,
        details: { id, type: changed.type },
      });
      tx.afterCommit(() => this.wakeup.wake('outbox'));
      return { success: true as const };
    });
  }
}
