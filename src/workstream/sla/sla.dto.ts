import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { ITEM_TYPES, type ItemType } from '../../../machines/sla.js';
import { Digits } from '../../platform/paging.js';
import { IsDecimal, IsMoment, MayBeAbsent } from '../../platform/validation.js';
import { OrgId, OfOrg, NumberedPage, Pagination } from '../workstream.dto.js';

/** What can be waited for; `submit_sla` is another name of `response_sla` (R001-55). */
export const METRICS = ['triage_sla', 'proposal_sla', 'response_sla', 'stage_sla'] as const;
const YEAR_HOURS = 8_784;

/** How long something may be waited for. */
export class PutSlaRule {
  /** Must be the caller's own organisation; it is known without. */
  @OrgId() org_id?: string;
  @IsIn(ITEM_TYPES) item_type!: ItemType;
  @IsIn([...METRICS, 'submit_sla']) metric!: string;
  /** For `stage_sla`: the state that may last so long. */
  @IsOptional() @IsString() @Length(1, 40) stage?: string | null;
  /** Hours of the rule's clock. */
  @IsDecimal(2) @Min(0.01) @Max(YEAR_HOURS) threshold_hrs!: number;
  /** `business` counts the working hours of the tenant's calendar. */
  @MayBeAbsent() @IsIn(['wall', 'business']) clock: 'wall' | 'business' = 'wall';
  /** Share of the threshold after which the owner is warned, percent. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(99) warn_pct: number = 80;
  /** States of the item in which the clock stands still; for `proposal_sla` those of the pursuit. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(40, { each: true })
  pause_stages: string[] = [];
  @IsOptional() @IsMoment() active_from?: string | null;
  @IsOptional() @IsMoment() active_to?: string | null;
  @MayBeAbsent() @IsBoolean() is_active: boolean = true;
}

/** What of a rule may be changed; another matter is another rule. */
export class ChangeSlaRule {
  @MayBeAbsent() @IsDecimal(2) @Min(0.01) @Max(YEAR_HOURS) threshold_hrs?: number;
  @MayBeAbsent() @IsIn(['wall', 'business']) clock?: 'wall' | 'business';
  @MayBeAbsent() @IsInt() @Min(1) @Max(99) warn_pct?: number;
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(40, { each: true })
  pause_stages?: string[];
  @IsOptional() @IsMoment() active_to?: string | null;
  @MayBeAbsent() @IsBoolean() is_active?: boolean;
}

export class SlaRuleView {
  rule_id!: number;
  org_id!: number;
  item_type!: ItemType;
  metric!: string;
  stage!: string | null;
  threshold_hrs!: number;
  clock!: 'wall' | 'business';
  warn_pct!: number;
  pause_stages!: string[];
  active_from!: Date | null;
  active_to!: Date | null;
  is_active!: boolean;
  /** Grows with every change. */
  revision!: number;
  updated_at!: Date;
  updated_by!: string;
}

/** A rule, and the job that takes it to the clocks that run already. */
export class SlaRuleChanged extends SlaRuleView {
  job_id!: string;
}

export class SlaRuleList {
  data!: SlaRuleView[];
}

/** Query of breaches. */
export class ListBreaches extends NumberedPage {
  @MayBeAbsent() @IsIn(['open', 'resolved']) status?: 'open' | 'resolved';
  @MayBeAbsent() @IsIn(ITEM_TYPES) item_type?: ItemType;
  @MayBeAbsent() @Digits() @IsInt() @Min(1) item_id?: number;
  @MayBeAbsent() @IsIn(METRICS) metric?: string;
}

export class BreachView {
  breach_id!: number;
  org_id!: number;
  item_type!: ItemType;
  item_id!: number;
  rule_id!: number;
  metric!: string;
  reason_code!: string;
  /** When the time was up. */
  due_at!: Date;
  breached_at!: Date;
  resolved_at!: Date | null;
  /** What resolved it, in the words of the item. */
  resolution!: string | null;
}

export class BreachList {
  data!: BreachView[];
  pagination!: Pagination;
}

/** Query of clocks. */
export class ListClocks extends NumberedPage {
  @MayBeAbsent() @IsIn(ITEM_TYPES) item_type?: ItemType;
  @MayBeAbsent() @Digits() @IsInt() @Min(1) item_id?: number;
  @MayBeAbsent() @IsIn(['running', 'paused', 'breached', 'met', 'resolved', 'withdrawn']) state?: string;
}

export class ClockView {
  clock_id!: number;
  /** The instance behind it: its history says all that happened. */
  workflow_instance_id!: string;
  rule_id!: number;
  metric!: string;
  item_type!: ItemType;
  item_id!: number;
  state!: string;
  started_at!: Date;
  warn_at!: Date;
  due_at!: Date;
  breached_at!: Date | null;
  ended_at!: Date | null;
  reason!: string | null;
}

export class ClockList {
  data!: ClockView[];
  pagination!: Pagination;
}

export class PauseClock {
  /** Why time stands still. */
  @IsString() @Length(1, 200) reason!: string;
}

/** Query of the compliance report: clocks that were due from `from` (30 days ago) until `to` (now). */
export class ComplianceQuery extends OfOrg {
  @MayBeAbsent() @IsMoment() from?: string;
  @MayBeAbsent() @IsMoment() to?: string;
}

export class ComplianceRow {
  rule_id!: number;
  item_type!: ItemType;
  metric!: string;
  threshold_hrs!: number;
  /** Dealt with in time. */
  met!: number;
  /** Not dealt with in time. */
  breached!: number;
  /** Of those breached. */
  still_open!: number;
  /** Met of all that were due, percent; null when nothing was. */
  compliance_pct!: number | null;
  /** From the start to the end of those that ended, hours by the wall. */
  average_hours!: number | null;
}

export class Compliance {
  from!: Date;
  to!: Date;
  data!: ComplianceRow[];
  /** Over all rules, percent; null when nothing was due. */
  compliance_pct!: number | null;
}

/** An answer of the prospect. */
export class LogResponse {
  @IsOptional() @IsString() @MaxLength(1_000) note?: string | null;
  /** Now when left out. */
  @MayBeAbsent() @IsMoment() received_at?: string;
}

export class ResponseView {
  response_id!: number;
  pursuit_id!: number;
  received_at!: Date;
  note!: string | null;
  logged_by!: string;
}
