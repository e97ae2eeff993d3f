import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Digits, PageQuery } from '../platform/paging.js';
import { IsMoment, MayBeAbsent } from '../platform/validation.js';

/** Body of `POST /api/instances/:id/events`. */
export class SendEvent {
  /** Event type, exactly as the lifecycle names it. */
  @IsString() @MaxLength(100) type!: string;
  @IsOptional() @IsObject() payload?: Record<string, unknown>;
}

/** Query of `GET /api/instances`. */
export class ListInstances extends PageQuery {
  @IsOptional() @IsString() @MaxLength(100) lifecycle?: string;
  @IsOptional() @IsString() @MaxLength(100) state?: string;
  @IsOptional() @IsIn(['active', 'done', 'failed', 'paused', 'quarantined']) status?: string;
  @IsOptional() @IsString() @MaxLength(100) tag?: string;
  /** User id of a party. */
  @IsOptional() @IsString() @MaxLength(128) party?: string;
  /** Part of an id, a party or a business key. */
  @IsOptional() @IsString() @MaxLength(128) text?: string;
  @IsOptional() @IsMoment() since?: string;
  @IsOptional() @IsMoment() until?: string;
}

/** Query of `GET /api/instances/:id/history`. */
export class ReadHistory {
  /** Rows behind this seq. */
  @IsOptional() @Digits() @IsInt() @Min(0) after?: number;
  @IsOptional() @Digits() @IsInt() @Min(1) @Max(200) limit?: number;
  /** The history as it was at this time. */
  @IsOptional() @IsMoment() at?: string;
}

/** Query of `GET /api/instances/:id/explain`. */
export class ExplainQuery {
  /** Event type; without it every event of the lifecycle is explained. */
  @IsOptional() @IsString() @MaxLength(100) event?: string;
  /** Payload to explain the event with, as JSON text. */
  @IsOptional() @IsString() @MaxLength(10_000) payload?: string;
}

/** Query of `GET /api/instances/:id/wait`. */
export class WaitQuery {
  /** State, `STATE.phase` or tag. */
  @IsString() @MaxLength(200) for!: string;
  /** `500ms`, `30s` …; at most 60 s, 30 s when left out. */
  @IsOptional() @Matches(/^\d{1,9}(ms|s|m)?$/) timeout?: string;
}

/** How a job is supposed to fail. */
export class SupposedError {
  @MayBeAbsent() @IsString() @MaxLength(200) code: string = 'FAILED';
  @MayBeAbsent() @IsString() @MaxLength(1_000) message: string = '';
}

/** One thing that is supposed to happen: an event, the answer of a job, or time passing. */
export class SupposedItem {
  /** Event type. */
  @MayBeAbsent() @IsString() @MaxLength(100) type?: string;
  @MayBeAbsent() @IsObject() payload?: Record<string, unknown>;
  /** Id of the job that answers. */
  @MayBeAbsent() @IsString() @MaxLength(200) job?: string;
  /** What the job brings, any JSON. */
  @Allow() output?: unknown;
  /** Why it fails instead. */
  @MayBeAbsent() @IsObject() @ValidateNested() @Type(() => SupposedError) error?: SupposedError;
  /** Time that passes: `90s`, `48h`, `3d`. */
  @MayBeAbsent() @IsString() @MaxLength(20) advance?: string;
}

/** Body of `POST /api/instances/:id/simulate`. */
export class Simulate {
  /** Events (`{type, payload}`), answers of jobs (`{job, output}` or `{job, error}`) and time (`{advance: "3d"}`), in order. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(50)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => SupposedItem)
  events: SupposedItem[] = [];
  /** Time that passes after the last event. */
  @MayBeAbsent() @IsString() @MaxLength(20) advance?: string;
}
