/** The rows of signals: what they say, and what their lifecycle means for them. */
import type { SignalContext } from '../../../machines/signal.js';
import type { Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { assignments, found, newest, pageBehind, type CursorPage } from '../rows.js';
import { removeRow } from '../rows.remove.js';
import type { ChangeSignal, ListSignals, SignalView } from './signal.dto.js';
import { normalizedKeys, type NormalizedKeys, type Told } from './signal.identity.js';

const COLUMNS = `signal_id, (select org_id from workstream.orgs where tenant = engine.tenant()) as org_id, workflow_instance_id, source_type, source_ref,
       snippet, contact_id, client_id, contact_email, contact_phone, company_domain, normalized_keys_json, ts, problem_phrase, solution_hint,
       urgency_score::float8 as urgency_score, dedupe_key, idempotency_key, cluster_id, owner_user_id, status, first_touch_at, created_at, updated_at`;

const CHANGEABLE = [
  'source_type',
  'source_ref',
  'snippet',
  'contact_id',
  'client_id',
  'contact_email',
  'contact_phone',
  'company_domain',
  'problem_phrase',
  'solution_hint',
  'urgency_score',
] as const;

/** A signal. @throws NOT_FOUND */
export const readSignal = async (tx: Tx, id: number): Promise<SignalView> =>
  found(
    await tx.one<SignalView>(
      `select ${COLUMNS} from workstream.signals where tenant = engine.tenant() and signal_id = $1`,
      [id],
    ),
  );

/** The signal that has taken one of these keys; the dedupe key counts first. */
export const findByKeys = (
  tx: Tx,
  dedupeKey: string,
  idempotencyKey: string | null,
): Promise<(SignalView & { request_hash: string }) | undefined> =>
  tx.one(
    `select ${COLUMNS}, request_hash from workstream.signals
      where tenant = engine.tenant() and (dedupe_key = $1 or idempotency_key = $2)
      order by idempotency_key is not distinct from $2 desc limit 1`,
    [dedupeKey, idempotencyKey],
  );

/** One page, newest first. */
export const listSignals = (tx: Tx, query: ListSignals): Promise<CursorPage<SignalView>> =>
  pageBehind(
    tx,
    {
      columns: COLUMNS,
      from: `from workstream.signals
             where tenant = engine.tenant() and ($1::text is null or status = $1) and ($2::text is null or source_type = $2)
               and ($3::text is null or owner_user_id = $3) and ($4::bigint is null or cluster_id = $4)`,
      keys: newest('signal_id'),
      down: true,
    },
    [query.status ?? null, query.source_type ?? null, query.owner_user_id ?? null, query.cluster_id ?? null],
    query,
  );

/** Changes what a signal says; who it is from is found out anew when that changes. @throws NOT_FOUND */
export async function changeSignal(tx: Tx, id: number, changes: ChangeSignal): Promise<void> {
  const { sql, values } = assignments({ ...changes }, CHANGEABLE, 2);
  if (sql === '') return;
  const row = await tx.one<Told>(
    `update workstream.signals set ${sql}, updated_at = engine.now() where tenant = engine.tenant() and signal_id = $1
     returning source_type, contact_email, contact_phone, company_domain`,
    [id, ...values],
  );
  const keys = normalizedKeys(found(row));
  const isSomebodyElse = ['contact_email', 'contact_phone', 'company_domain'].some((field) => field in changes);
  if (!isSomebodyElse) return;
  const clusterId = await clusterOf(tx, keys, id);
  await tx.run(
    `update workstream.signals set normalized_keys_json = $2, cluster_id = $3 where tenant = engine.tenant() and signal_id = $1`,
    [id, JSON.stringify(keys), clusterId],
  );
}

/** The cluster of a signal, made when its person is new; a disagreement between address and number is written down once. */
export async function clusterOf(
  tx: Tx,
  { email, phone, domain }: NormalizedKeys,
  signalId: number,
): Promise<number | null> {
  if (email === undefined && phone === undefined && domain === undefined) return null;
  const { cluster_id, other_cluster_id } = found(
    await tx.one<{ cluster_id: number; other_cluster_id: number | null }>(
      'select cluster_id, other_cluster_id from workstream.cluster_of($1, $2, $3)',
      [email ?? null, phone ?? null, domain ?? null],
    ),
  );
  if (other_cluster_id !== null)
    await tx.run(
      `insert into workstream.identity_resolution_conflicts (tenant, signal_id, cluster_id, other_cluster_id, created_at)
       values (engine.tenant(), $1, $2, $3, engine.now()) on conflict do nothing`,
      [signalId, cluster_id, other_cluster_id],
    );
  return cluster_id;
}

/** Writes down what a transition means for the signal. @throws NOT_FOUND when it is linked to a candidate that does not exist */
export async function followSignal(
  tx: Tx,
  { instanceId, state, context, at, event, cause }: Transitioned<SignalContext>,
): Promise<void> {
  if (state === 'deleted') return removeRow(tx, 'signal', instanceId);
  await tx.run(
    `update workstream.signals
        set status = $2, owner_user_id = $3, first_touch_at = to_timestamp($4::float8 / 1000), updated_at = to_timestamp($5::float8 / 1000)
      where tenant = engine.tenant() and workflow_instance_id = $1`,
    [instanceId, state, context.ownerUserId, context.touchedAt, at],
  );
  if (event.type === 'link') await link(tx, context.signalId, Number(event['candidate_id']), cause.actor, at);
}

/** What is linked twice is linked. */
async function link(tx: Tx, signalId: number, candidateId: number, by: string, at: number): Promise<void> {
  const candidate = await tx.one(
    'select 1 from workstream.candidates where tenant = engine.tenant() and candidate_id = $1 for key share',
    [candidateId],
  );
  if (!candidate) throw refuse('NOT_FOUND', { detail: `There is no candidate ${candidateId}.` });
  await tx.run(
    `insert into workstream.candidate_signals (tenant, candidate_id, signal_id, linked_at, linked_by)
     values (engine.tenant(), $1, $2, to_timestamp($3::float8 / 1000), $4) on conflict do nothing`,
    [candidateId, signalId, at, by],
  );
}
