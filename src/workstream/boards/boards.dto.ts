import type { Pagination } from '../workstream.dto.js';

/** A candidate on the board (R001-43). */
export class CandidateCard {
  id!: number;
  title!: string;
  one_liner_scope!: string | null;
  status!: string;
  owner_user_id!: string | null;
  last_touch_at!: Date | null;
  /** Whole days since somebody last moved it, or since it began. */
  days_since_touch!: number;
  /** Whether conversations belong to it. */
  has_threads!: boolean;
  /** Whether documents belong to it. */
  has_docs!: boolean;
}

/** One page of the candidates' board. */
export class CandidateBoard {
  data!: CandidateCard[];
  pagination!: Pagination;
  /** Of the next page; null on the last one. */
  nextCursor!: string | null;
}

/** A pursuit on the board (R001-43). */
export class PursuitCard {
  id!: number;
  title!: string;
  stage!: string;
  due_date!: string | null;
  last_touch_at!: Date;
  /** `overdue`: its day is past where the organisation is; `stale`: nobody has moved it for a week. */
  sla_badge!: 'overdue' | 'stale' | null;
  capture_lead_id!: string | null;
  proposal_mgr_id!: string | null;
  forecast_value_usd!: number | null;
  has_threads!: boolean;
  has_docs!: boolean;
}

/** One page of the pursuits' board. */
export class PursuitBoard {
  data!: PursuitCard[];
  pagination!: Pagination;
  /** Of the next page; null on the last one. */
  nextCursor!: string | null;
}
