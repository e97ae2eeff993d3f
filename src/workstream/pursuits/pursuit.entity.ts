/** The rows of pursuits and their proposals: what is known about them, and what their lifecycle means for them. */
import { gatesBetween, missingAt, requiredFor, type Gate } from '../../../machines/pursuit.gates.js';
import { PURSUIT_STAGES, type PursuitContext, type PursuitStage } from '../../../machines/pursuit.types.js';
import type { Transitioned } from '../../engine/host.js';
import { audit } from '../../engine/store/audit.js';
import type { Tx } from '../../platform/database.js';
import { openItems } from '../checklists/checklist.entity.js';
import { assignments, found, newest, pageBehind, type CursorPage } from '../rows.js';
import { removeRow } from '../rows.remove.js';
import type { ChangePursuit, ListPursuits, PursuitView } from './pursuit.dto.js';
import { followGates } from './gate.passages.js';
import { writeProposal } from './pursuit.opening.js';

const COLUMNS = `pursuit_id, (select org_id from workstream.orgs where tenant = engine.tenant()) as org_id, workflow_instance_id, candidate_id,
       due_date::text as due_date, capture_lead_id, proposal_mgr_id, pursuit_stage, compliance_score::float8 as compliance_score,
       forecast_value_usd::float8 as forecast_value_usd, cos_hours::float8 as cos_hours, cos_amount::float8 as cos_amount, reason_code, last_touch_at,
       submitted_at, closed_at, created_at, updated_at`;

const CHANGEABLE = [
  'due_date',
  'capture_lead_id',
  'proposal_mgr_id',
  'compliance_score',
  'forecast_value_usd',
] as const;

/** A pursuit. @throws NOT_FOUND */
export const readPursuit = async (tx: Tx, id: number): Promise<PursuitView> =>
  found(
    await tx.one<PursuitView>(
      `select ${COLUMNS} from workstream.pursuits where tenant = engine.tenant() and pursuit_id = $1`,
      [id],
    ),
  );

/** One page, newest first. */
export const listPursuits = (tx: Tx, query: ListPursuits): Promise<CursorPage<PursuitView>> =>
  pageBehind(
    tx,
    {
      columns: COLUMNS,
      from: `from workstream.pursuits
             where tenant = engine.tenant() and ($1::text is null or pursuit_stage = $1)
               and ($2::text is null or $2 in (capture_lead_id, proposal_mgr_id))`,
      keys: newest('pursuit_id'),
      down: true,
    },
    [query.stage ?? null, query.owner_user_id ?? null],
    query,
  );

/** Changes what is known about a pursuit. @throws NOT_FOUND */
export async function changePursuit(tx: Tx, id: number, changes: ChangePursuit): Promise<void> {
  const { sql, values } = assignments({ ...changes }, CHANGEABLE, 2);
  found(
    await tx.one(
      `update workstream.pursuits set ${sql}, updated_at = engine.now() where tenant = engine.tenant() and pursuit_id = $1 returning 1`,
      [id, ...values],
    ),
  );
}

/** Writes down what a transition means for the pursuit and its proposals (R001-38 to R001-41). Answers the gates it came through. */
export async function followPursuit(tx: Tx, change: Transitioned<PursuitContext>): Promise<readonly Gate[]> {
  const { instanceId, from, state, context, at, event } = change;
  if (state === 'deleted') await removeRow(tx, 'pursuit', instanceId);
  if (state === 'deleted' || from === null) return [];
  await tx.run(
    `update workstream.pursuits
        set pursuit_stage = $2, reason_code = $3, last_touch_at = to_timestamp($4::float8 / 1000), updated_at = to_timestamp($4::float8 / 1000),
            submitted_at = case when $2 = 'submit' then coalesce(submitted_at, to_timestamp($4::float8 / 1000)) else submitted_at end,
            closed_at = case when $2 in ('won', 'lost') then coalesce(closed_at, to_timestamp($4::float8 / 1000)) end
      where tenant = engine.tenant() and workflow_instance_id = $1`,
    [instanceId, state, context.reasonCode, at],
  );
  await followProposals(tx, change);
  const [before, after] = [stageOf(from), stageOf(state)];
  if (event.type === FORCED) await recordBypass(tx, change);
  if (before === undefined || after === undefined || before === after) return [];
  return followGates(tx, context.pursuitId, { before, after, at, isForced: event.type === FORCED });
}

/** Writes down what became of the proposals, and the answer that a signature is (R001-9, R001-59). */
async function followProposals(
  tx: Tx,
  { seq, context, at, event, cause }: Transitioned<PursuitContext>,
): Promise<void> {
  const { pursuitId, version, sent, signed, void: ended } = context;
  if (event.type === 'draft-proposal' || event.type === 'void-proposal')
    await writeProposal(tx, pursuitId, version, at, { seq, docId: 'doc_id' in event ? String(event['doc_id']) : null });
  await tx.run(
    `update workstream.proposals
        set status = case when version = any($4) then 'void' when version = any($3) then 'signed' else 'sent' end,
            sent_at = case when version = any($2) then coalesce(sent_at, to_timestamp($5::float8 / 1000)) end,
            signed_at = case when version = any($3) then coalesce(signed_at, to_timestamp($5::float8 / 1000)) end,
            voided_at = case when version = any($4) then coalesce(voided_at, to_timestamp($5::float8 / 1000)) end,
            void_reason = case when status <> 'void' and version = any($4) then $6 else void_reason end
      where tenant = engine.tenant() and pursuit_id = $1 and version = any($2::int[] || $3::int[] || $4::int[])`,
    [pursuitId, sent, signed, ended, at, 'reason' in event ? String(event['reason']) : null],
  );
  if (event.type === 'sign-proposal')
    await tx.run(
      `insert into workstream.pursuit_responses (tenant, pursuit_id, received_at, note, logged_by)
       values (engine.tenant(), $1, to_timestamp($2::float8 / 1000), 'The proposal was signed', $3)`,
      [pursuitId, at, cause.actor],
    );
}

/** The event of an administrator's force. */
export const FORCED = 'admin.force_transition';

/** A gate that was passed by force is written down with what was missing, beside the reason (R001-28). */
async function recordBypass(
  tx: Tx,
  { instanceId, from, state, context, event, cause }: Transitioned<PursuitContext>,
): Promise<void> {
  const [before, after] = [stageOf(from), stageOf(state)];
  if (before === undefined || after === undefined) return;
  const checklist = await openItems(tx, context.pursuitId);
  for (const gate of gatesBetween(before, after)) {
    const required = requiredFor(context.gates[gate], after);
    const missing = missingAt(gate, required, checklist);
    if (missing.length === 0) continue;
    await audit(tx, {
      actor: cause.actor,
      action: 'gate-bypass',
      target: instanceId,
      reason: String(event['reason']),
      details: { pursuitId: context.pursuitId, gate, missing: [...missing], required: [...required] },
    });
  }
}

const stageOf = (state: string | null): PursuitStage | undefined => PURSUIT_STAGES.find((stage) => stage === state);
