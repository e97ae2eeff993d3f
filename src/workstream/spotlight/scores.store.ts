/** Rows of scores: as they are now, and how they came to be. */
import type { WeightedScore } from '../../../machines/spotlight.types.js';
import type { Tx } from '../../platform/database.js';
import type { ScoreView } from './scores.dto.js';

export type Scored = 'signal' | 'candidate';

export interface NewScore extends Pick<WeightedScore, 'total' | 'components' | 'confidence' | 'algorithm'> {
  item_id: number;
}

const COLUMNS = `spotlight_id, total::float8 as total, confidence::float8 as confidence, algorithm, components, is_manual, reason, scored_at, scored_by`;
const LAST = 20;

/** Scores of an item, the best first. */
export const scoresOf = (tx: Tx, itemType: Scored, itemId: number): Promise<ScoreView[]> =>
  tx.query<ScoreView>(
    `select ${COLUMNS} from workstream.spotlight_scores where tenant = engine.tenant() and item_type = $1 and item_id = $2
      order by workstream.spotlight_scores.total desc, spotlight_id limit 200`,
    [itemType, itemId],
  );

/** How they came to be, newest first. */
export const historyOf = (tx: Tx, itemType: Scored, itemId: number): Promise<ScoreView[]> =>
  tx.query<ScoreView>(
    `select ${COLUMNS} from workstream.spotlight_scoring_history where tenant = engine.tenant() and item_type = $1 and item_id = $2
      order by history_id desc limit ${LAST}`,
    [itemType, itemId],
  );

export interface Writing {
  spotlightId: number;
  itemType: Scored;
  by: string;
  /** Why it was set by hand; null when it was worked out. */
  manual: string | null;
  /** Leaves scores alone that people have set. */
  keepManual: boolean;
}

/** Writes scores; what comes out as it was adds nothing to the history. Answers how many changed. */
export const write = (
  tx: Tx,
  { spotlightId, itemType, by, manual, keepManual }: Writing,
  scores: readonly NewScore[],
): Promise<number> =>
  tx.run(
    `with given as (select * from json_to_recordset($6) g (item_id bigint, total numeric, confidence numeric, algorithm text, components jsonb)),
     written as (
       insert into workstream.spotlight_scores as s (tenant, item_type, item_id, spotlight_id, total, confidence, algorithm, components, is_manual, reason, scored_at, scored_by)
       select engine.tenant(), $1, item_id, $2, total, confidence, algorithm, components, $3::text is not null, $3, engine.now(), $4 from given
       on conflict (tenant, item_type, item_id, spotlight_id) do update
          set total = excluded.total, confidence = excluded.confidence, algorithm = excluded.algorithm, components = excluded.components,
              is_manual = excluded.is_manual, reason = excluded.reason, scored_at = excluded.scored_at, scored_by = excluded.scored_by
        where not (s.is_manual and $5) and (s.total, s.confidence, s.algorithm, s.components, s.is_manual, s.reason)
              is distinct from (excluded.total, excluded.confidence, excluded.algorithm, excluded.components, excluded.is_manual, excluded.reason)
       returning s.*)
     insert into workstream.spotlight_scoring_history (tenant, item_type, item_id, spotlight_id, total, confidence, algorithm, components, is_manual, reason, scored_at, scored_by)
     select tenant, item_type, item_id, spotlight_id, total, confidence, algorithm, components, is_manual, reason, scored_at, scored_by from written`,
    [itemType, spotlightId, manual, by, keepManual, JSON.stringify(scores)],
  );
