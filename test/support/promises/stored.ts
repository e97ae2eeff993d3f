/** Everything the engine has stored for one tenant, read in one go. */
import type pg from 'pg';
import type { StoredRow } from '../../../src/engine/store/history.js';

export interface StoredInstance {
  id: string;
  status: string;
  state: string;
  phase: string | null;
  tags: string[];
  snapshot: string;
  revision: number;
  head_hash: string;
  compensation: string;
}
export interface StoredEffect {
  id: number;
  instance_id: string;
  seq: number;
  idx: number;
  kind: 'job' | 'command' | 'emit' | 'compensation';
  job_id: string | null;
  type: string;
  params: string;
  key: string;
  compensate: string | null;
  compensates: number | null;
  ordered: boolean;
  status: 'pending' | 'claimed' | 'done' | 'dead' | 'cancelled';
  cancelled: boolean;
  attempts: number;
  fence: number;
  result: string | null;
  last_error: string | null;
}
export interface StoredTimer {
  instance_id: string;
  timer_id: string;
  generation: number;
  due: number;
  fired: number | null;
}
export interface Stored {
  /** Business time, milliseconds. */
  now: number;
  instances: StoredInstance[];
  history: StoredRow[];
  outbox: StoredEffect[];
  timers: StoredTimer[];
  attempts: { outbox_id: number; attempt: number; outcome: string }[];
  answers: { scope: string; key: string; answer: string }[];
  inbox: { provider: string; provider_event_id: string; status: string; reason: string | null }[];
  audit: { action: string; target: string; reason: string }[];
}

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

const EVERYTHING = `
  select ${ms('engine.now()')} as now;
  select id, status, state, phase, tags, snapshot::text as snapshot, revision, head_hash, compensation from engine.instances order by id;
  select instance_id, seq, kind, type, payload::text as payload, facts::text as facts, from_state, to_state, phase, actor, roles, cause,
         correlation_id, idempotency_key, ${ms('at')} as at, hash, prev_hash from engine.history order by instance_id, seq;
  select id, instance_id, seq, idx, kind, job_id, type, params::text as params, key, compensate, compensates, ordered,
         case when claimed_until < clock_timestamp() then 'pending' else status end as status, cancelled_at is not null as cancelled, attempts, fence, result::text as result, last_error::text as last_error from engine.outbox order by id;
  select instance_id, timer_id, generation, ${ms('due_at')} as due, ${ms('fired_at')} as fired from engine.timers order by instance_id, timer_id, generation;
  select outbox_id, attempt, outcome from engine.attempts order by outbox_id, attempt;
  select scope, key, answer::text as answer from engine.idempotency order by scope, key;
  select provider, provider_event_id, status, reason from engine.inbox order by provider, provider_event_id;
  select action, target, reason from engine.audit order by id`;

/** @param owner the database as its owner, whom row-level security hides nothing from */
export async function readStored(owner: pg.Client): Promise<Stored> {
  const results = (await owner.query(EVERYTHING)) as unknown as { rows: never[] }[];
  const rows = (index: number): never[] => results[index]?.rows ?? [];
  const [time] = rows(0) as { now: number }[];
  return {
    now: time?.now ?? 0,
    instances: rows(1),
    history: rows(2),
    outbox: rows(3),
    timers: rows(4),
    attempts: rows(5),
    answers: rows(6),
    inbox: rows(7),
    audit: rows(8),
  };
}

const WORK = `
  with paused as (select tenant, id from engine.instances where status = 'paused')
  select exists (select from engine.outbox o
                  where o.claimed_until >= clock_timestamp()
                     or (o.stage = 'open' and (o.tenant, o.instance_id) not in (select tenant, id from paused)
                         and not (o.ordered and o.kind <> 'compensation' and exists (
                               select from engine.outbox head
                                where head.tenant = o.tenant and head.instance_id = o.instance_id and head.id < o.id and head.ordered
                                  and head.status = 'dead' and head.kind <> 'compensation')))) as outbox,
         exists (select from engine.timers t
                  where t.fired_at is null and t.due_at <= engine.now() and (t.tenant, t.instance_id) not in (select tenant, id from paused)) as timers,
         exists (select from engine.inbox where status = 'received') as inbox`;

const KINDS = ['outbox', 'timers', 'inbox'] as const;

/**
 * What is due for workers to do sooner or later, in the order in which it is best done. What is paused, or stands behind a dead letter in a
 * declared order, waits for somebody.
 */
export async function workOf(owner: pg.Client): Promise<(typeof KINDS)[number][]> {
  const { rows } = await owner.query<Record<(typeof KINDS)[number], boolean>>({ name: 'work', text: WORK });
  return KINDS.filter((kind) => rows[0]?.[kind]);
}
