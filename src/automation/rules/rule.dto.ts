import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { PageQuery } from '../../platform/paging.js';
import { MayBeAbsent, VISIBLE } from '../../platform/validation.js';
import { PERIODS, type Period } from './rule.js';

const MOST_ACTIONS = 10;
const MOST_EVENT_TYPES = 20;
const MOST_FIRINGS = 100_000;

/** The field may be left out or null; null takes away what was there. */
const Removable = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_, value) => value !== undefined && value !== null),
    ApiPropertyOptional({ nullable: true }),
  );

/** When a rule is due by itself: either a cron expression or a recurrence, in a time zone. */
export class ScheduleBody {
  /** Minute, hour, day of the month, month, day of the week: `0 9 * * 1-5`. */
  @MayBeAbsent() @IsString() @MinLength(9) @MaxLength(200) cron?: string;
  /** RFC 5545, daily or rarer: `FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0`. */
  @MayBeAbsent() @IsString() @MinLength(6) @MaxLength(500) rrule?: string;
  /** IANA name; UTC when left out. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(64) timezone?: string;
}

/** What sets a rule off. */
export class TriggerBody {
  /** Names, the beginning of a name and `*`, or `*`. */
  @ApiPropertyOptional({ type: [String], maxItems: MOST_EVENT_TYPES })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_EVENT_TYPES)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  event_types?: string[];

  @Removable() @IsObject() @ValidateNested() @Type(() => ScheduleBody) schedule?: ScheduleBody | null;
}

/** How often a rule may fire. */
export class ThrottleBody {
  @IsIn(PERIODS) per!: Period;
  @IsInt() @Min(1) @Max(MOST_FIRINGS) limit!: number;
}

/** Something to be done. */
export class ActionBody {
  /** A name of the catalogue: `comms.send_email`. */
  @IsString() @Matches(/^[a-z_]{1,40}\.[a-z_]{1,60}$/) type!: string;
  /** As the catalogue says; texts may have holes: `{{payload.x}}`. */
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsObject() params!: { [name: string]: Json };
}

const Name = (): PropertyDecorator =>
  applyDecorators(IsString(), MinLength(1), MaxLength(200), Matches(VISIBLE, { message: 'name must not be blank' }));

const Acts = (): PropertyDecorator =>
  applyDecorators(
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(MOST_ACTIONS),
    IsObject({ each: true }),
    ValidateNested({ each: true }),
    Type(() => ActionBody),
  );

/** Body of `POST /api/automation/rules` (R001-75). */
export class CreateRule {
  @Name() name!: string;
  /** True when left out. */
  @MayBeAbsent() @IsBoolean() is_enabled?: boolean;
  @ValidateNested() @IsObject() @Type(() => TriggerBody) trigger!: TriggerBody;
  /** JSON-logic, and `{"regex":[text, pattern]}`; null and left out are always true. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsObject()
  conditions?: { [name: string]: Json } | null;

  @Removable() @IsObject() @ValidateNested() @Type(() => ThrottleBody) throttle?: ThrottleBody | null;
  /** Done in this order; one that fails holds up none of the others. */
  @ApiProperty({ type: () => [ActionBody] }) @Acts() actions!: ActionBody[];
}

/** Body of `PATCH /api/automation/rules/:rule_id`: what is left out stays. */
export class ChangeRule {
  @MayBeAbsent() @Name() name?: string;
  @MayBeAbsent() @IsBoolean() is_enabled?: boolean;
  @MayBeAbsent() @ValidateNested() @IsObject() @Type(() => TriggerBody) trigger?: TriggerBody;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsObject()
  conditions?: { [name: string]: Json } | null;

  @Removable() @IsObject() @ValidateNested() @Type(() => ThrottleBody) throttle?: ThrottleBody | null;
  @ApiPropertyOptional({ type: () => [ActionBody] }) @MayBeAbsent() @Acts() actions?: ActionBody[];
}

/** Query of `GET /api/automation/rules`. */
export class ListRules extends PageQuery {
  @IsOptional() @IsIn(['true', 'false']) is_enabled?: 'true' | 'false';
  /** Rules that name this event or pattern. */
  @IsOptional() @IsString() @MaxLength(100) event_type?: string;
}

/** When a rule is due by itself, and was last. */
export class RuleScheduleView {
  cron!: string | null;
  rrule!: string | null;
  timezone!: string;
  /** Null when it is not due again. */
  next_at!: Date | null;
  last_due_at!: Date | null;
}

/** A rule (R001-75). */
export class RuleView {
  rule_id!: number;
  name!: string;
  is_enabled!: boolean;
  /** Event types in canonical form. */
  trigger!: { event_types: string[]; schedule: RuleScheduleView | null };
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) conditions!: Json;
  throttle!: { per: string; limit: number } | null;
  @ApiProperty({ type: () => [ActionBody] }) actions!: ActionBody[];
  /** Grows with every change. */
  revision!: number;
  /** Who wrote it last: its actions are done with his rights. */
  owner_id!: string;
  created_at!: Date;
  updated_at!: Date;
}

/** Answer of `GET /api/automation/rules`. */
export class RulePage {
  @ApiProperty({ type: () => [RuleView] }) data!: RuleView[];
  nextCursor!: string | null;
}

/** Answer of `DELETE`. */
export class RuleDeleted {
  deleted!: number;
}
