import { Injectable } from '@nestjs/common';
import type { Evaluation, Known } from '../../../machines/spotlight.types.js';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { checkOrg } from '../orgs.js';
import type {
  AnalyticsQuery,
  EvaluationView,
  Performance,
  SpotlightAnalytics,
  SpotlightFigures,
} from './spotlight.dto.js';
import { find } from './spotlight.store.js';

const LAST = 10;
const COLUMNS = `evaluation_id, match_score::float8 as match_score, matched_fields, total_fields, recommendation, route, candidate_id, signal_id, evaluated_at, evaluated_by`;

/** Keeps a result with what it was worked out from. */
export async function insertEvaluation(
  tx: Tx,
  spotlightId: number,
  signalId: number | null,
  known: Known,
  { matchScore, matchedFields, totalFields, recommendation }: Evaluation,
  by: string,
): Promise<EvaluationView> {
  const row = await tx.one<EvaluationView>(
    `insert into workstream.spotlight_evaluations (tenant, spotlight_id, signal_id, signal_data, match_score, matched_fields, total_fields, recommendation, evaluated_at, evaluated_by)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now(), $8) returning ${COLUMNS}`,
    [spotlightId, signalId, JSON.stringify(known), matchScore, matchedFields, totalFields, recommendation, by],
  );
  if (!row) throw new Error('the evaluation was not kept');
  return row;
}

/** Notes what was done about a result. */
export const noteRoute = (tx: Tx, evaluationId: number, route: string, candidateId: number | null): Promise<number> =>
  tx.run(
    'update workstream.spotlight_evaluations set route = $2, candidate_id = $3 where tenant = engine.tenant() and evaluation_id = $1',
    [evaluationId, route, candidateId],
  );

/** What came of asking spotlights. */
@Injectable()
export class SpotlightEvaluations {
  constructor(private readonly database: Database) {}

  /** The last ten, and the average of all. @throws NOT_FOUND */
  performance({ tenant }: Caller, spotlightId: number): Promise<Performance> {
    return this.database.transaction(tenant, async (tx) => {
      await find(tx, spotlightId);
      const evaluations = await tx.query<EvaluationView>(
        `select ${COLUMNS} from workstream.spotlight_evaluations
          where tenant = engine.tenant() and spotlight_id = $1 order by evaluated_at desc, evaluation_id desc limit ${LAST}`,
        [spotlightId],
      );
      const all = await tx.one<{ total: number; average: number | null }>(
        `select count(*) as total, round(avg(match_score), 4)::float8 as average from workstream.spotlight_evaluations
          where tenant = engine.tenant() and spotlight_id = $1`,
        [spotlightId],
      );
      return {
        spotlight_id: spotlightId,
        evaluations,
        total_evaluations: all?.total ?? 0,
        average_match_score: all?.average ?? null,
      };
    });
  }

  /** Figures of every spotlight, the most asked first. */
  analytics({ tenant }: Caller, { org_id, domain }: AnalyticsQuery): Promise<SpotlightAnalytics> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      const data = await tx.query<SpotlightFigures>(
        `select s.spotlight_id, s.name, s.domain, count(e.evaluation_id) as evaluations, round(avg(e.match_score), 4)::float8 as average_match_score,
                count(*) filter (where e.recommendation = 'high_match') as high_match, count(*) filter (where e.recommendation = 'medium_match') as medium_match,
                count(*) filter (where e.recommendation = 'low_match') as low_match, count(*) filter (where e.recommendation = 'no_match') as no_match,
                count(e.candidate_id) as candidates, max(e.evaluated_at) as last_evaluated_at
           from workstream.spotlights s
           left join workstream.spotlight_evaluations e on e.tenant = s.tenant and e.spotlight_id = s.spotlight_id
          where s.tenant = engine.tenant() and s.deleted_at is null and ($1::text is null or s.domain = $1)
          group by s.spotlight_id, s.name, s.domain
          order by evaluations desc, s.spotlight_id limit 200`,
        [domain ?? null],
      );
      return { data, total_evaluations: data.reduce((sum, { evaluations }) => sum + evaluations, 0) };
    });
  }
}
