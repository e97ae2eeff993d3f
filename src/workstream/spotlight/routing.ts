import { Injectable } from '@nestjs/common';
import type { Recommendation } from '../../../machines/spotlight.types.js';
import type { Caller } from '../../auth/caller.js';
import type { Json } from '../../engine/core/driver.js';
import { EngineService } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import type { Tx } from '../../platform/database.js';
import { openCandidate } from '../candidates/candidate.entity.js';
import { ConfigRegistry } from '../config/config.registry.js';
import { found } from '../rows.js';

export type Route = 'candidate' | 'nurture' | 'manual_review' | 'archive';

/** What a result leads to (R001-73). */
const ROUTES: Readonly<Record<Recommendation, Route>> = {
  high_match: 'candidate',
  medium_match: 'nurture',
  low_match: 'manual_review',
  no_match: 'archive',
};
const LONGEST_TITLE = 200;

interface SignalRow {
  workflow_instance_id: string;
  owner_user_id: string | null;
  contact_email: string | null;
  title: string;
  candidate_id: number | null;
}

/** Turns results into candidates, or puts signals away; everything by the machines' own events, in the transaction of the evaluation. */
@Injectable()
export class Routing {
  constructor(
    private readonly engine: EngineService,
    private readonly config: ConfigRegistry,
  ) {}

  /** @throws NOT_FOUND, WF002 when the signal has been put away */
  async act(
    tx: Tx,
    caller: Caller,
    signalId: number,
    {
      recommendation,
      matchScore,
      spotlight,
    }: { recommendation: Recommendation; matchScore: number; spotlight: string },
  ): Promise<{ route: Route; candidateId: number | null }> {
    const route = ROUTES[recommendation];
    const signal = await readSignal(tx, signalId);
    const cause = causeOf(caller, `spotlight:${spotlight}`);
    switch (route) {
      case 'manual_review':
        return { route, candidateId: signal.candidate_id };
      case 'archive':
        await this.tell(tx, signal.workflow_instance_id, cause, 'archive', {
          reason: `No match for ${spotlight}`.slice(0, 200),
        });
        return { route, candidateId: null };
      case 'candidate':
      case 'nurture': {
        // It became a candidate before; one signal is not two leads.
        if (signal.candidate_id !== null) return { route, candidateId: signal.candidate_id };
        const { candidateId, instanceId } = await this.begin(tx, cause, signal, route, matchScore);
        await this.tell(tx, signal.workflow_instance_id, cause, 'link', { candidate_id: candidateId });
        if (route === 'nurture')
          for (const move of ['triage', 'nurture'])
            await this.tell(tx, instanceId, cause, move, { note: `Medium match for ${spotlight}`.slice(0, 200) });
        return { route, candidateId };
      }
    }
  }

  /** The boost of a high match is its value band: it leads the panel of today (R001-49). */
  private async begin(
    tx: Tx,
    cause: Cause,
    { title, owner_user_id, contact_email }: SignalRow,
    route: Route,
    confidence: number,
  ): Promise<{ candidateId: number; instanceId: string }> {
    const body = {
      title,
      value_band: route === 'candidate' ? ('high' as const) : ('med' as const),
      confidence: Math.round(confidence * 100) / 100,
      ...(owner_user_id === null ? {} : { owner_user_id }),
      ...(contact_email === null ? {} : { contact_email }),
    };
    const moves = await this.config.moves(tx, 'candidate');
    const { instanceId } = await this.engine.startWithin(tx, 'candidate', { ...cause, kind: 'start' }, (start) =>
      openCandidate(start, body, moves),
    );
    const row = found(
      await tx.one<{ candidate_id: number }>(
        'select candidate_id from workstream.candidates where tenant = engine.tenant() and workflow_instance_id = $1',
        [instanceId],
      ),
    );
    return { candidateId: row.candidate_id, instanceId };
  }

  private async tell(tx: Tx, instanceId: string, cause: Cause, type: string, payload: Json): Promise<void> {
    await this.engine.receiveWithin(tx, instanceId, cause, async () => ({ type, payload }), 'explain');
  }
}

const causeOf = ({ userId: actor, roles, correlationId }: Caller, cause: string): Cause => ({
  kind: 'event',
  cause,
  actor,
  roles,
  correlationId,
});

const readSignal = async (tx: Tx, signalId: number): Promise<SignalRow> =>
  found(
    await tx.one<SignalRow>(
      `select s.workflow_instance_id, s.owner_user_id, s.contact_email,
              left(coalesce(nullif(s.problem_phrase, ''), nullif(s.company_domain, ''), nullif(s.contact_email, ''), nullif(s.snippet, ''), 'Signal ' || s.signal_id), ${LONGEST_TITLE}) as title,
              (select min(l.candidate_id) from workstream.candidate_signals l where l.tenant = s.tenant and l.signal_id = s.signal_id) as candidate_id
         from workstream.signals s where s.tenant = engine.tenant() and s.signal_id = $1`,
      [signalId],
    ),
  );
