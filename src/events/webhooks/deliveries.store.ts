/** The rows of deliveries: which event goes to which webhook, and what came of each try. */
import type { Tx } from '../../platform/database.js';
import type { DeliveryDetails, DeliveryStatus, WebhookDeliveryView } from './delivery.dto.js';

const COLUMNS =
  'event_id, event_type, status, attempts, response_code, error, duration_ms, is_ping, due_at as next_at, first_at, last_at';
const MOST_TRIES = 20;

/** An event as it goes out. */
export interface Outgoing {
  event_id: string;
  event_type: string;
  timestamp: Date;
  payload: object;
  metadata: object | null;
  created_at: Date;
  correlation_id: string;
}

/** A delivered event; undefined when it was taken away meanwhile. */
export const outgoing = (tx: Tx, eventId: string): Promise<Outgoing | undefined> =>
  tx.one(
    `select e.event_id, d.type as event_type, e.created_at as timestamp, e.payload, e.metadata, e.stored_at as created_at, e.correlation_id
       from events.events e join automation.delivered d on d.tenant = e.tenant and d.id = e.event_id
      where e.tenant = engine.tenant() and e.event_id = $1`,
    [eventId],
  );

/** What came of a call. */
export interface Reply {
  isDelivered: boolean;
  /** It may be different in a moment: too early, too often, or their fault. */
  isPassing: boolean;
  /** The receiver has said that it will not be back. */
  isGone: boolean;
  responseCode: number | null;
  error: string | null;
  durationMs: number;
}

/** One page, newest first, behind a row. */
export const listDeliveries = (
  tx: Tx,
  id: string,
  status: DeliveryStatus | null,
  before: { first_at: string; event_id: string } | null,
  limit: number,
): Promise<WebhookDeliveryView[]> =>
  tx.query(
    `select ${COLUMNS} from events.webhook_deliveries
      where tenant = engine.tenant() and webhook_id = $1 and ($2::text is null or status = $2)
        and ($3::timestamptz is null or first_at < $3 or (first_at = $3 and event_id > $4))
      order by first_at desc, event_id limit $5`,
    [id, status, before?.first_at ?? null, before?.event_id ?? null, limit],
  );

/** One delivery with its last tries. */
export const findDelivery = (tx: Tx, id: string, eventId: string): Promise<DeliveryDetails | undefined> =>
  tx.one(
    `select ${COLUMNS}, tries from events.webhook_deliveries where tenant = engine.tenant() and webhook_id = $1 and event_id = $2`,
    [id, eventId],
  );

/** What stands in line for a webhook. */
export interface Waiting extends Pick<
  WebhookDeliveryView,
  'event_id' | 'event_type' | 'attempts' | 'is_ping' | 'first_at'
> {
  round: number;
}

/** What is due, first what somebody waits for. */
export const dueDeliveries = (tx: Tx, id: string, onlyPings: boolean, most: number): Promise<Waiting[]> =>
  tx.query(
    `select event_id, event_type, attempts, round, is_ping, first_at from events.webhook_deliveries
      where tenant = engine.tenant() and webhook_id = $1 and due_at <= engine.now() and (is_ping or not $2)
      order by is_asked desc, due_at, event_id limit $3`,
    [id, onlyPings, most],
  );

/** How a delivery stands after a try, or before the first one. */
export interface Standing {
  status: DeliveryStatus;
  /** When it is tried again from the line; null when it is not, or by the effect. */
  dueInMs: number | null;
  round: number;
}

/** Puts an event in line, without a try of its own. */
export const enqueue = (tx: Tx, id: string, eventId: string, eventType: string, isPing: boolean): Promise<number> =>
  tx.run(
    `insert into events.webhook_deliveries (tenant, webhook_id, event_id, event_type, status, attempts, first_at, last_at, due_at, is_ping, is_asked)
     values (engine.tenant(), $1, $2, $3, 'waiting', 0, date_trunc('milliseconds', engine.now()), engine.now(), engine.now(), $4, $4)
     on conflict do nothing`,
    [id, eventId, eventType, isPing],
  );

/** Writes a try down. */
export const noteTry = (
  tx: Tx,
  id: string,
  { event_id, event_type }: Pick<Outgoing, 'event_id' | 'event_type'>,
  { responseCode, error, durationMs }: Reply,
  { status, dueInMs, round }: Standing,
): Promise<number> =>
  tx.run(
    `insert into events.webhook_deliveries as d
       (tenant, webhook_id, event_id, event_type, status, attempts, response_code, error, duration_ms, due_at, round, first_at, last_at, tries)
     select engine.tenant(), $1, $2, $3, $4, 1, $5, $6, $7, engine.now() + $8 * interval '1 millisecond', $9, date_trunc('milliseconds', engine.now()), engine.now(),
            json_build_array(json_build_object('at', engine.now(), 'response_code', $5::int, 'error', $6::text, 'duration_ms', $7::int))
     on conflict (tenant, webhook_id, event_id) do update
        set status = excluded.status, attempts = d.attempts + 1, response_code = excluded.response_code, error = excluded.error, is_asked = false,
            duration_ms = excluded.duration_ms, due_at = excluded.due_at, round = excluded.round, last_at = excluded.last_at,
            tries = (select json_agg(one order by place) from (
                       select one, place from json_array_elements(d.tries) with ordinality as earlier (one, place)
                       union all select excluded.tries -> 0, 1000000 order by place desc limit ${MOST_TRIES}) kept)`,
    [id, event_id, event_type, status, responseCode, error, durationMs, dueInMs, round],
  );

/** An event that was taken away meanwhile is sent to nobody. */
export const giveUp = (tx: Tx, id: string, eventId: string, why: string): Promise<number> =>
  tx.run(
    `update events.webhook_deliveries set status = 'failed', error = $3, due_at = null, is_asked = false, last_at = engine.now()
      where tenant = engine.tenant() and webhook_id = $1 and event_id = $2`,
    [id, eventId, why],
  );

/** Nothing stands in line any more. */
export const giveUpAll = (tx: Tx, id: string, why: string): Promise<number> =>
  tx.run(
    `update events.webhook_deliveries set status = 'failed', error = $2, due_at = null, is_asked = false
      where tenant = engine.tenant() and webhook_id = $1 and due_at is not null and not is_ping`,
    [id, why],
  );

/** What waits is due: the receiver is back. */
export const hurry = (tx: Tx, id: string): Promise<number> =>
  tx.run(
    `update events.webhook_deliveries set due_at = engine.now()
      where tenant = engine.tenant() and webhook_id = $1 and due_at > engine.now()`,
    [id],
  );

/** Puts a delivery in line again, whatever became of it. */
export const again = (tx: Tx, id: string, eventId: string): Promise<number> =>
  tx.run(
    `update events.webhook_deliveries set status = 'waiting', due_at = engine.now(), round = 0, is_asked = true
      where tenant = engine.tenant() and webhook_id = $1 and event_id = $2`,
    [id, eventId],
  );

/** Puts what has failed in line again, the oldest first. Answers how many. */
export const againAll = (tx: Tx, id: string, since: string | null, most: number): Promise<number> =>
  tx.run(
    `update events.webhook_deliveries d set status = 'waiting', due_at = engine.now(), round = 0
       from (select event_id from events.webhook_deliveries
              where tenant = engine.tenant() and webhook_id = $1 and status = 'failed' and not is_ping and ($2::timestamptz is null or first_at >= $2)
              order by first_at limit $3) failed
      where d.tenant = engine.tenant() and d.webhook_id = $1 and d.event_id = failed.event_id`,
    [id, since, most],
  );
