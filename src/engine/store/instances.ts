/** The instance row: what a lifecycle is at this moment. */
import type { Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

export type InstanceStatus = 'active' | 'done' | 'failed' | 'paused' | 'quarantined';
export type CompensationStatus = 'none' | 'pending' | 'done' | 'error';

export interface Instance {
  tenant: string;
  id: string;
  lifecycle: string;
  version: number;
  fingerprint: string;
  status: InstanceStatus;
  state: string;
  phase: string | null;
  tags: string[];
  snapshot: Json;
  /** seq of the last history row. */
  revision: number;
  head_hash: string;
  parties: Record<string, string>;
  keys: Record<string, string>;
  compensation: CompensationStatus;
  created_at: Date;
  updated_at: Date;
}

/** An instance under its lock, the business time of the decision, and the answer already given to this idempotency key. */
export interface Locked extends Instance {
  /** Milliseconds; never earlier than the last change of the instance. */
  at: number;
  answered: { request_hash: string; answer: Json } | null;
}

const COLUMNS = `i.tenant, i.id, i.lifecycle, i.version, i.fingerprint, i.status, i.state, i.phase, i.tags, i.snapshot, i.revision, i.head_hash,
       i.parties, i.keys, i.compensation, i.created_at, i.updated_at`;

/** Locks the instance until the transaction ends, so that its events are decided one after the other. */
export const lock = (tx: Tx, id: string, key: string | null): Promise<Locked | undefined> =>
  tx.one<Locked>(
    `select ${COLUMNS}, (extract(epoch from greatest(engine.now(), i.updated_at)) * 1000)::float8 as at,
            case when k.key is not null then json_build_object('request_hash', k.request_hash, 'answer', k.answer) end as answered
       from engine.instances i
       left join engine.idempotency k on k.tenant = i.tenant and k.scope = i.id and k.key = $2
      where i.tenant = engine.tenant() and i.id = $1
        for no key update of i`,
    [id, key],
  );

export const find = (tx: Tx, id: string): Promise<Instance | undefined> =>
  tx.one<Instance>(`select ${COLUMNS} from engine.instances i where i.tenant = engine.tenant() and i.id = $1`, [id]);

/** Business time as the database sees it, milliseconds. */
export const businessTime = async (tx: Tx): Promise<number> => {
  const row = await tx.one<{ at: number }>(`select (extract(epoch from engine.now()) * 1000)::float8 as at`);
  if (!row) throw new Error('the database did not tell the time');
  return row.at;
};

/** What a list of instances is narrowed by; every field is optional. */
export interface InstanceFilter {
  lifecycle?: string | undefined;
  state?: string | undefined;
  status?: string | undefined;
  tag?: string | undefined;
  /** One of the parties. */
  party?: string | undefined;
  /** At least one of these is one of the parties. */
  among?: readonly string[] | undefined;
  /** Found in the id, the parties or the business keys. */
  text?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** One page, newest first, continued behind (`after`) the last row of the page before. */
export const list = (
  tx: Tx,
  filter: InstanceFilter,
  limit: number,
  after: { createdAt: string; id: string } | null,
): Promise<Instance[]> =>
  tx.query<Instance>(
    `select ${COLUMNS}
       from engine.instances i
      where i.tenant = engine.tenant()
        and ($1::text is null or i.lifecycle = $1)
        and ($2::text is null or i.state = $2)
        and ($3::text is null or i.status = $3)
        and ($4::text is null or i.tags @> array[$4])
        and ($5::text is null or jsonb_path_query_array(i.parties, '$.*') @> to_jsonb(array[$5::text]))
        and ($6::text is null or strpos(i.id || ' ' || i.parties::text || ' ' || i.keys::text, $6) > 0)
        and ($7::timestamptz is null or i.created_at >= $7)
        and ($8::timestamptz is null or i.created_at < $8)
        and ($9::timestamptz is null or (i.created_at, i.id) < ($9, $10))
        and ($12::jsonb[] is null or jsonb_path_query_array(i.parties, '$.*') @> any ($12))
      order by i.created_at desc, i.id desc
      limit $11`,
    [
      filter.lifecycle ?? null,
      filter.state ?? null,
      filter.status ?? null,
      filter.tag ?? null,
      filter.party ?? null,
      filter.text ?? null,
      filter.since ?? null,
      filter.until ?? null,
      after?.createdAt ?? null,
      after?.id ?? null,
      limit,
      filter.among?.map((party) => JSON.stringify([party])) ?? null,
    ],
  );

/** A status that the machine does not decide: paused, active again, quarantined. History records it beside this. */
export const setStatus = (tx: Tx, id: string, status: InstanceStatus): Promise<number> =>
  tx.run(`update engine.instances set status = $2 where tenant = engine.tenant() and id = $1`, [id, status]);

export const setCompensation = (tx: Tx, id: string, compensation: CompensationStatus): Promise<number> =>
  tx.run(`update engine.instances set compensation = $2 where tenant = engine.tenant() and id = $1`, [
    id,
    compensation,
  ]);
