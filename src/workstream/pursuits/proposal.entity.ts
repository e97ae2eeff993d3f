/** The versions of proposals. They are written by the transitions of their pursuit (pursuit.entity.ts). */
import type { Tx } from '../../platform/database.js';
import { found } from '../rows.js';
import type { ProposalView } from './proposal.dto.js';

const COLUMNS = `proposal_id, (select org_id from workstream.orgs where tenant = engine.tenant()) as org_id, pursuit_id, version, doc_id, status, sent_at,
       mailed_at, signed_at, voided_at, void_reason, created_at`;

/** A proposal. @throws NOT_FOUND */
export const proposalOf = async (tx: Tx, id: number): Promise<ProposalView> =>
  found(
    await tx.one<ProposalView>(
      `select ${COLUMNS} from workstream.proposals where tenant = engine.tenant() and proposal_id = $1`,
      [id],
    ),
  );

/** The version that a decision of the pursuit drafted. @throws NOT_FOUND */
export const proposalDraftedBy = async (tx: Tx, pursuitId: number, seq: number): Promise<ProposalView> =>
  found(
    await tx.one<ProposalView>(
      `select ${COLUMNS} from workstream.proposals where tenant = engine.tenant() and pursuit_id = $1 and drafted_seq = $2`,
      [pursuitId, seq],
    ),
  );

/** All versions of a pursuit, newest first. @throws NOT_FOUND */
export async function proposalsOf(tx: Tx, pursuitId: number): Promise<ProposalView[]> {
  found(
    await tx.one('select 1 from workstream.pursuits where tenant = engine.tenant() and pursuit_id = $1', [pursuitId]),
  );
  return tx.query<ProposalView>(
    `select ${COLUMNS} from workstream.proposals where tenant = engine.tenant() and pursuit_id = $1 order by version desc`,
    [pursuitId],
  );
}
