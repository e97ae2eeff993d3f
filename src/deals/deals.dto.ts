import { IsIn, IsInt, IsObject, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import type { InstanceStatus } from '../engine/store/instances.js';
import { Digits } from '../platform/paging.js';
import { MayBeAbsent } from '../platform/validation.js';

const ID = /^[A-Za-z0-9_.:-]{1,128}$/;
const NOT_AN_ID = { message: '$property must be 1 to 128 letters, digits or any of _ . : -' };

/** Answer of everything that starts or moves a deal (R000-13, R000-19). */
export class DealAck {
  success!: true;
  message!: string;
  instanceId!: string;
  /** Of the history row; a later read shows at least this revision. */
  seq!: number;
  revision!: number;
  state!: string;
  phase!: string | null;
  status!: InstanceStatus;
  allowedEvents!: string[];
}

/** Answer of a create call (R000-13). */
export class StartedDeal extends DealAck {
  estimatedProcessingTime!: string;
}

/** Body of `POST /api/workflows/:type/:id/event` (R000-19). */
export class DealEvent {
  /** Event type, exactly as the lifecycle names it. */
  @IsString({ message: 'Event type is required' }) @MaxLength(100) type!: string;
  @MayBeAbsent() @IsObject() payload?: Record<string, unknown>;
}

/** Where a deal stands (R000-18). */
export class DealStatus {
  instanceId!: string;
  status!: 'running' | 'completed' | 'failed';
  output!: { currentState: string; lastUpdated: string; data: object };
  /** Why it failed, or null. */
  error!: { code: string; message: string } | null;
}

/** Query of `GET /api/workflows/list` (R000-20). */
export class ListDeals {
  /** A party of the deals. */
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) userId?: string;
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) pitchId?: string;
  @MayBeAbsent() @IsIn(['investment', 'production', 'nda']) type?: string;
  /** From 1. */
  @MayBeAbsent() @Digits() @IsInt() @Min(1) @Max(1_000_000) page: number = 1;
  @MayBeAbsent() @Digits() @IsInt() @Min(1) @Max(50) limit: number = 50;
}

/** A deal in a list. */
export class DealRow {
  id!: string;
  type!: string;
  workflow_instance_id!: string;
  investor_id!: string;
  creator_id!: string;
  pitch_id!: string;
  pitch_title!: string | null;
  investor_name!: string | null;
  /** US dollars, decimal. */
  proposed_amount!: string;
  agreed_amount!: string | null;
  investment_type!: string;
  status!: string;
  reason_code!: string | null;
  compensation_status!: string;
  created_at!: Date;
  updated_at!: Date;
}

/** Answer of `GET /api/workflows/list`; `total` counts all, not the page. */
export class DealList {
  success!: true;
  workflows!: DealRow[];
  total!: number;
  page!: number;
  limit!: number;
}

/** Query of `GET /api/workflows/analytics` (R000-21). */
export class AnalyticsQuery {
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) pitchId?: string;
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) creatorId?: string;
}

/** What became of the interest in a pitch. */
export class PitchAnalytics {
  /** `total` in US dollars. */
  totalInvestmentInterest!: { count: number; total: number };
  /** How many deals ever reached each state. */
  investmentFunnel!: { status: string; count: number }[];
  productionInterest!: { interest_type: string; count: number }[];
}

/** What a creator's pitches brought in. */
export class CreatorAnalytics {
  totalPitches!: number;
  /** US dollars of deals that reached FUNDED and did not fail afterwards. */
  totalInvestmentReceived!: number;
  activeDeals!: { investment: number; production: number };
  conversionRates!: { investmentToFunding: string };
}

/** Answer of `GET /api/workflows/analytics`. */
export class Analytics {
  success!: true;
  analytics!: { pitch?: PitchAnalytics; creator?: CreatorAnalytics };
}
