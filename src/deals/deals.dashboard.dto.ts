import { ApiProperty } from '@nestjs/swagger';
import { TimeInState } from './deals.analytics.dto.js';
import { DEAL_TYPES, type DealType } from './deals.kinds.js';

/** Deals of a kind, by how they stand. */
export class KindTotals {
  @ApiProperty({ enum: DEAL_TYPES }) type!: DealType;
  total!: number;
  /** Not over. */
  live!: number;
  /** Over. */
  ended!: number;
  /** Ended because something went wrong. */
  failed!: number;
}

/** Deals of a kind in a state. */
export class StateCount {
  @ApiProperty({ enum: DEAL_TYPES }) type!: DealType;
  status!: string;
  count!: number;
}

/** Deals that began, and that came to their end, within a span of time. */
export class Bucket {
  /** Its beginning. */
  at!: Date;
  begun!: number;
  ended!: number;
}

/** The last 24 hours, 7 days and 4 weeks; the last of each is the one that runs. */
export class Series {
  hours!: Bucket[];
  days!: Bucket[];
  weeks!: Bucket[];
}

/** How long deals took to come where they were meant to come, of those of the last 30 days; milliseconds. */
export class TimeToGoal {
  @ApiProperty({ enum: DEAL_TYPES }) type!: DealType;
  count!: number;
  p50Ms!: number;
  p95Ms!: number;
  p99Ms!: number;
  /** What 95 of 100 should not take longer than (R000-3). */
  slowAfterMs!: number;
}

/** How long deals took on average to come where they were meant to come, of those of the last 30 days, beside what is usual (R000-3). */
export class UsualDuration {
  @ApiProperty({ enum: DEAL_TYPES }) type!: DealType;
  /** NDAs are approved by nobody, or reviewed; null for deals that have one way only. */
  @ApiProperty({ enum: ['automatic', 'reviewed'], nullable: true }) way!: 'automatic' | 'reviewed' | null;
  count!: number;
  /** Milliseconds; null when none has come there. */
  averageMs!: number | null;
  usualFromMs!: number;
  usualToMs!: number;
}

/** How far deals of a kind came. */
export class DashboardStep {
  @ApiProperty({ enum: DEAL_TYPES }) type!: DealType;
  status!: string;
  /** Deals that ever were here. */
  count!: number;
  /** Of those that began. */
  conversion!: string;
  /** How long they stayed, of those that left; null when none did. */
  averageMs!: number | null;
}

/** Something that somebody should look at. */
export class DashboardAlert {
  @ApiProperty({ enum: ['warning', 'critical'] }) level!: 'warning' | 'critical';
  @ApiProperty({ enum: ['error_rate', 'active', 'success_rate', 'p95'] }) metric!: string;
  /** Null when it is about all of them. */
  @ApiProperty({ enum: DEAL_TYPES, nullable: true }) type!: DealType | null;
  value!: number;
  /** What was passed. */
  limit!: number;
}

/** Answer of `GET /admin/deals/dashboard`. */
export class Dashboard {
  /** When it was put together; it is kept for five minutes. */
  at!: string;
  byType!: KindTotals[];
  byState!: StateCount[];
  series!: Series;
  timeToGoal!: TimeToGoal[];
  durations!: UsualDuration[];
  timeInState!: TimeInState[];
  funnel!: DashboardStep[];
  alerts!: DashboardAlert[];
}
