import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsObject, Min, ValidateNested } from 'class-validator';
import { MayBeAbsent } from '../../platform/validation.js';
import { SubmitAutomationEvent } from '../events/event.dto.js';
import { CreateRule } from './rule.dto.js';

/** Body of `POST /api/automation/test`: a rule that is there, or one that is not yet, and an event. */
export class TryRule {
  @MayBeAbsent() @IsInt() @Min(1) rule_id?: number;
  @ApiPropertyOptional({ type: () => CreateRule })
  @MayBeAbsent()
  @ValidateNested()
  @IsObject()
  @Type(() => CreateRule)
  rule?: CreateRule;

  @ValidateNested() @IsObject() @Type(() => SubmitAutomationEvent) event!: SubmitAutomationEvent;
}

/** What would be done, with its holes filled. */
export class TriedAction {
  action_type!: string;
  kind!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) params!: object | null;
  /** What the action would refuse; empty when it would begin. Whether a gate is closed is known only when it is done. */
  @ApiProperty({ type: [String] }) objections!: string[];
}

/** Answer of `POST /api/automation/test`. Nothing was stored and nothing was done. */
export class RuleTried {
  /** True when this event would set the rule off now. */
  would_fire!: boolean;
  event_type!: string;
  /** The pattern that takes the event, or null. */
  matched_pattern!: string | null;
  is_enabled!: boolean;
  /** How the condition came out, part by part; `fault` when it could not be worked out. */
  @ApiProperty({ type: 'object', additionalProperties: true }) conditions!: {
    result: boolean;
    account: object | null;
    fault: string | null;
    steps: number;
  };
  /** Null when the rule may fire as often as it likes. */
  throttle!: { per: string; limit: number; used: number } | null;
  @ApiProperty({ type: () => [TriedAction] }) actions!: TriedAction[];
  /** One sentence. */
  explanation!: string;
}
