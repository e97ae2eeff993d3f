import { Injectable } from '@nestjs/common';
import { CANDIDATE_EVENTS, type CandidateContext, type CandidateState } from '../../../machines/candidate.js';
import type { Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse, Refused } from '../../platform/errors.js';
import { ConfigRegistry } from '../config/config.registry.js';
import { Items } from '../items.js';
import { once } from '../once.js';
import { checkOrg } from '../orgs.js';
import { PursuitOpening } from '../pursuits/pursuit.opening.js';
import type { CandidateView, CreateCandidate } from './candidate.dto.js';
import { followCandidate, openCandidate, readCandidate } from './candidate.entity.js';

/** What people do with candidates. */
@Injectable()
export class CandidateDesk {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly config: ConfigRegistry,
    private readonly items: Items,
    private readonly pursuits: PursuitOpening,
  ) {}

  /** Begins a candidate and links the signals it is made of, in one transaction. @throws NOT_FOUND when a signal does not exist */
  async create(caller: Caller, body: CreateCandidate, idempotencyKey: string | undefined): Promise<CandidateView> {
    const { instanceId } = await this.engine.start(
      caller,
      'candidate',
      { idempotencyKey, request: body },
      async (tx) => {
        await checkOrg(tx, body.org_id);
        await insistOnSignals(tx, body.signal_ids ?? []);
        const opening = await openCandidate(tx, body, await this.config.moves(tx, 'candidate'));
        await this.linkWithin(tx, caller, opening.input.candidateId, body.signal_ids ?? []);
        return opening;
      },
    );
    return this.database.transaction(caller.tenant, (tx) => readByInstance(tx, instanceId));
  }

  /** Adds signals to a candidate, which touches them (R001-56): all of them or none. @throws NOT_FOUND, WF002 when one has been put away */
  async link(
    caller: Caller,
    candidateId: number,
    signalIds: readonly number[],
    key: string | undefined,
  ): Promise<void> {
    const asked = { scope: `candidate:${candidateId}:signals`, key, request: { signalIds } };
    await this.database.transaction(caller.tenant, (tx) =>
      once(tx, caller, asked, async () => {
        await this.linkWithin(tx, caller, candidateId, signalIds);
        return {};
      }),
    );
  }

  private async linkWithin(tx: Tx, caller: Caller, candidateId: number, signalIds: readonly number[]): Promise<void> {
    // In one order, so that two who link the same signals wait for each other instead of both for ever.
    for (const id of [...signalIds].sort((left, right) => left - right))
      await this.items.tell(tx, caller, 'signal', id, { type: 'link', payload: { candidate_id: candidateId } });
  }

  /** Moves a candidate (R001-36). @throws INVALID_TRANSITION */
  async move(
    caller: Caller,
    id: number,
    { to, note }: { to: CandidateState; note?: string | undefined },
    idempotencyKey?: string,
  ): Promise<{ ok: true; status: string }> {
    const payload = note === undefined ? {} : { note };
    const { state } = await this.items.send(
      caller,
      'candidate',
      id,
      { type: CANDIDATE_EVENTS[to], payload },
      { idempotencyKey },
    );
    return { ok: true, status: state };
  }

  /** Promotes a candidate, or finds the pursuit that it has become before (R001-37). @throws INVALID_TRANSITION */
  async promote(caller: Caller, id: number, idempotencyKey?: string): Promise<{ pursuit_id: number; isNew: boolean }> {
    try {
      await this.items.send(caller, 'candidate', id, { type: 'promote' }, { idempotencyKey });
      return { pursuit_id: id, isNew: true };
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'INVALID_TRANSITION') throw error;
      const earlier = await this.database.transaction(caller.tenant, (tx) =>
        tx.one(
          `select 1 from workstream.candidates c join workstream.pursuits p on p.tenant = c.tenant and p.candidate_id = c.candidate_id
            where c.tenant = engine.tenant() and c.candidate_id = $1 and c.status = 'promoted'`,
          [id],
        ),
      );
      if (!earlier) throw error;
      return { pursuit_id: id, isNew: false };
    }
  }

  /** What a transition means for the row; a promotion makes the pursuit, through whatever door it came. */
  readonly follow = async (tx: Tx, change: Transitioned<CandidateContext>): Promise<void> => {
    await followCandidate(tx, change);
    const { from, state, context, cause, instanceId, seq } = change;
    if (state === 'promoted' && from !== 'promoted')
      await this.pursuits.ensure(tx, context.candidateId, {
        kind: 'start',
        cause: `transition:${instanceId}:${seq}`,
        actor: cause.actor,
        roles: cause.roles,
        correlationId: cause.correlationId,
      });
  };
}

const readByInstance = async (tx: Tx, instanceId: string): Promise<CandidateView> => {
  const row = await tx.one<{ candidate_id: number }>(
    'select candidate_id from workstream.candidates where tenant = engine.tenant() and workflow_instance_id = $1',
    [instanceId],
  );
  if (!row) throw refuse('NOT_FOUND', { detail: 'The candidate has been deleted since.' });
  return readCandidate(tx, row.candidate_id);
};

async function insistOnSignals(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = await tx.query<{ signal_id: number }>(
    `select signal_id from workstream.signals where tenant = engine.tenant() and signal_id = any($1) and status <> 'archived'`,
    [ids],
  );
  const missing = ids.filter((id) => !rows.some(({ signal_id }) => signal_id === id));
  if (missing.length > 0) throw refuse('NOT_FOUND', { detail: `There is no open signal ${missing.join(', ')}.` });
}
