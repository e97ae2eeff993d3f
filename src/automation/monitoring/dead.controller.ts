import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { audit } from '../../engine/store/audit.js';
import { revive } from '../../engine/store/outbox.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Wakeup } from '../../platform/wakeup.js';
import { paged, succeeded } from '../envelope.js';
import { isDead, listDead } from './dead.store.js';
import { DeadId, DeadPage, DeadReplayed, ListDead, ReplayDead } from './dead.dto.js';

/** What was given up of events and workflows, and another try (R002-24). Events that were not delivered are at `/admin/dlq`. */
@ApiTags('workflows')
@Roles('admin', 'operator')
@Controller('api/automation/monitoring/dlq')
export class DeadController {
  constructor(
    private readonly database: Database,
    private readonly wakeup: Wakeup,
  ) {}

  /** One page, newest first. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller, @Query() query: ListDead): Promise<DeadPage> {
    const { queue = null, page, limit } = query;
    return paged(query, await this.database.transaction(tenant, (tx) => listDead(tx, queue, page, limit)));
  }

  /** Tries again, under the old key: what had succeeded after all is not done twice. A step whose execution has gone on is no answer to it any more. */
  @Post(':id/replay')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  async replay(
    @CurrentCaller() { tenant, userId: actor }: Caller,
    @Param() { id }: DeadId,
    @IdempotencyKey() key: string | undefined,
    @Body() body?: ReplayDead,
  ): Promise<DeadReplayed> {
    const reason = body?.reason ?? 'replayed';
    const idempotency = idempotencyOf(key, `automation.dlq/${id}`, { replay: reason });
    const data = await answerOnce(this.database, tenant, idempotency, async (tx) => {
      const revived = (await isDead(tx, id)) ? await revive(tx, id) : undefined;
      if (!revived) throw refuse('NOT_FOUND', { detail: `Nothing that was given up has the number ${id}.` });
      const { instance_id: target, type } = revived;
      await audit(tx, { actor, action: 'dead-letter.replay', target, reason, details: { id, type } });
      tx.afterCommit(() => this.wakeup.wake('outbox'));
      return { id, status: 'replaying' as const };
    });
    return succeeded(data);
  }
}
