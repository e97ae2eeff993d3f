/** The boards: items as a team looks at them (R001-43). */
import type { Tx } from '../../platform/database.js';
import type { ListCandidates } from '../candidates/candidate.dto.js';
import type { ListPursuits } from '../pursuits/pursuit.dto.js';
import { pageBehind, type CursorPage } from '../rows.js';
import type { CandidateCard, PursuitCard } from './boards.dto.js';

const hasLink = (itemType: string, id: string, linkType: string): string =>
  `exists (select 1 from workstream.work_item_links l
            where l.tenant = engine.tenant() and l.item_type = '${itemType}' and l.item_id = ${id} and l.link_type = '${linkType}')`;

/** Where the organisation's days begin (R001-87), as its calendar says. */
const ZONE = `coalesce((select value ->> 'zone' from engine.settings where tenant = engine.tenant() and area = 'workstream.calendar'), 'UTC')`;

/** Candidates, those first that have been left alone longest. */
export const candidateBoard = (tx: Tx, query: ListCandidates): Promise<CursorPage<CandidateCard>> =>
  pageBehind(
    tx,
    {
      columns: `candidate_id as id, title, one_liner_scope, status, owner_user_id, last_touch_at,
                greatest(0, floor(extract(epoch from engine.now() - coalesce(last_touch_at, created_at)) / 86400))::int as days_since_touch,
                ${hasLink('candidate', 'candidate_id', 'thread')} as has_threads, ${hasLink('candidate', 'candidate_id', 'doc')} as has_docs`,
      from: `from workstream.candidates
             where tenant = engine.tenant() and ($1::text is null or status = $1) and ($2::text is null or owner_user_id = $2)`,
      keys: [
        { sql: 'coalesce(last_touch_at, created_at)', kind: 'time' },
        { sql: 'candidate_id', kind: 'number' },
      ],
    },
    [query.status ?? null, query.owner_user_id ?? null],
    query,
  );

/** Pursuits, those first that are due first. */
export const pursuitBoard = (tx: Tx, query: ListPursuits): Promise<CursorPage<PursuitCard>> =>
  pageBehind(
    tx,
    {
      columns: `p.pursuit_id as id, c.title, p.pursuit_stage as stage, p.due_date::text as due_date, p.last_touch_at,
                case when p.pursuit_stage in ('won', 'lost') then null
                     when p.due_date < (engine.now() at time zone ${ZONE})::date then 'overdue'
                     when p.last_touch_at < engine.now() - interval '7 days' then 'stale' end as sla_badge,
                p.capture_lead_id, p.proposal_mgr_id, p.forecast_value_usd::float8 as forecast_value_usd,
                ${hasLink('pursuit', 'p.pursuit_id', 'thread')} as has_threads, ${hasLink('pursuit', 'p.pursuit_id', 'doc')} as has_docs`,
      from: `from workstream.pursuits p join workstream.candidates c on c.tenant = p.tenant and c.candidate_id = p.candidate_id
             where p.tenant = engine.tenant() and ($1::text is null or p.pursuit_stage = $1)
               and ($2::text is null or $2 in (p.capture_lead_id, p.proposal_mgr_id))`,
      keys: [
        { sql: `coalesce(p.due_date, 'infinity')`, kind: 'day' },
        { sql: 'p.pursuit_id', kind: 'number' },
      ],
    },
    [query.stage ?? null, query.owner_user_id ?? null],
    query,
  );
