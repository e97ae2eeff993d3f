/** Events for everybody of a tenant: their kinds, themselves, and what is attached to them (R004-20 to R004-24). */
import type { Fields, Value } from '../../../machines/function.types.js';
import type { Tx } from '../../platform/database.js';

/** A kind of event. */
export interface EventKind {
  event_type: string;
  description: string | null;
  /** JSON schema that payloads must fit; anything fits when null. */
  payload_schema: Fields | null;
}
export type EventKindRow = EventKind & { event_source: 'system' | 'tenant' };

const KINDS = `
  select event_type, description, payload_schema, 'tenant' as event_source from functions.event_catalog where tenant = engine.tenant()
  union all select event_type, description, payload_schema, 'system' from functions.system_event_catalog`;

/** The tenant's own kind before the product's. */
export const findKind = (tx: Tx, type: string): Promise<EventKindRow | undefined> =>
  tx.one(`select * from (${KINDS}) as kinds where event_type = $1 order by event_source desc limit 1`, [type]);

/** One page, by name; the tenant's own in the place of the product's. */
export const listKinds = (tx: Tx, after: string, limit: number): Promise<EventKindRow[]> =>
  tx.query(
    `select distinct on (event_type) * from (${KINDS}) as kinds where event_type > $1 order by event_type, event_source desc limit $2`,
    [after, limit],
  );

export const saveKind = (tx: Tx, kind: EventKind, by: string): Promise<number> =>
  tx.run(
    `insert into functions.event_catalog (tenant, event_type, description, payload_schema, created_by, created_at)
     values (engine.tenant(), $1, $2, $3, $4, engine.now())
     on conflict (tenant, event_type) do update set description = excluded.description, payload_schema = excluded.payload_schema`,
    [kind.event_type, kind.description, kind.payload_schema && JSON.stringify(kind.payload_schema), by],
  );

/** Brings the product's kinds of event up to date. */
export const publishKinds = (tx: Tx, kinds: readonly EventKind[]): Promise<number> =>
  tx.run(
    `insert into functions.system_event_catalog (event_type, description, payload_schema)
     select event_type, description, payload_schema from json_to_recordset($1::json) as k (event_type text, description text, payload_schema json)
     on conflict (event_type) do update set description = excluded.description, payload_schema = excluded.payload_schema`,
    [JSON.stringify(kinds)],
  );

export interface BusEvent {
  event_id: string;
  event_type: string;
  event_name: string;
  payload: Value;
  user_id: string | null;
  correlation_id: string;
  depth: number;
}

/** Writes an event down and answers when; undefined when it is there already. */
export const insertEvent = (tx: Tx, event: BusEvent): Promise<{ created_at: Date } | undefined> =>
  tx.one(
    `insert into functions.workflow_events (tenant, event_id, event_type, event_name, payload, user_id, correlation_id, depth, created_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now()) on conflict do nothing returning created_at`,
    [
      event.event_id,
      event.event_type,
      event.event_name,
      JSON.stringify(event.payload),
      event.user_id,
      event.correlation_id,
      event.depth,
    ],
  );

/** The runs that an event has started. */
export const startedBy = async (tx: Tx, eventId: string): Promise<string[]> =>
  (
    await tx.query<{ execution_id: string }>(
      `select execution_id from functions.workflow_event_processing where tenant = engine.tenant() and event_id = $1 order by created_at, workflow_id`,
      [eventId],
    )
  ).map(({ execution_id }) => execution_id);

export const insertStarted = (tx: Tx, eventId: string, workflowId: string, executionId: string): Promise<number> =>
  tx.run(
    `insert into functions.workflow_event_processing (tenant, event_id, workflow_id, execution_id, created_at)
     values (engine.tenant(), $1, $2, $3, engine.now())`,
    [eventId, workflowId, executionId],
  );

export interface AttachmentRow {
  attachment_id: string;
  event_type: string;
  workflow_id: string;
  is_active: boolean;
  created_at: Date;
}

const ATTACHMENT = 'attachment_id, event_type, workflow_id, is_active, created_at';

/** What starts when an event of this type happens, in the order in which it was attached. */
export const attachedTo = (tx: Tx, type: string): Promise<AttachmentRow[]> =>
  tx.query(
    `select ${ATTACHMENT} from functions.workflow_event_attachments
      where tenant = engine.tenant() and event_type = $1 and is_active order by created_at, attachment_id`,
    [type],
  );

/** One page, by id. */
export const listAttachments = (tx: Tx, after: string, limit: number): Promise<AttachmentRow[]> =>
  tx.query(
    `select ${ATTACHMENT} from functions.workflow_event_attachments
      where tenant = engine.tenant() and attachment_id > $1 order by attachment_id limit $2`,
    [after, limit],
  );

/** Undefined when it is attached already. */
export const insertAttachment = (
  tx: Tx,
  { id, type, workflowId, by }: { id: string; type: string; workflowId: string; by: string },
): Promise<AttachmentRow | undefined> =>
  tx.one(
    `insert into functions.workflow_event_attachments (tenant, attachment_id, event_type, workflow_id, is_active, created_by, created_at)
     values (engine.tenant(), $1, $2, $3, true, $4, engine.now()) on conflict (tenant, event_type, workflow_id) do nothing returning ${ATTACHMENT}`,
    [id, type, workflowId, by],
  );

/** Undefined when there is none. */
export const switchAttachment = (tx: Tx, id: string, isActive: boolean): Promise<AttachmentRow | undefined> =>
  tx.one(
    `update functions.workflow_event_attachments set is_active = $2 where tenant = engine.tenant() and attachment_id = $1 returning ${ATTACHMENT}`,
    [id, isActive],
  );

export const deleteAttachment = (tx: Tx, id: string): Promise<number> =>
  tx.run('delete from functions.workflow_event_attachments where tenant = engine.tenant() and attachment_id = $1', [
    id,
  ]);
