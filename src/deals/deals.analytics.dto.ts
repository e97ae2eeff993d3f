import { Matches } from 'class-validator';
import { MayBeAbsent } from '../platform/validation.js';
import type { DealType } from './deals.kinds.js';

const ID = /^[A-Za-z0-9_.:-]{1,128}$/;
const NOT_AN_ID = { message: '$property must be 1 to 128 letters, digits or any of _ . : -' };

/** Query of `GET /api/workflows/analytics` (R000-21). */
export class AnalyticsQuery {
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) pitchId?: string;
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) creatorId?: string;
}

/** How many deals ever reached a state. */
export class FunnelStep {
  status!: string;
  count!: number;
}

/** How long deals stayed in a state, of those that have left it; milliseconds. */
export class TimeInState {
  type!: DealType;
  state!: string;
  count!: number;
  averageMs!: number;
  p50Ms!: number;
  p95Ms!: number;
  p99Ms!: number;
}

/** How many NDAs went which way. */
export class RouteCount {
  route!: string;
  count!: number;
}

/** How many NDAs were how risky. */
export class RiskCount {
  risk_level!: string;
  count!: number;
}

/** NDAs and their risk (R000-2, R000-21). */
export class NdaStats {
  total!: number;
  /** In force. */
  active!: number;
  /** Of those that were assessed; null while none was. */
  avg_risk_score!: number | null;
  /** Of those that were assessed, how many nobody had to approve. */
  automatic_share!: string;
  routes!: RouteCount[];
  risk_levels!: RiskCount[];
}

/** How many deals with an interest of a kind there are. */
export class InterestCount {
  interest_type!: string;
  count!: number;
}

/** What became of the interest in a pitch. */
export class PitchAnalytics {
  /** `total` in US dollars. */
  totalInvestmentInterest!: { count: number; total: number };
  /** How many deals ever reached each state. */
  investmentFunnel!: FunnelStep[];
  productionInterest!: InterestCount[];
  productionFunnel!: FunnelStep[];
  ndaFunnel!: FunnelStep[];
  ndaStats!: NdaStats;
  timeInState!: TimeInState[];
}

/** What a creator's pitches brought in. */
export class CreatorAnalytics {
  totalPitches!: number;
  /** US dollars of deals that reached FUNDED and did not fail afterwards. */
  totalInvestmentReceived!: number;
  activeDeals!: { investment: number; production: number; nda: number };
  conversionRates!: { investmentToFunding: string; interestToProduction: string; ndaToActive: string };
}

/** Answer of `GET /api/workflows/analytics`. */
export class Analytics {
  success!: true;
  analytics!: { pitch?: PitchAnalytics; creator?: CreatorAnalytics };
}
