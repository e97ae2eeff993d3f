import { Injectable } from '@nestjs/common';
import { PURSUIT_EVENTS } from '../../../machines/pursuit.types.js';
import type { Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Items } from '../items.js';
import { checkOrg } from '../orgs.js';
import { found } from '../rows.js';
import type { ProposalView } from './proposal.dto.js';
import { proposalDraftedBy, proposalOf } from './proposal.entity.js';
import type {
  CreatePursuit,
  DraftProposal,
  LosePursuit,
  MovePursuit,
  PursuitNote,
  PursuitView,
  VoidReason,
} from './pursuit.dto.js';
import { readPursuit } from './pursuit.entity.js';
import { PursuitOpening } from './pursuit.opening.js';

/** What people do with pursuits. Every move is an event at the engine's door, whichever route it came by (R001-33). */
@Injectable()
export class PursuitDesk {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly items: Items,
    private readonly opening: PursuitOpening,
  ) {}

  /** Begins a pursuit of a candidate that has none. @throws NOT_FOUND, WF007, OUT_OF_RANGE */
  async create(caller: Caller, body: CreatePursuit, idempotencyKey: string | undefined): Promise<PursuitView> {
    checkScore(body.compliance_score);
    await this.engine.start(caller, 'pursuit', { idempotencyKey, request: body }, async (tx) => {
      await checkOrg(tx, body.org_id);
      return this.opening.open(tx, body);
    });
    return this.within(caller, (tx) => readPursuit(tx, body.candidate_id));
  }

  /** Moves a pursuit (R001-38). @throws INVALID_TRANSITION, GATE_BLOCKED; WF006 without target, or lost without reason */
  async move(
    caller: Caller,
    id: number,
    { to, reason, note }: MovePursuit,
    idempotencyKey?: string,
  ): Promise<{ ok: true; stage: string }> {
    if (to === undefined)
      throw refuse('WF006', { detail: 'to stage required', errors: [{ field: 'to', message: 'to stage required' }] });
    const said = { ...(note !== undefined && { note }), ...(to === 'lost' && reason !== undefined && { reason }) };
    return this.send(caller, id, PURSUIT_EVENTS[to], said, idempotencyKey);
  }

  /** Submits a pursuit, which sends its newest proposal (R001-39). @throws INVALID_TRANSITION, GATE_BLOCKED */
  async submit(
    caller: Caller,
    id: number,
    note: PursuitNote,
    idempotencyKey?: string,
  ): Promise<{ ok: true; proposal_id: number }> {
    await this.send(caller, id, PURSUIT_EVENTS.submit, note, idempotencyKey);
    const row = await this.within(caller, (tx) =>
      tx.one<{ proposal_id: number }>(
        `select proposal_id from workstream.proposals where tenant = engine.tenant() and pursuit_id = $1 and status <> 'draft' order by version desc limit 1`,
        [id],
      ),
    );
    return { ok: true, proposal_id: found(row).proposal_id };
  }

  /** Ends a pursuit well (R001-40). @throws INVALID_TRANSITION, GATE_BLOCKED */
  async win(caller: Caller, id: number, note: PursuitNote, idempotencyKey?: string): Promise<{ ok: true }> {
    await this.send(caller, id, PURSUIT_EVENTS.won, note, idempotencyKey);
    return { ok: true };
  }

  /** Ends a pursuit badly, with the reason (R001-40). @throws INVALID_TRANSITION, GATE_BLOCKED */
  async lose(caller: Caller, id: number, loss: LosePursuit, idempotencyKey?: string): Promise<{ ok: true }> {
    await this.send(caller, id, PURSUIT_EVENTS.lost, loss, idempotencyKey);
    return { ok: true };
  }

  /** Begins the next version of the proposal (R001-41). @throws WF002 when the pursuit has ended */
  async draft(caller: Caller, id: number, payload: DraftProposal, idempotencyKey?: string): Promise<ProposalView> {
    const { seq } = await this.items.send(
      caller,
      'pursuit',
      id,
      { type: 'draft-proposal', payload },
      { idempotencyKey },
    );
    return this.within(caller, (tx) => proposalDraftedBy(tx, id, seq));
  }

  /**
   * Sends a draft (R001-41), notes that one was signed, or declares it void (R001-9).
   * @throws NOT_FOUND; WF002 when the proposal does not stand like that, or the pursuit has ended
   */
  async treatProposal(
    caller: Caller,
    proposalId: number,
    deed: 'send' | 'sign' | 'void',
    more: VoidReason = {},
    idempotencyKey?: string,
  ): Promise<ProposalView> {
    const { pursuit_id } = await this.within(caller, (tx) => proposalOf(tx, proposalId));
    const event = { type: `${deed}-proposal`, payload: { proposal_id: proposalId, ...more } };
    await this.items.send(caller, 'pursuit', pursuit_id, event, { idempotencyKey });
    return this.within(caller, (tx) => proposalOf(tx, proposalId));
  }

  private async send(
    caller: Caller,
    id: number,
    type: string,
    payload: object,
    idempotencyKey: string | undefined,
  ): Promise<{ ok: true; stage: string }> {
    const { state } = await this.items.send(caller, 'pursuit', id, { type, payload }, { idempotencyKey });
    return { ok: true, stage: state };
  }

  private within<T>({ tenant }: Caller, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(tenant, work);
  }
}

/** One scale for everybody: 0 to 10, one decimal (R001-8). @throws OUT_OF_RANGE */
export function checkScore(score: number | null | undefined): void {
  if (score === null || score === undefined) return;
  const isOneDecimal = Math.abs(score * 10 - Math.round(score * 10)) < 1e-9;
  if (score < 0 || score > 10 || !isOneDecimal) {
    const message = 'compliance_score must be 0 to 10 with one decimal';
    throw refuse('OUT_OF_RANGE', { detail: message, errors: [{ field: 'compliance_score', message }] });
  }
}
