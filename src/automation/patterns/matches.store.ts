/** Matches as they are read. */
import type { Tx } from '../../platform/database.js';
import type { Page } from '../envelope.js';
import type { MatchView } from './patterns.dto.js';

/** One page of the matches of a pattern, newest first. */
export async function listMatches(tx: Tx, patternId: string, page: number, limit: number): Promise<Page<MatchView>> {
  const rows = await tx.query<MatchView>(
    `select match_id as id, version, workflow_id as "workflowId", execution_id as "executionId", outcome, events, detail, matched_at as "matchedAt"
       from automation.pattern_matches where tenant = engine.tenant() and pattern_id = $1 order by match_id desc limit $2 offset $3`,
    [patternId, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(
    'select count(*)::int as total from automation.pattern_matches where tenant = engine.tenant() and pattern_id = $1',
    [patternId],
  );
  return { rows, total: counted?.total ?? 0 };
}
