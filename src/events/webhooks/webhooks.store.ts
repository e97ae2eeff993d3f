/** The rows of webhooks. */
import type { Tx } from '../../platform/database.js';
import type { Reply } from './deliveries.store.js';
import type { WebhookStatus, WebhookView } from './webhook.dto.js';

/** A webhook as it is kept: address and secret sealed. */
export interface WebhookRow extends WebhookView {
  url: string;
  secret: string;
  created_by: string;
}

const COLUMNS = `webhook_id, url, host, secret, events, status, last_tested_at, last_error, retry_count, failing_since, disabled_at, created_by, created_at, updated_at`;

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
            last_error = case when $7 then null else last_error end, retry_count = case when $7 then 0 else retry_count end,
            failing_since = case when $7 then null else failing_since end, disabled_at = case when $7 then null else disabled_at end
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

/** Webhooks that are to hear of an event of this type, and neither have nor have it in line. */
export const listening = (tx: Tx, eventId: string, type: string): Promise<WebhookRow[]> =>
  tx.query(
    `select ${COLUMNS} from events.webhooks w
      where tenant = engine.tenant() and status <> 'inactive'
        and exists (select 1 from unnest(events) name where name = $2 or (right(name, 1) = '*' and starts_with($2, left(name, -1))))
        and not exists (select 1 from events.webhook_deliveries d
                         where d.tenant = w.tenant and d.webhook_id = w.webhook_id and d.event_id = $1
                           and (d.status = 'delivered' or d.due_at is not null))
      order by webhook_id`,
    [eventId, type],
  );

/** Says how a webhook stands after a try. @param isFailing it has had all the tries that come at once */
export const noteWebhook = (
  tx: Tx,
  id: string,
  { isDelivered, error }: Pick<Reply, 'isDelivered' | 'error'>,
  isFailing: boolean,
): Promise<number> =>
  tx.run(
    `update events.webhooks
        set last_tested_at = engine.now(), last_error = $3, retry_count = case when $2 then 0 else retry_count + 1 end,
            failing_since = case when not $2 then coalesce(failing_since, engine.now()) end,
            status = case when status = 'inactive' then status when $2 then 'active' when $4 then 'failing' else status end
      where tenant = engine.tenant() and webhook_id = $1`,
    [id, isDelivered, error, isFailing],
  );

/** What a ping came to: good news about a webhook counts, bad news does not. */
export const notePing = (tx: Tx, id: string, { error }: Pick<Reply, 'error'>): Promise<number> =>
  tx.run(
    `update events.webhooks set last_tested_at = engine.now(), last_error = $2 where tenant = engine.tenant() and webhook_id = $1`,
    [id, error],
  );

/** Switches a webhook off that has been silent for so long, or wants nothing any more. Answers whether it was on. */
export const disable = (tx: Tx, id: string, days: number, isGone: boolean): Promise<number> =>
  tx.run(
    `update events.webhooks set status = 'inactive', disabled_at = engine.now(), updated_at = engine.now()
      where tenant = engine.tenant() and webhook_id = $1 and status <> 'inactive'
        and ($3 or failing_since <= engine.now() - $2 * interval '1 day')`,
    [id, days, isGone],
  );

/** Webhooks that something is due for, of all tenants, those that have waited longest first; nobody else looks at them for so long. */
export const claimDue = (tx: Tx, most: number, leaseMs: number): Promise<{ tenant: string; webhook_id: string }[]> =>
  tx.query(
    `update events.webhooks w set leased_until = clock_timestamp() + $2 * interval '1 millisecond'
       from (select tenant, webhook_id from events.webhooks
              where next_at <= engine.now() and (leased_until is null or leased_until < clock_timestamp())
              order by next_at limit $1 for update skip locked) due
      where w.tenant = due.tenant and w.webhook_id = due.webhook_id returning w.tenant, w.webhook_id`,
    [most, leaseMs],
  );

/** Works out when a webhook is to be looked at; its row has to be locked. */
export const schedule = (tx: Tx, id: string): Promise<number> => tx.run('select events.schedule_webhook($1)', [id]);
