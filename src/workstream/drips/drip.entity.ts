/** The rows of drips: what is sent to whom, and how far it is. State and moments are written by the engine's transitions. */
import type { DripContext } from '../../../machines/drip.js';
import type { Opening, StartTx } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { found } from '../rows.js';
import type { DripView, StartDrip } from './drip.dto.js';
import type { DripTemplateId } from './drip.letters.js';

const DAY_MS = 86_400_000;
const MOST_SHOWN = 200;
const COLUMNS = `drip_id, (select org_id from workstream.orgs where tenant = engine.tenant()) as org_id, workflow_instance_id, candidate_id, template_id, message,
       cadence_days, times, sent, next_run_at, status, last_sent_at, reason, created_at, created_by`;
/** Candidates in these states have become something else, or nothing. */
const OVER = ['promoted', 'archived'];

/**
 * Writes a drip and answers what its lifecycle starts with.
 * @throws NOT_FOUND, WF002 when the candidate is over, WF006 when the first letter lies behind, WF007 when the same letters go out already
 */
export async function openDrip(tx: StartTx, by: string, candidateId: number, body: StartDrip): Promise<Opening> {
  const candidate = found(
    await tx.one<{ status: string }>(
      'select status from workstream.candidates where tenant = engine.tenant() and candidate_id = $1 for share',
      [candidateId],
    ),
  );
  if (OVER.includes(candidate.status))
    throw refuse('WF002', { detail: `The candidate is ${candidate.status}: nobody waits for its letters.` });
  const { template_id: templateId, cadence_days: cadenceDays, times = null, message = null, next_run_at } = body;
  const dueAt = next_run_at === undefined ? tx.at + cadenceDays * DAY_MS : Date.parse(next_run_at);
  if (dueAt < tx.at)
    throw refuse('WF006', { errors: [{ field: 'next_run_at', message: 'next_run_at must not lie behind' }] });
  const row = await tx.one<{ drip_id: number }>(
    `insert into workstream.drip_schedules
       (tenant, workflow_instance_id, candidate_id, template_id, message, cadence_days, times, next_run_at, status, created_at, created_by)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), 'active', to_timestamp($8::float8 / 1000), $9)
     on conflict do nothing returning drip_id`,
    [tx.instanceId, candidateId, templateId, message, cadenceDays, times, dueAt, tx.at, by],
  );
  if (!row) throw refuse('WF007', { detail: `Letters of ${templateId} go to this candidate already.` });
  return {
    parties: {},
    keys: { candidateId: String(candidateId) },
    input: { dripId: row.drip_id, candidateId, templateId, cadenceMs: cadenceDays * DAY_MS, times, dueAt },
  };
}

/** A drip of a candidate. @throws NOT_FOUND */
export const readDrip = async (tx: Tx, candidateId: number, dripId: number): Promise<DripView> =>
  found(
    await tx.one<DripView>(
      `select ${COLUMNS} from workstream.drip_schedules where tenant = engine.tenant() and candidate_id = $1 and drip_id = $2`,
      [candidateId, dripId],
    ),
  );

/** The drips of a candidate, newest first. @throws NOT_FOUND */
export async function dripsOf(tx: Tx, candidateId: number): Promise<DripView[]> {
  found(
    await tx.one('select 1 from workstream.candidates where tenant = engine.tenant() and candidate_id = $1', [
      candidateId,
    ]),
  );
  return tx.query<DripView>(
    `select ${COLUMNS} from workstream.drip_schedules where tenant = engine.tenant() and candidate_id = $1 order by drip_id desc limit ${MOST_SHOWN}`,
    [candidateId],
  );
}

/** Drips of a candidate that are not over. */
export const openDripsOf = (tx: Tx, candidateId: number): Promise<{ workflow_instance_id: string }[]> =>
  tx.query(
    `select workflow_instance_id from workstream.drip_schedules
      where tenant = engine.tenant() and candidate_id = $1 and status <> 'done' order by drip_id`,
    [candidateId],
  );

/** What a letter is made of, and where it goes: the candidate's address, or else that of its newest signal that has one. */
export const addressedLetter = (
  tx: Tx,
  dripId: number,
): Promise<
  { template_id: DripTemplateId; message: string | null; title: string; contact_email: string | null } | undefined
> =>
  tx.one(
    `select d.template_id, d.message, c.title,
            coalesce(c.contact_email,
                     (select s.contact_email from workstream.candidate_signals l
                        join workstream.signals s on s.tenant = l.tenant and s.signal_id = l.signal_id
                       where l.tenant = c.tenant and l.candidate_id = c.candidate_id and s.contact_email is not null
                       order by s.created_at desc, s.signal_id desc limit 1)) as contact_email
       from workstream.drip_schedules d join workstream.candidates c on c.tenant = d.tenant and c.candidate_id = d.candidate_id
      where d.tenant = engine.tenant() and d.drip_id = $1`,
    [dripId],
  );

/** Keeps the row in step with its instance. */
export async function followDrip(tx: Tx, { state, context }: Transitioned<DripContext>): Promise<void> {
  const status = state === 'paused' || state === 'done' ? state : 'active';
  await tx.run(
    `update workstream.drip_schedules
        set status = $2, sent = $3, last_sent_at = to_timestamp($4::float8 / 1000), reason = $5,
            next_run_at = case when $2 = 'active' then to_timestamp($6::float8 / 1000) end
      where tenant = engine.tenant() and drip_id = $1`,
    [context.dripId, status, context.sent, context.lastSentAt, context.reason, context.dueAt],
  );
}
