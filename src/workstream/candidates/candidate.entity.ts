/** The rows of candidates: what is known about them, and what their lifecycle means for them. */
import type { CandidateContext, CandidateInput } from '../../../machines/candidate.js';
import type { Opening, StartTx } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import type { Moves } from '../../../machines/workstream.events.js';
import { insistOnChoice } from '../catalog/catalog.entity.js';
import { assignments, found, newest, pageBehind, type CursorPage } from '../rows.js';
import { removeRow } from '../rows.remove.js';
import type { CandidateView, ChangeCandidate, CreateCandidate, ListCandidates } from './candidate.dto.js';

const COLUMNS = `candidate_id, (select org_id from workstream.orgs where tenant = engine.tenant()) as org_id, workflow_instance_id, client_id, contact_id,
       contact_email, problem_id, solution_id, title, one_liner_scope, confidence::float8 as confidence, value_band, next_step, status, owner_user_id,
       last_touch_at, promoted_at, created_at, updated_at`;

const CHANGEABLE = [
  'client_id',
  'contact_id',
  'contact_email',
  'problem_id',
  'solution_id',
  'title',
  'one_liner_scope',
  'confidence',
  'value_band',
  'next_step',
  'owner_user_id',
] as const;

/** Writes a candidate and answers what its lifecycle starts with. @throws WF006 when its problem or solution is not in the catalogue */
export async function openCandidate(
  tx: StartTx,
  body: CreateCandidate,
  moves: Moves,
): Promise<Opening & { input: CandidateInput }> {
  await insistOnChoice(tx, body);
  const row = found(
    await tx.one<{ candidate_id: number }>(
      `insert into workstream.candidates
         (tenant, workflow_instance_id, client_id, contact_id, contact_email, problem_id, solution_id, title, one_liner_scope, confidence, value_band,
          next_step, status, owner_user_id, created_at, updated_at)
       values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'new', $12, to_timestamp($13::float8 / 1000), to_timestamp($13::float8 / 1000))
       returning candidate_id`,
      [
        tx.instanceId,
        body.client_id ?? null,
        body.contact_id ?? null,
        body.contact_email ?? null,
        body.problem_id ?? null,
        body.solution_id ?? null,
        body.title,
        body.one_liner_scope ?? null,
        body.confidence ?? null,
        body.value_band ?? null,
        body.next_step ?? null,
        body.owner_user_id ?? null,
        tx.at,
      ],
    ),
  );
  const { candidate_id } = row;
  return {
    parties: body.owner_user_id ? { owner: body.owner_user_id } : {},
    keys: { candidateId: String(candidate_id) },
    input: { candidateId: candidate_id, moves },
  };
}

/** A candidate. @throws NOT_FOUND */
export const readCandidate = async (tx: Tx, id: number): Promise<CandidateView> =>
  found(
    await tx.one<CandidateView>(
      `select ${COLUMNS} from workstream.candidates where tenant = engine.tenant() and candidate_id = $1`,
      [id],
    ),
  );

/** One page, newest first. */
export const listCandidates = (tx: Tx, query: ListCandidates): Promise<CursorPage<CandidateView>> =>
  pageBehind(
    tx,
    {
      columns: COLUMNS,
      from: `from workstream.candidates
             where tenant = engine.tenant() and ($1::text is null or status = $1) and ($2::text is null or owner_user_id = $2)`,
      keys: newest('candidate_id'),
      down: true,
    },
    [query.status ?? null, query.owner_user_id ?? null],
    query,
  );

/** Changes what is known about a candidate. @throws NOT_FOUND, WF006 when its problem or solution is not in the catalogue */
export async function changeCandidate(tx: Tx, id: number, changes: ChangeCandidate): Promise<void> {
  await insistOnChoice(tx, changes);
  const { sql, values } = assignments({ ...changes }, CHANGEABLE, 2);
  found(
    await tx.one(
      `update workstream.candidates set ${sql}, updated_at = engine.now() where tenant = engine.tenant() and candidate_id = $1 returning 1`,
      [id, ...values],
    ),
  );
}

/** Writes down what a transition means for the candidate (R001-36, R001-37). */
export async function followCandidate(
  tx: Tx,
  { instanceId, from, state, at }: Transitioned<CandidateContext>,
): Promise<void> {
  if (state === 'deleted') return removeRow(tx, 'candidate', instanceId);
  // To be created is not to be touched.
  if (from === null) return;
  await tx.run(
    `update workstream.candidates
        set status = $2, last_touch_at = to_timestamp($3::float8 / 1000), updated_at = to_timestamp($3::float8 / 1000),
            promoted_at = case when $2 = 'promoted' then coalesce(promoted_at, to_timestamp($3::float8 / 1000)) else promoted_at end
      where tenant = engine.tenant() and workflow_instance_id = $1`,
    [instanceId, state, at],
  );
}
