import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { PageQuery } from '../../platform/paging.js';
import { MayBeAbsent } from '../../platform/validation.js';

/** Time ranges, in hours. */
export const RANGES = { 'last-hour': 1, 'last-6-hours': 6, 'last-24-hours': 24 } as const;
/** A time range that can be asked for. */
export type Range = keyof typeof RANGES;

class ProcessingTime {
  p50!: number | null;
  p95!: number | null;
  p99!: number | null;
}

/** Answer of `GET /api/events/metrics`. */
export class EventFigures {
  /** Events that were ever counted. */
  total_events!: number;
  pending!: number;
  delivered!: number;
  failed!: number;
  /** Runs under way. */
  queue_depth!: number;
  /** Dead letters that wait for somebody. */
  dlq_count!: number;
  last_processed_at!: Date | null;
  last_failure_at!: Date | null;
  /** Events delivered per second in the last minute. */
  processing_rate!: number;
  last_processing_time_ms!: number | null;
  /** Milliseconds from the start of a run to its delivery, of the last 1,000. */
  @ApiProperty({ type: () => ProcessingTime }) processing_time!: ProcessingTime;
}

/** Query of `GET /api/metrics/history`. */
export class HistoryQuery extends PageQuery {
  @IsOptional() @IsIn(Object.keys(RANGES)) time_range?: Range;
  /** `latency_p95`, `error_rate`, `throughput`, `events_total`, … */
  @IsOptional() @IsString() @Matches(/^[a-z0-9_:]{1,50}$/) metric_type?: string;
}

/** A figure of the past. */
export class PastFigureView {
  metric_id!: number;
  metric_type!: string;
  /** The route, or `pipeline`. */
  endpoint!: string;
  value!: number;
  unit!: string;
  timestamp!: Date;
  data_points!: number;
  /** 0 to 1: how many data points it rests on, of those that are looked at. */
  confidence!: number;
}

/** Answer of `GET /api/metrics/history`, newest first. */
export class HistoryPage {
  time_range!: Range;
  @ApiProperty({ type: () => [PastFigureView] }) data!: PastFigureView[];
  nextCursor!: string | null;
  timestamp!: string;
}

/** Body of `POST /admin/cleanup`; may be left out. */
export class CleanUp {
  /** Why, for the audit. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(1_000) reason?: string;
}

/** Answer of `POST /admin/cleanup`. */
export class CleanedUp {
  /** Events that were taken away. */
  deleted!: number;
  delivered!: number;
  failed!: number;
  timestamp!: string;
}
