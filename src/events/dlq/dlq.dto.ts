import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Matches, MaxLength, Min, MinLength } from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { Digits, PageQuery } from '../../platform/paging.js';
import { MayBeAbsent } from '../../platform/validation.js';
import type { Reason } from '../failing.js';
import { LETTER_STATUSES, type LetterStatus } from './letters.js';

/** Query of `GET /admin/dlq`. */
export class LetterQuery extends PageQuery {
  /** `open` waits for somebody, `replayed` has another run, `closed` was acknowledged. */
  @IsOptional() @IsIn(LETTER_STATUSES) status?: LetterStatus;
  @IsOptional() @IsString() @Matches(/^[A-Za-z0-9._:-]{1,255}$/) event_id?: string;
}

/** Address of a dead letter. */
export class LetterId {
  @Digits() @IsInt() @Min(1) id!: number;
}

/** Body of `POST /admin/dlq/{id}/replay`; may be left out. */
export class Replay {
  /** Why, for the audit. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(1_000) reason?: string;
}

class LetterError {
  code!: string;
  message!: string;
}

/** An event that could not be processed. */
export class LetterView {
  id!: number;
  event_id!: string;
  /** The run that failed. */
  run_id!: string;
  /** Its instance: `GET /api/instances/{instance_id}/history` has every step of it. */
  instance_id!: string;
  status!: LetterStatus;
  /** The step that was given up. */
  step!: string;
  reason!: Reason;
  @ApiProperty({ type: () => LetterError }) error!: LetterError;
  @ApiProperty({ description: 'As it was sent' }) payload!: Json;
  @ApiProperty({ description: 'As it was sent' }) metadata!: Json;
  correlation_id!: string;
  /** Tries of the step. */
  attempts!: number;
  /** Runs before this one. */
  retry_attempt!: number;
  /** When the event happened. */
  happened_at!: Date;
  failed_at!: Date;
  replayed_at!: Date | null;
}

/** Answer of `GET /admin/dlq`, newest first. */
export class LetterPage {
  /** What the operator calls them (`EVENT_DLQ`). */
  queue!: string;
  @ApiProperty({ type: () => [LetterView] }) data!: LetterView[];
  total!: number;
  nextCursor!: string | null;
}

/** Answer of `POST /admin/dlq/{id}/replay`. */
export class Replayed {
  id!: number;
  event_id!: string;
  run_id!: string;
  status!: 'replaying';
  retry_attempt!: number;
  timestamp!: string;
}
