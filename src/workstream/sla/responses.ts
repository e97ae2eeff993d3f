import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { once } from '../once.js';
import { SlaClocks } from './sla.clocks.js';
import type { LogResponse, ResponseView } from './sla.dto.js';

/** Answers of prospects to proposals. */
@Injectable()
export class Responses {
  constructor(
    private readonly database: Database,
    private readonly clocks: SlaClocks,
  ) {}

  /** Writes an answer down; the first since the proposal was sent stops the clock (R001-59). @throws NOT_FOUND, WF006 when it lies ahead */
  log(caller: Caller, pursuitId: number, request: LogResponse, key: string | undefined): Promise<ResponseView> {
    return this.database.transaction(caller.tenant, (tx) =>
      once(tx, caller, { scope: `pursuit:${pursuitId}:responses`, key, request }, () =>
        this.write(tx, caller, pursuitId, request),
      ),
    );
  }

  private async write(
    tx: Tx,
    caller: Caller,
    pursuitId: number,
    { note = null, received_at: receivedAt }: LogResponse,
  ): Promise<ResponseView> {
    const pursuit = await tx.one<{ ahead: boolean }>(
      `select coalesce($2::timestamptz > engine.now(), false) as ahead from workstream.pursuits where tenant = engine.tenant() and pursuit_id = $1`,
      [pursuitId, receivedAt ?? null],
    );
    if (!pursuit) throw refuse('NOT_FOUND');
    if (pursuit.ahead)
      throw refuse('WF006', { errors: [{ field: 'received_at', message: 'received_at must not lie ahead' }] });
    const response = await tx.one<ResponseView>(
      `insert into workstream.pursuit_responses (tenant, pursuit_id, received_at, note, logged_by)
         values (engine.tenant(), $1, coalesce($2::timestamptz, engine.now()), $3, $4)
         returning response_id, pursuit_id, received_at, note, logged_by`,
      [pursuitId, receivedAt ?? null, note, caller.userId],
    );
    if (!response) throw new Error('the answer was not written down');
    const { userId: actor, correlationId } = caller;
    await this.clocks.follow(tx, 'pursuit', pursuitId, { actor, correlationId, why: 'response logged' });
    return response;
  }

  /** Newest first. */
  list({ tenant }: Caller, pursuitId: number): Promise<ResponseView[]> {
    return this.database.transaction(tenant, async (tx) => {
      const pursuit = await tx.one(
        'select from workstream.pursuits where tenant = engine.tenant() and pursuit_id = $1',
        [pursuitId],
      );
      if (!pursuit) throw refuse('NOT_FOUND');
      return tx.query<ResponseView>(
        `select response_id, pursuit_id, received_at, note, logged_by from workstream.pursuit_responses
          where tenant = engine.tenant() and pursuit_id = $1 order by received_at desc, response_id desc limit 200`,
        [pursuitId],
      );
    });
  }
}
