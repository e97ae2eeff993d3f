import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { businessTime } from '../../engine/store/instances.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { add } from '../counters.js';
import { closeLetters } from '../dlq/letters.js';
import { Replaying } from '../dlq/replaying.js';
import { lockRow } from '../rows.js';
import { eventOf } from './inbox.queries.js';
import type { EventAcknowledged, EventRetried } from './inbox.dto.js';

/** Retries of an event by hand, after those that come by themselves (R003-45). */
const MOST_RETRIES = 3;

/** What is done with events that have been processed (R003-44, R003-45). */
@Injectable()
export class Inbox {
  constructor(
    private readonly database: Database,
    private readonly replaying: Replaying,
  ) {}

  /** Takes an event away that was delivered or has failed. Its runs stay, and so its id is not taken again. @throws NOT_FOUND, INVALID_STATE */
  acknowledge({ tenant, userId }: Caller, id: string, key: string | undefined): Promise<EventAcknowledged> {
    return answerOnce(this.database, tenant, idempotencyOf(key, `inbox/${id}/ack:${userId}`, {}), async (tx) => {
      const { status } = (await lockRow(tx, id)) ?? unknown(id);
      if (status === 'pending') throw refuse('INVALID_STATE', { detail: 'The event is being processed.' });
      await tx.run('delete from events.events where tenant = engine.tenant() and event_id = $1', [id]);
      await add(tx, id, { [`removed:${status}`]: 1 });
      await closeLetters(tx, id);
      return { event_id: id, status: 'deleted', timestamp: await moment(tx) };
    });
  }

  /** Has an event that failed run again. @throws NOT_FOUND, INVALID_STATE, MAX_RETRIES_EXCEEDED */
  retry(caller: Caller, id: string, key: string | undefined): Promise<EventRetried> {
    const idempotency = idempotencyOf(key, `inbox/${id}/retry:${caller.userId}`, {});
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const { status, retry_count } = (await lockRow(tx, id)) ?? unknown(id);
      if (status !== 'failed') throw refuse('INVALID_STATE', { detail: `The event is ${status}, and not failed.` });
      if (retry_count >= MOST_RETRIES) throw refuse('MAX_RETRIES_EXCEEDED');
      const failed = (await eventOf(tx, id)) ?? unknown(id);
      const again = await this.replaying.again(tx, caller, { ...failed, happened_at: failed.created_at });
      return { event_id: id, status: 'retrying', new_attempt: again.retry_attempt, timestamp: await moment(tx) };
    });
  }
}

/** There is no such event here. */
export function unknown(id: string): never {
  throw refuse('NOT_FOUND', { detail: `There is no event ${id}.` });
}

const moment = async (tx: Tx): Promise<string> => new Date(await businessTime(tx)).toISOString();
