/** The rows of webhooks and of their deliveries. */
import type { Tx } from '../../platform/database.js';
import type { DeliveryStatus, DeliveryView, WebhookStatus, WebhookView } from './webhook.dto.js';

/** A webhook as it is kept: address and secret sealed. */
export interface WebhookRow extends WebhookView {
  url: string;
  secret: string;
}

const COLUMNS = `webhook_id, url, host, secret, events, status, last_tested_at, last_error, retry_count, created_at, updated_at`;

/** What somebody says of a webhook. */
export type Written = Pick<WebhookRow, 'url' | 'host' | 'secret' | 'events'>;

export const insertWebhook = (
  tx: Tx,
  id: string,
  { url, host, secret, events }: Written,
  by: string,
): Promise<number> =>
  tx.run(
    `insert into events.webhooks (tenant, webhook_id, url, host, secret, events, status, created_by, created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, 'active', $6, engine.now(), engine.now())`,
    [id, url, host, secret, events, by],
  );

/** @param isRenewed what was wrong with it before is forgotten */
export const updateWebhook = (
  tx: Tx,
  id: string,
  { url, host, secret, events }: Written,
  status: WebhookStatus,
  isRenewed: boolean,
): Promise<number> =>
  tx.run(
    `update events.webhooks
        set url = $2, host = $3, secret = $4, events = $5, status = $6, updated_at = engine.now(),
            last_error = case when $7 then null else last_error end, retry_count = case when $7 then 0 else retry_count end
      where tenant = engine.tenant() and webhook_id = $1`,
    [id, url, host, secret, events, status, isRenewed],
  );

export const deleteWebhook = (tx: Tx, id: string): Promise<number> =>
  tx.run('delete from events.webhooks where tenant = engine.tenant() and webhook_id = $1', [id]);

export const findWebhook = (tx: Tx, id: string, lock: '' | 'for update' = ''): Promise<WebhookRow | undefined> =>
  tx.one(`select ${COLUMNS} from events.webhooks where tenant = engine.tenant() and webhook_id = $1 ${lock}`, [id]);

/** One page, oldest first, behind `after`. */
export const listWebhooks = (tx: Tx, after: string | null, limit: number): Promise<WebhookRow[]> =>
  tx.query(
    `select ${COLUMNS} from events.webhooks where tenant = engine.tenant() and ($1::text is null or webhook_id > $1) order by webhook_id limit $2`,
    [after, limit],
  );

export const countWebhooks = async (tx: Tx): Promise<number> => {
  const row = await tx.one<{ all: number }>(
    `select count(*)::int as all from events.webhooks
      where tenant = engine.tenant() and pg_advisory_xact_lock(hashtextextended('events.webhooks:' || engine.tenant(), 0)) is not null`,
  );
  return row?.all ?? 0;
};

/** One page, newest first, behind a row. */
export const listDeliveries = (
  tx: Tx,
  id: string,
  status: DeliveryStatus | null,
  before: { first_at: string; event_id: string } | null,
  limit: number,
): Promise<DeliveryView[]> =>
  tx.query(
    `select event_id, event_type, status, attempts, response_code, error, first_at, last_at from events.webhook_deliveries
      where tenant = engine.tenant() and webhook_id = $1 and ($2::text is null or status = $2)
        and ($3::timestamptz is null or first_at < $3 or (first_at = $3 and event_id > $4))
      order by first_at desc, event_id limit $5`,
    [id, status, before?.first_at ?? null, before?.event_id ?? null, limit],
  );

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

/** Webhooks that are to hear of an event of this type and have not yet. */
export const listening = (tx: Tx, eventId: string, type: string): Promise<WebhookRow[]> =>
  tx.query(
    `select ${COLUMNS} from events.webhooks w
      where tenant = engine.tenant() and status <> 'inactive'
        and exists (select 1 from unnest(events) name where name = $2 or (right(name, 1) = '*' and starts_with($2, left(name, -1))))
        and not exists (select 1 from events.webhook_deliveries d
                         where d.tenant = w.tenant and d.webhook_id = w.webhook_id and d.event_id = $1 and d.status = 'delivered')
      order by webhook_id`,
    [eventId, type],
  );

/** What became of a try. */
export interface Tried {
  webhook: Pick<WebhookRow, 'webhook_id'>;
  status: DeliveryStatus;
  responseCode: number | null;
  error: string | null;
}

/** Writes a try down, with the delivery and with the webhook. */
export async function note(
  tx: Tx,
  { event_id, event_type }: Pick<Outgoing, 'event_id' | 'event_type'>,
  { webhook: { webhook_id }, status, responseCode, error }: Tried,
): Promise<void> {
  // The webhook first, and its row locked: it may have been taken away while it was called.
  const there = await tx.run(
    `update events.webhooks
        set last_tested_at = engine.now(), last_error = $3, retry_count = case when $2 = 'delivered' then 0 else retry_count + 1 end,
            status = case when status = 'inactive' then status when $2 = 'delivered' then 'active' when $2 = 'failed' then 'failing' else status end
      where tenant = engine.tenant() and webhook_id = $1`,
    [webhook_id, status, error],
  );
  if (there === 0) return;
  await tx.run(
    `insert into events.webhook_deliveries as d (tenant, webhook_id, event_id, event_type, status, attempts, response_code, error, first_at, last_at)
     values (engine.tenant(), $1, $2, $3, $4, 1, $5, $6, date_trunc('milliseconds', engine.now()), engine.now())
     on conflict (tenant, webhook_id, event_id) do update
        set status = excluded.status, attempts = d.attempts + 1, response_code = excluded.response_code, error = excluded.error, last_at = excluded.last_at`,
    [webhook_id, event_id, event_type, status, responseCode, error],
  );
}
