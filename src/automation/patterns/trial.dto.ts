import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsObject, IsString, Max, MaxLength, Min, MinLength, ValidateNested } from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { MayBeAbsent } from '../../platform/validation.js';

/** The year 2286. */
const LATEST_MS = 9_999_999_999_999;

/** A time, both ends milliseconds since 1970. */
export class TimeRange {
  @IsInt() @Min(0) @Max(LATEST_MS) start!: number;
  @IsInt() @Min(0) @Max(LATEST_MS) end!: number;
}

/** Body of `POST /api/automation/patterns/test`. */
export class TestPattern {
  /** As in `POST /api/automation/patterns`. */
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsObject() pattern!: { [name: string]: Json };
  @IsObject() @ValidateNested() @Type(() => TimeRange) timeRange!: TimeRange;
  /** The tenant of the credential; there is no other. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(64) accountId?: string;
}

/** What a pattern would have found. */
export class TrialView {
  /** How often it would have matched; of a query how many rows it has now. */
  matches!: number;
  /** The first 100: of a query its rows, else `{ timestamp, events, detail }`. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true }, maxItems: 100 })
  results!: { [name: string]: Json }[];
  /** Events that were looked at. */
  events!: number;
  /** There were more events than one trial looks at: the later ones were left out. */
  truncated!: boolean;
}

/** Answer of `POST /api/automation/patterns/test`. */
export class TrialAnswer {
  success!: boolean;
  data!: TrialView;
}
