import { Injectable } from '@nestjs/common';
import type { Screen } from '../../../machines/signal.js';
import type { Caller } from '../../auth/caller.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Database, type Tx } from '../../platform/database.js';
import { Judging } from './judging.js';
import { knownOfSignal } from './known.js';
import type { EvaluationView } from './spotlight.dto.js';

/** Who holds signals against spotlights when nobody asks for it. */
const SCREENER = 'system:spotlight';
/** Spotlights that judge one signal. */
const MOST = 50;

/** Signals that come in are held against the spotlights that judge by themselves; the best result is acted on (R001-73). */
@Injectable()
export class Screening {
  constructor(
    private readonly database: Database,
    private readonly judging: Judging,
  ) {}

  /** Once for each signal: its evaluations are there together with what followed from them, or not at all. */
  readonly screen = ({ signalId }: Screen, { tenant, correlationId }: EffectRun): Promise<EffectResult> =>
    this.database.transaction(tenant, async (tx): Promise<EffectResult> => {
      const signal = await open(tx, signalId);
      if (!signal) return { kind: 'done' };
      const screener: Caller = { tenant, userId: SCREENER, roles: [], correlationId };
      const known = await knownOfSignal(tx, signalId);
      const results: Judged[] = [];
      for (const { spotlight_id: spotlightId, automatic } of await automaticSpotlights(tx)) {
        const result = await this.judging.judge(tx, screener, spotlightId, known, signalId);
        if (automatic === 'route') results.push({ spotlightId, result });
      }
      const best = bestOf(results);
      // What somebody looks after is not put away behind his back.
      if (best && (best.result.recommendation !== 'no_match' || signal.status === 'new'))
        await this.judging.act(tx, screener, best.spotlightId, best.result);
      return { kind: 'done' };
    });
}

interface Judged {
  spotlightId: number;
  result: EvaluationView;
}

/** The first of the highest. */
const bestOf = (results: readonly Judged[]): Judged | undefined =>
  results.reduce<Judged | undefined>(
    (best, each) => (best && best.result.match_score >= each.result.match_score ? best : each),
    undefined,
  );

/** A signal that is there and was not screened before, under a lock that keeps it so. */
const open = (tx: Tx, signalId: number): Promise<{ status: string } | undefined> =>
  tx.one(
    `select status from workstream.signals s
      where tenant = engine.tenant() and signal_id = $1 and status <> 'archived'
        and not exists (select from workstream.spotlight_evaluations e where e.tenant = s.tenant and e.signal_id = s.signal_id and e.evaluated_by = $2)
        for no key update`,
    [signalId, SCREENER],
  );

const automaticSpotlights = (tx: Tx): Promise<{ spotlight_id: number; automatic: 'evaluate' | 'route' }[]> =>
  tx.query(
    `select spotlight_id, automatic from workstream.spotlights
      where tenant = engine.tenant() and automatic <> 'off' and is_active and deleted_at is null order by spotlight_id limit ${MOST}`,
  );
