/** The inbox: what providers told us, kept as it was signed, applied exactly once. */
import type { Tx } from '../../platform/database.js';

export interface InboxRow {
  provider: string;
  provider_event_id: string;
  type: string;
  body: string;
  attempts: number;
  received_at: Date;
  /** Whom it speaks of, if an earlier attempt has found that out. */
  tenant: string | null;
  instance_id: string | null;
}

/** Keeps a message. Answers false when its provider id was seen before: unique for ever (R000-85). */
export const keep = async (
  tx: Tx,
  message: { provider: string; providerEventId: string; type: string; body: string; headers: Record<string, string> },
): Promise<boolean> =>
  (await tx.run(
    `insert into engine.inbox (provider, provider_event_id, type, body, headers) values ($1, $2, $3, $4, $5)
     on conflict (provider, provider_event_id) do nothing`,
    [message.provider, message.providerEventId, message.type, message.body, JSON.stringify(message.headers)],
  )) === 1;

/** Takes due messages for `leaseMs`, oldest first. */
export const claim = (tx: Tx, limit: number, leaseMs: number): Promise<InboxRow[]> =>
  tx.query<InboxRow>(
    `with due as (
       select provider, provider_event_id from engine.inbox
        where status = 'received' and next_attempt_at <= clock_timestamp() and (claimed_until is null or claimed_until < clock_timestamp())
        order by next_attempt_at limit $1 for update skip locked),
     taken as (
       update engine.inbox m set claimed_until = clock_timestamp() + $2 * interval '1 millisecond', attempts = m.attempts + 1
         from due where m.provider = due.provider and m.provider_event_id = due.provider_event_id
       returning m.provider, m.provider_event_id, m.type, m.body, m.attempts, m.received_at, m.tenant, m.instance_id)
     select * from taken order by received_at, provider, provider_event_id`,
    [limit, leaseMs],
  );

/** Notes whom a message speaks of, so that the tenant's own transaction can see and finish it. */
export const address = (tx: Tx, row: InboxRow, tenant: string, instanceId: string): Promise<number> =>
  tx.run(`update engine.inbox set tenant = $3, instance_id = $4 where provider = $1 and provider_event_id = $2`, [
    row.provider,
    row.provider_event_id,
    tenant,
    instanceId,
  ]);

export type InboxEnd = 'applied' | 'ignored' | 'quarantined' | 'failed';

/** Ends a message, once. Answers false when somebody else has ended it. */
export const finish = async (tx: Tx, row: InboxRow, status: InboxEnd, reason: string | null): Promise<boolean> =>
  (await tx.run(
    `update engine.inbox set status = $3, reason = $4, claimed_until = null, finished_at = clock_timestamp()
      where provider = $1 and provider_event_id = $2 and status = 'received'`,
    [row.provider, row.provider_event_id, status, reason],
  )) === 1;

/** Leaves a message for later: it came before the state it speaks of. */
export const postpone = (tx: Tx, row: InboxRow, delayMs: number, reason: string): Promise<number> =>
  tx.run(
    `update engine.inbox set claimed_until = null, reason = $4, next_attempt_at = clock_timestamp() + $3 * interval '1 millisecond'
      where provider = $1 and provider_event_id = $2 and status = 'received'`,
    [row.provider, row.provider_event_id, delayMs, reason],
  );

/** The same for messages that name only the instance. Answers its tenant, or undefined when there is no such instance. */
export const addressByInstance = async (tx: Tx, row: InboxRow, instanceId: string): Promise<string | undefined> =>
  (
    await tx.one<{ tenant: string }>(
      `update engine.inbox m set tenant = i.tenant, instance_id = i.id from engine.instances i
        where m.provider = $1 and m.provider_event_id = $2 and i.id = $3 returning i.tenant`,
      [row.provider, row.provider_event_id, instanceId],
    )
  )?.tenant;

/** Which of these messages never came in. */
export const missing = async (tx: Tx, provider: string, ids: readonly string[]): Promise<ReadonlySet<string>> => {
  const rows = await tx.query<{ id: string }>(
    `select id from unnest($2::text[]) id
      where not exists (select 1 from engine.inbox where provider = $1 and provider_event_id = id)`,
    [provider, ids],
  );
  return new Set(rows.map(({ id }) => id));
};

/** A message as operators see it: never its body, which may carry a payment's secret, and no signatures. */
export interface InboxView {
  provider: string;
  provider_event_id: string;
  type: string;
  status: 'received' | InboxEnd;
  reason: string | null;
  instance_id: string | null;
  headers: Record<string, string>;
  bytes: number;
  attempts: number;
  /** ISO timestamp, to the microsecond: lists are ordered by it. */
  received_at: string;
  next_attempt_at: Date;
  finished_at: Date | null;
}

/** One page of a tenant's messages, newest first, continued behind `after`. */
export const list = (
  tx: Tx,
  { status = null, provider = null }: { status?: string | null; provider?: string | null },
  after: { receivedAt: string; id: string } | null,
  limit: number,
): Promise<InboxView[]> =>
  tx.query<InboxView>(
    `select provider, provider_event_id, type, status, reason, instance_id, attempts, next_attempt_at, finished_at, octet_length(body) as bytes,
            to_char(received_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as received_at,
            (select coalesce(jsonb_object_agg(name, value), '{}') from jsonb_each(headers) as header (name, value) where name !~* 'signature') as headers
       from engine.inbox
      where tenant = engine.tenant() and ($1::text is null or status = $1) and ($2::text is null or provider = $2)
        and ($3::timestamptz is null or (received_at, provider_event_id) < ($3, $4))
      order by received_at desc, provider_event_id desc limit $5`,
    [status, provider, after?.receivedAt ?? null, after?.id ?? null, limit],
  );

/** How many ended messages belong to no tenant: they name no instance that there is. */
export const unaddressed = async (tx: Tx): Promise<number> =>
  (
    await tx.one<{ messages: number }>(
      `select count(*) as messages from engine.inbox where tenant is null and status <> 'received'`,
    )
  )?.messages ?? 0;

/** What has become of one message of the tenant; the row stays locked. */
export const lock = (
  tx: Tx,
  provider: string,
  id: string,
): Promise<{ status: 'received' | InboxEnd; type: string; instance_id: string | null } | undefined> =>
  tx.one(
    `select status, type, instance_id from engine.inbox
      where tenant = engine.tenant() and provider = $1 and provider_event_id = $2 for update`,
    [provider, id],
  );

/** Lets a message come in again, as if for the first time. */
export const revive = (tx: Tx, provider: string, id: string): Promise<number> =>
  tx.run(
    `update engine.inbox set status = 'received', reason = null, attempts = 0, next_attempt_at = clock_timestamp(), finished_at = null
      where tenant = engine.tenant() and provider = $1 and provider_event_id = $2 and status in ('ignored', 'quarantined', 'failed')`,
    [provider, id],
  );
