import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';

/** Body of `POST /api/automation/events`. */
export class SubmitAutomationEvent {
  /** `pursuit.won`; other spellings of a name are translated (`Workstream.PursuitWon`). */
  @IsString() @MinLength(3) @MaxLength(100) event_type!: string;
  /** At most 32 KB. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  payload?: { [name: string]: Json };

  /** The same key within 24 hours is the same event, whatever else it says. */
  @MayBeAbsent() @IsString() @Matches(/^[\x21-\x7e]{1,200}$/) dedupe_key?: string;
  /** When it happened; now when left out. */
  @MayBeAbsent() @IsMoment() occurred_at?: string;
}

/** A rule that an event has set off. */
export class FiredRule {
  rule_id!: number;
  name!: string;
}

/** Answer of `POST /api/automation/events`. */
export class AutomationEventAccepted {
  event_id!: string;
  /** Canonical. */
  event_type!: string;
  /** True when it was known, and nothing was done. */
  duplicate!: boolean;
  /** The rules that it has set off. */
  @ApiProperty({ type: () => [FiredRule] }) fired!: FiredRule[];
}
