/** Dead letters of events: what could not be processed, and why (R003-27, R003-28). */
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import type { Reason } from '../failing.js';

/** How a dead letter stands. */
export const LETTER_STATUSES = ['open', 'replayed', 'closed'] as const;
/** One of LETTER_STATUSES. */
export type LetterStatus = (typeof LETTER_STATUSES)[number];

export interface Letter {
  id: number;
  event_id: string;
  run_id: string;
  instance_id: string;
  status: LetterStatus;
  step: string;
  reason: Reason;
  error: { code: string; message: string };
  payload: Json;
  metadata: Json;
  correlation_id: string;
  attempts: number;
  retry_attempt: number;
  happened_at: Date;
  failed_at: Date;
  replayed_at: Date | null;
}

const STATUS = `case when replayed_at is not null then 'replayed' when closed_at is not null then 'closed' else 'open' end`;
const COLUMNS = `id, event_id, run_id, instance_id, ${STATUS} as status, step, reason, error, payload, metadata, correlation_id, attempts, retry_attempt,
       happened_at, failed_at, replayed_at`;

/** What a list is narrowed by; null is everything. */
export interface LetterFilter {
  status: LetterStatus | null;
  eventId: string | null;
}

/** One page, newest first, continued behind `before`. */
export const listLetters = (
  tx: Tx,
  { status, eventId }: LetterFilter,
  before: number | null,
  limit: number,
): Promise<Letter[]> =>
  tx.query(
    `select ${COLUMNS} from events.dead_letters
      where tenant = engine.tenant() and ($1::text is null or ${STATUS} = $1) and ($2::text is null or event_id = $2) and ($3::bigint is null or id < $3)
      order by id desc limit $4`,
    [status, eventId, before, limit],
  );

export const countLetters = async (tx: Tx, { status, eventId }: LetterFilter): Promise<number> => {
  const row = await tx.one<{ total: number }>(
    `select count(*) as total from events.dead_letters
      where tenant = engine.tenant() and ($1::text is null or ${STATUS} = $1) and ($2::text is null or event_id = $2)`,
    [status, eventId],
  );
  return row?.total ?? 0;
};

/** One letter; under its lock when it is to be changed. */
export const letterOf = (tx: Tx, id: number, lock: '' | 'for update' = ''): Promise<Letter | undefined> =>
  tx.one(`select ${COLUMNS} from events.dead_letters where tenant = engine.tenant() and id = $1 ${lock}`, [id]);

/** Nothing is left to be done about the dead letters of an event. */
export const closeLetters = (tx: Tx, eventId: string): Promise<number> =>
  tx.run(
    `update events.dead_letters set closed_at = engine.now() where tenant = engine.tenant() and event_id = $1 and replayed_at is null and closed_at is null`,
    [eventId],
  );
