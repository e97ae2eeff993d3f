import { IsIn, IsString, MaxLength } from 'class-validator';
import { CANDIDATE_STATES } from '../../../machines/candidate.js';
import { PURSUIT_STAGES } from '../../../machines/pursuit.types.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { NumberedPage, Pagination } from '../workstream.dto.js';
import type { TodayOrder } from './today.sql.js';

const TIERS = ['critical', 'high', 'medium', 'low'] as const;

/** Query of the panel of today. */
export class TodayQuery extends NumberedPage {
  /** `priority` by score, `badge` red first. */
  @MayBeAbsent() @IsIn(['priority', 'badge']) sort: TodayOrder = 'priority';
  @MayBeAbsent() @IsIn(TIERS) priority_tier?: (typeof TIERS)[number];
  @MayBeAbsent() @IsString() @MaxLength(128) owner_user_id?: string;
  @MayBeAbsent() @IsIn(['candidate', 'pursuit']) item_type?: 'candidate' | 'pursuit';
  @MayBeAbsent() @IsIn(CANDIDATE_STATES) status?: string;
  @MayBeAbsent() @IsIn(PURSUIT_STAGES) stage?: string;
}

/** Something that deserves attention (R001-47). */
export class TodayItem {
  item_type!: 'candidate' | 'pursuit';
  item_id!: number;
  label!: string;
  status!: string;
  last_touch_at!: Date | null;
  /** `YYYY-MM-DD`. */
  due_date!: string | null;
  /** The promise that is broken, or null. */
  sla_metric!: string | null;
  badge!: 'red' | 'amber' | 'green';
  priority_score!: number;
  priority_tier!: 'critical' | 'high' | 'medium' | 'low';
  owner_user_id!: string | null;
}

export class TodayPage {
  data!: TodayItem[];
  pagination!: Pagination;
}

export class Counted {
  total!: number;
  /** Of these, the ones of the last seven days. */
  recent!: number;
}

/** How much there is (R001-44). */
export class Stats {
  signals!: Counted;
  candidates!: Counted;
  pursuits!: Counted;
}

export class Workload {
  owner_user_id!: string;
  open_candidates!: number;
  open_pursuits!: number;
  overdue_pursuits!: number;
  /** Untouched for more than 72 hours. */
  stale_candidates!: number;
  forecast_value_usd!: number;
  open_breaches!: number;
}
export class WorkloadPage {
  data!: Workload[];
  pagination!: Pagination;
}

export class FunnelState {
  item_type!: 'signal' | 'candidate' | 'pursuit';
  state!: string;
  items!: number;
}

/** From signals to deals. */
export class Funnel {
  data!: FunnelState[];
  conversion!: {
    signals: number;
    linked_signals: number;
    candidates: number;
    promoted_candidates: number;
    submitted_pursuits: number;
    won_pursuits: number;
    lost_pursuits: number;
    signal_to_candidate_pct: number | null;
    candidate_to_pursuit_pct: number | null;
    win_rate_pct: number | null;
  };
}

/** How pursuits come through a gate (R001-83). */
export class GateFigures {
  gate!: 'pink_to_red' | 'red_to_submit' | 'submit_to_close';
  /** Pursuits that have stood before it. */
  reached!: number;
  /** Of these, those that came through with their list done. */
  passed!: number;
  /** Those that an administrator led past it. */
  forced!: number;
  /** Those that stand before it still. */
  waiting!: number;
  /** Those that ended before it. */
  ended!: number;
  /** Passed of all that wait no more; null without any. */
  pass_pct!: number | null;
}
export class GateReport {
  data!: GateFigures[];
}

export class SlaSummary {
  item_type!: string;
  metric!: string;
  running!: number;
  open_breaches!: number;
  met!: number;
  breached!: number;
  compliance_pct!: number | null;
}
export class SlaSummaries {
  data!: SlaSummary[];
}

export class LeadPerformance {
  capture_lead_id!: string | null;
  won!: number;
  lost!: number;
  win_rate_pct!: number | null;
  average_days_to_close!: number | null;
  won_value_usd!: number;
  cost_of_sale!: number;
}
export class LeadPerformances {
  data!: LeadPerformance[];
}

export class CommsLag {
  owner_user_id!: string | null;
  item_type!: 'candidate' | 'pursuit';
  items!: number;
  average_idle_hours!: number;
  longest_idle_hours!: number;
}
export class CommsLags {
  data!: CommsLag[];
}
