import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { audit } from '../engine/store/audit.js';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config.js';
import { Database } from '../platform/database.js';
import { answerOnce, idempotencyOf } from '../engine/idempotency.js';
import { parseDuration } from '../platform/duration.js';
import { refuse } from '../platform/errors.js';
import { IdempotencyKey } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import { AdvanceClock, HaltQuery, StuckQuery } from './admin.dto.js';
import { ClockAnswer, HaltedPage, SandboxAnswer, StuckList, StuckRow } from './answers.dto.js';
import { Halts } from './halts.js';

/** Overdue by this much counts as stuck: the workers are at most a second late when they are well. */
const STUCK_AFTER_S = 60;

/** What is stuck, and what only the sandbox has. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin')
export class AdminOperationsController {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly halts: Halts,
  ) {}

  /** Overdue and dead timers and effects. A long human wait with an armed deadline is never stuck (R000-97). */
  @Get('stuck')
  async stuck(@CurrentCaller() caller: Caller, @Query() { seconds = STUCK_AFTER_S }: StuckQuery): Promise<StuckList> {
    const data = await this.database.transaction(caller.tenant, (tx) =>
      tx.query<StuckRow>(
        `select instance_id, 'timer' as what, timer_id as name, due_at, attempts, last_error from engine.timers
          where tenant = engine.tenant() and fired_at is null and (dead_at is not null or due_at < engine.now() - $1 * interval '1 second')
         union all
         select instance_id, 'effect', type, next_attempt_at, attempts, last_error from engine.outbox
          where tenant = engine.tenant() and (stage = 'dead' or stage = 'open' and next_attempt_at < engine.now() - $1 * interval '1 second')
          order by due_at limit 200`,
        [seconds],
      ),
    );
    return { data };
  }

  /**
   * Instances that cannot move at all: no deadline, no work under way, and nobody there who could send what they take; or they wait for work
   * that nobody is doing. Looks at `limit` instances, by id; few of them or none may be found in a page.
   */
  @Get('stuck/instances')
  async halted(@CurrentCaller() caller: Caller, @Query() { limit, cursor }: HaltQuery): Promise<HaltedPage> {
    const after = decodeCursor(cursor, { id: 'id' });
    const { data, examined, next } = await this.halts.find(caller, limit, after?.id ?? null);
    return { data, examined, nextCursor: next === null ? null : encodeCursor({ id: next }) };
  }

  /** Where the local stand-ins for the providers listen: people who play the investor's bank or the signers need to know. */
  @Get('sandbox')
  sandbox(): SandboxAnswer {
    const { sandboxUrl } = this.config;
    if (sandboxUrl === undefined) throw refuse('SANDBOX_ONLY');
    return { url: sandboxUrl };
  }

  /** Moves business time forward. Sandbox only: it moves for every tenant. */
  @Post('clock')
  @ApiProblems('WF005', 'SANDBOX_ONLY', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  async advance(
    @CurrentCaller() caller: Caller,
    @Body() { advance }: AdvanceClock,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ClockAnswer> {
    const idempotency = idempotencyOf(key, `admin.clock:${caller.userId}`, { advance });
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const now = new Date(await this.clock.advance(tx, parseDuration(advance))).toISOString();
      await audit(tx, {
        actor: caller.userId,
        action: 'clock.advance',
        target: 'clock',
        reason: `advanced by ${advance}`,
        details: { now },
      });
      return { success: true, now };
    });
  }
}
