import { Injectable } from '@nestjs/common';
import { evaluate } from '../../../machines/spotlight.score.js';
import type { Known } from '../../../machines/spotlight.types.js';
import type { Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import type { Tx } from '../../platform/database.js';
import { Routing } from './routing.js';
import type { EvaluationView } from './spotlight.dto.js';
import { insertEvaluation, noteRoute } from './spotlight.evaluations.js';
import { criteriaOf, find } from './spotlight.store.js';

/** Holds what is known against spotlights, and acts on the results; people ask for it, and so does the outbox. */
@Injectable()
export class Judging {
  constructor(
    private readonly engine: EngineService,
    private readonly routing: Routing,
  ) {}

  /** Keeps a result (R001-69), which is an event of the spotlight. @throws NOT_FOUND, WF002 while the spotlight is inactive */
  async judge(
    tx: Tx,
    { userId, roles, correlationId }: Caller,
    spotlightId: number,
    known: Known,
    signalId: number | null,
  ): Promise<EvaluationView> {
    const { fields, workflow_instance_id: instanceId } = await find(tx, spotlightId);
    const result = evaluate(criteriaOf(fields), known);
    const kept = await insertEvaluation(tx, spotlightId, signalId, known, result, userId);
    const { matchScore, recommendation } = result;
    const payload = { evaluationId: kept.evaluation_id, signalId, matchScore, recommendation };
    const cause = { kind: 'event' as const, cause: 'request', actor: userId, roles, correlationId };
    const event = async () => ({ type: 'spotlight.scored', payload });
    await this.engine.receiveWithin(tx, instanceId, cause, event, 'explain', 'workstream:spotlight');
    return kept;
  }

  /** Acts on a result (R001-73). @throws NOT_FOUND, WF002 when the signal has been put away */
  async act(tx: Tx, caller: Caller, spotlightId: number, result: EvaluationView): Promise<EvaluationView> {
    const { evaluation_id, recommendation, match_score: matchScore, signal_id: signalId } = result;
    if (signalId === null) return result;
    const { name: spotlight } = await find(tx, spotlightId);
    const { route, candidateId } = await this.routing.act(tx, caller, signalId, {
      recommendation,
      matchScore,
      spotlight,
    });
    await noteRoute(tx, evaluation_id, route, candidateId);
    return { ...result, route, candidate_id: candidateId };
  }
}
