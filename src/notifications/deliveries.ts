/** The delivery log: one row for a message and a channel, with how its last attempt ended. */
import type { Outcome } from '../integrations/outcome.js';
import type { Tx } from '../platform/database.js';
import type { DeliveryFilter, DeliveryView } from './notifications.dto.js';
import type { Channel } from './templates.js';

/** How the last attempt by a channel ended. */
export type DeliveryStatus = 'delivered' | 'retrying' | 'failed';

/** What became of a message so far, by the channels that were tried. */
export async function statusByChannel(tx: Tx, messageId: string): Promise<ReadonlyMap<Channel, DeliveryStatus>> {
  const rows = await tx.query<{ channel: Channel; status: DeliveryStatus }>(
    `select channel, status from notifications.deliveries where tenant = engine.tenant() and message_id = $1`,
    [messageId],
  );
  return new Map(rows.map(({ channel, status }) => [channel, status]));
}

/** Writes down how an attempt ended. What was delivered stays delivered. */
export function record(
  tx: Tx,
  messageId: string,
  recipientId: string,
  channel: Channel,
  outcome: Outcome<unknown>,
): Promise<number> {
  const code = outcome.kind === 'failed' ? outcome.code : null;
  const reason = outcome.kind === 'done' ? null : outcome.reason;
  return tx.run(
    `insert into notifications.deliveries as log (tenant, message_id, channel, recipient_id, status, code, reason, provider_id, at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now())
     on conflict (tenant, message_id, channel) do update
        set status = excluded.status, code = excluded.code, reason = excluded.reason, provider_id = excluded.provider_id, at = excluded.at
      where log.status <> 'delivered'`,
    [messageId, channel, recipientId, STATUS[outcome.kind], code, reason, outcome.receipt?.providerId ?? null],
  );
}

/** One page of a tenant's log, newest first, continued behind `after`. */
export const list = (
  tx: Tx,
  { channel = null, status = null, recipientId = null }: Partial<Record<keyof DeliveryFilter, string | null>>,
  after: { at: string; messageId: string; channel: string } | null,
  limit: number,
): Promise<DeliveryView[]> =>
  tx.query<DeliveryView>(
    `select message_id as "messageId", channel, recipient_id as "recipientId", status, code, reason, provider_id as "providerId",
            to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
       from notifications.deliveries
      where tenant = engine.tenant() and ($1::text is null or channel = $1) and ($2::text is null or status = $2)
        and ($3::text is null or recipient_id = $3)
        and ($4::timestamptz is null or (at, message_id, channel) < ($4, $5, $6))
      order by notifications.deliveries.at desc, message_id desc, channel desc limit $7`,
    [channel, status, recipientId, after?.at ?? null, after?.messageId ?? null, after?.channel ?? null, limit],
  );

const STATUS: Readonly<Record<Outcome<unknown>['kind'], DeliveryStatus>> = {
  done: 'delivered',
  retry: 'retrying',
  failed: 'failed',
};
