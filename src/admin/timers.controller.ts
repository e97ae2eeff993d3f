import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { answerOnce, idempotencyOf } from '../engine/idempotency.js';
import { audit } from '../engine/store/audit.js';
import * as timers from '../engine/store/timers.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { IdempotencyKey } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../platform/paging.js';
import { Wakeup } from '../platform/wakeup.js';
import { Reason, TimerNumber } from './admin.dto.js';
import { DeadTimerPage, DoneAnswer } from './answers.dto.js';

/** Timers that were given up, since firing them failed as often as it may: a step that would break what is always true, a guard that throws. */
@ApiTags('admin')
@Roles('admin', 'operator')
@Controller('admin/dead-timers')
export class AdminTimersController {
  constructor(
    private readonly database: Database,
    private readonly wakeup: Wakeup,
  ) {}

  /** Those of the tenant, with why they failed last. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor }: PageQuery): Promise<DeadTimerPage> {
    const after = decodeCursor(cursor, { id: 'number' });
    const data = await this.database.transaction(tenant, (tx) => timers.dead(tx, Number(after?.id ?? 0), limit));
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: String(last.id) }) : null };
  }

  /** Fires one again, for what stood in its way was mended. */
  @Post(':id/retry')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  retry(
    @CurrentCaller() caller: Caller,
    @Param() { id }: TimerNumber,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DoneAnswer> {
    return this.decide(caller, id, reason, key, 'retry');
  }

  /** Takes one away: the deadline is given up for good, and the instance stays where it is. */
  @Post(':id/discard')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  discard(
    @CurrentCaller() caller: Caller,
    @Param() { id }: TimerNumber,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DoneAnswer> {
    return this.decide(caller, id, reason, key, 'discard');
  }

  private decide(
    { tenant, userId: actor }: Caller,
    id: number,
    reason: string,
    key: string | undefined,
    what: 'retry' | 'discard',
  ): Promise<DoneAnswer> {
    const idempotency = idempotencyOf(key, `dead-timers/${id}`, { [what]: reason });
    return answerOnce(this.database, tenant, idempotency, async (tx) => {
      const decided = await (what === 'retry' ? timers.revive : timers.discard)(tx, id);
      if (!decided) throw refuse('NOT_FOUND', { detail: `There is no dead timer ${id}.` });
      const { instance_id: target, timer_id: timer } = decided;
      await audit(tx, { actor, action: `dead-timer.${what}`, target, reason, details: { id, timer } });
      tx.afterCommit(() => this.wakeup.wake('timers'));
      return { success: true as const };
    });
  }
}
