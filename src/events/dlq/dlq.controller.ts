import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { audit } from '../../engine/store/audit.js';
import { businessTime } from '../../engine/store/instances.js';
import { Config } from '../../platform/config.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import { lockRow } from '../rows.js';
import { LetterId, LetterPage, LetterQuery, LetterView, Replay, Replayed } from './dlq.dto.js';
import { countLetters, letterOf, listLetters } from './letters.js';
import { Replaying } from './replaying.js';

/** Events that could not be processed: what they say, why, and another try (R003-28). */
@ApiTags('admin')
@Roles('admin', 'operator')
@Controller('admin/dlq')
export class DlqController {
  constructor(
    private readonly database: Database,
    private readonly replaying: Replaying,
    private readonly config: Config,
  ) {}

  /** One page, newest first. */
  @Get()
  async list(
    @CurrentCaller() { tenant }: Caller,
    @Query() { status, event_id, limit, cursor }: LetterQuery,
  ): Promise<LetterPage> {
    const position = decodeCursor(cursor, { id: 'number' });
    return this.database.transaction(tenant, async (tx) => {
      const filter = { status: status ?? null, eventId: event_id ?? null };
      const data = await listLetters(tx, filter, position && Number(position.id), limit);
      const last = data.length === limit ? data.at(-1) : undefined;
      const nextCursor = last ? encodeCursor({ id: String(last.id) }) : null;
      const { deadLetters: queue } = this.config.events;
      return { queue, data, total: await countLetters(tx, filter), nextCursor };
    });
  }

  /** One dead letter. */
  @Get(':id')
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() { tenant }: Caller, @Param() { id }: LetterId): Promise<LetterView> {
    return this.database.transaction(tenant, async (tx) => (await letterOf(tx, id)) ?? gone(id));
  }

  /** Starts another run of the event: from its first step, with as many tries as the first. */
  @Post(':id/replay')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'INVALID_STATE', 'IDEMPOTENCY_KEY_REUSED')
  replay(
    @CurrentCaller() caller: Caller,
    @Param() { id }: LetterId,
    @IdempotencyKey() key: string | undefined,
    @Body() body?: Replay,
  ): Promise<Replayed> {
    const reason = body?.reason ?? 'replayed';
    const idempotency = idempotencyOf(key, `dlq/${id}`, { replay: reason });
    return answerOnce(this.database, caller.tenant, idempotency, (tx) => this.replayed(tx, caller, id, reason));
  }

  private async replayed(tx: Tx, caller: Caller, id: number, reason: string): Promise<Replayed> {
    const { event_id } = (await letterOf(tx, id)) ?? gone(id);
    // The row first, as everybody takes it first.
    const row = await lockRow(tx, event_id);
    const letter = (await letterOf(tx, id, 'for update')) ?? gone(id);
    if (letter.status !== 'open')
      throw refuse('INVALID_STATE', { detail: `The dead letter is ${letter.status} already.` });
    if (row && row.status !== 'failed')
      throw refuse('INVALID_STATE', { detail: `The event is ${row.status}, and not failed.` });
    const retry_count = row?.retry_count ?? letter.retry_attempt;
    const { run_id, retry_attempt } = await this.replaying.again(tx, caller, { ...letter, retry_count });
    const details = { dead_letter: id, event_id, run_id };
    await audit(tx, { actor: caller.userId, action: 'event.replay', target: letter.instance_id, reason, details });
    const timestamp = new Date(await businessTime(tx)).toISOString();
    return { id, event_id, run_id, status: 'replaying', retry_attempt, timestamp };
  }
}

function gone(id: number): never {
  throw refuse('NOT_FOUND', { detail: `There is no dead letter ${id}.` });
}
