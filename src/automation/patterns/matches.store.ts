/** Matches as they are read. */
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import type { MatchView } from './patterns.dto.js';

/** One page of the matches of a pattern, newest first, from before a number. */
export const listMatches = (tx: Tx, patternId: string, before: number | null, limit: number): Promise<MatchView[]> =>
  tx.query<MatchView & { detail: { [name: string]: Json } }>(
    `select match_id as id, version, workflow_id as "workflowId", execution_id as "executionId", outcome, events, detail, matched_at as "matchedAt"
       from automation.pattern_matches
      where tenant = engine.tenant() and pattern_id = $1 and ($2::bigint is null or match_id < $2) order by match_id desc limit $3`,
    [patternId, before, limit],
  );
