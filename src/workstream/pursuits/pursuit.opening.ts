import { Injectable } from '@nestjs/common';
import { GATES } from '../../../machines/pursuit.gates.js';
import { proposalIdOf, type PursuitInput } from '../../../machines/pursuit.types.js';
import { EngineService, type Opening, type StartTx } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { ConfigRegistry } from '../config/config.registry.js';
import type { CreatePursuit } from './pursuit.dto.js';

/** How a pursuit comes to be: its row, the first version of its proposal and its checklist, all at once (R001-31, R001-37). */
@Injectable()
export class PursuitOpening {
  constructor(
    private readonly engine: EngineService,
    private readonly config: ConfigRegistry,
  ) {}

  /** Makes the pursuit of a candidate in the transaction of its promotion; one that is there already stays as it is. */
  async ensure(tx: Tx, candidateId: number, cause: Cause): Promise<void> {
    const known = await tx.one(
      'select 1 from workstream.pursuits where tenant = engine.tenant() and candidate_id = $1',
      [candidateId],
    );
    if (!known)
      await this.engine.startWithin(tx, 'pursuit', cause, (start) => this.open(start, { candidate_id: candidateId }));
  }

  /** Writes the rows and answers what the lifecycle starts with. @throws NOT_FOUND without candidate, WF007 when it has a pursuit */
  async open(tx: StartTx, body: CreatePursuit): Promise<Opening> {
    // The number of its candidate is the pursuit's own: there is one for each (R001-7).
    const { candidate_id: pursuitId } = body;
    const candidate = await tx.one<{ owner_user_id: string | null }>(
      'select owner_user_id from workstream.candidates where tenant = engine.tenant() and candidate_id = $1 for key share',
      [pursuitId],
    );
    if (!candidate) throw refuse('NOT_FOUND', { detail: `There is no candidate ${pursuitId}.` });
    const lead = body.capture_lead_id ?? candidate.owner_user_id;
    const written = await tx.run(
      `insert into workstream.pursuits
         (tenant, pursuit_id, workflow_instance_id, candidate_id, due_date, capture_lead_id, proposal_mgr_id, pursuit_stage, compliance_score,
          forecast_value_usd, last_touch_at, created_at, updated_at)
       values (engine.tenant(), $1, $2, $1, $3, $4, $5, 'qual', $6, $7, to_timestamp($8::float8 / 1000), to_timestamp($8::float8 / 1000),
               to_timestamp($8::float8 / 1000))
       on conflict do nothing`,
      [
        pursuitId,
        tx.instanceId,
        body.due_date ?? null,
        lead,
        body.proposal_mgr_id ?? null,
        body.compliance_score ?? null,
        body.forecast_value_usd ?? null,
        tx.at,
      ],
    );
    if (written === 0) throw refuse('WF007', { detail: 'This candidate has a pursuit already.' });
    const input: PursuitInput = {
      pursuitId,
      moves: await this.config.moves(tx, 'pursuit'),
      gates: await this.config.gates(tx),
    };
    await writeProposal(tx, pursuitId, 1, tx.at);
    await writeChecklist(tx, pursuitId, input.gates);
    return { parties: lead === null ? {} : { lead }, keys: { pursuitId: String(pursuitId) }, input };
  }
}

/** Writes a draft down, under the number that its pursuit and version make. @param seq of the decision that drafted it; the first comes with the pursuit */
export const writeProposal = (
  tx: Tx,
  pursuitId: number,
  version: number,
  at: number,
  { docId = null, seq = null }: { docId?: string | null; seq?: number | null } = {},
): Promise<number> =>
  tx.run(
    `insert into workstream.proposals (tenant, proposal_id, pursuit_id, version, doc_id, drafted_seq, created_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000)) on conflict do nothing`,
    [proposalIdOf(pursuitId, version), pursuitId, version, docId, seq, at],
  );

async function writeChecklist(tx: Tx, pursuitId: number, gates: PursuitInput['gates']): Promise<void> {
  const items = GATES.flatMap((gate) => gates[gate].map((item, position) => ({ gate, position, ...item })));
  await tx.run(
    `insert into workstream.checklist_items (tenant, pursuit_id, gate, item_key, label, position, is_required, won_only)
     select engine.tenant(), $1, item.gate, item.key, item.label, item.position, item.required, item."wonOnly"
       from json_to_recordset($2) as item (gate text, key text, label text, position int, required boolean, "wonOnly" boolean)`,
    [pursuitId, JSON.stringify(items)],
  );
}
