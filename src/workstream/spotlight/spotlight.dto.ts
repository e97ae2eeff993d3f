import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { FIELD_TYPES, type FieldType, type Operator, type Recommendation } from '../../../machines/spotlight.types.js';
import { Digits } from '../../platform/paging.js';
import { IsDecimal, MayBeAbsent } from '../../platform/validation.js';
import { OrgId, OfOrg, NumberedPage, Pagination } from '../workstream.dto.js';

const MOST_POINTS = 1_000;
const MOST_WEIGHT = 100;

/** `off`: people ask it. `evaluate`: it judges each signal that comes in. `route`: it acts on the result, too. */
const AUTOMATIC = ['off', 'evaluate', 'route'] as const;
type Automatic = (typeof AUTOMATIC)[number];

/** What a field of a spotlight looks for, by field id. */
export type FieldValues = Readonly<Record<string, string | number | boolean | null>>;
/** Rules by field id, all of which must hold; they take the place of the value. */
export type FieldRules = Readonly<Record<string, readonly { operator: Operator; value: string | number | boolean }[]>>;

export class CreateSpotlight {
  /** Must be the caller's own organisation; it is known without. */
  @OrgId() org_id?: string;
  @IsString() @Length(1, 200) name!: string;
  /** The kind of business whose fields it uses: `technology`. */
  @IsString() @Length(1, 100) domain!: string;
  @IsOptional() @IsString() @MaxLength(2_000) description?: string | null;
  @MayBeAbsent() @IsBoolean() is_active: boolean = true;
  /** Whether it judges signals that come in by itself, and acts on the result (R001-73). */
  @MayBeAbsent() @IsIn(AUTOMATIC) automatic: Automatic = 'off';
  /** `{ fieldId: value }`. */
  @MayBeAbsent() @IsObject() field_values?: FieldValues;
  /** `{ fieldId: [{ operator, value }] }`. */
  @MayBeAbsent() @IsObject() field_rules?: FieldRules;
}

export class ChangeSpotlight {
  @OrgId() org_id?: string;
  @MayBeAbsent() @IsString() @Length(1, 200) name?: string;
  /** Another domain has other fields: values and rules of the old ones are dropped. */
  @MayBeAbsent() @IsString() @Length(1, 100) domain?: string;
  @IsOptional() @IsString() @MaxLength(2_000) description?: string | null;
  @MayBeAbsent() @IsBoolean() is_active?: boolean;
  /** Whether it judges signals that come in by itself, and acts on the result. */
  @MayBeAbsent() @IsIn(AUTOMATIC) automatic?: Automatic;
  /** `{ fieldId: value }`; null takes a value away. Others stay. */
  @MayBeAbsent() @IsObject() field_values?: FieldValues;
  /** `{ fieldId: [{ operator, value }] }`; an empty list takes the rules away. Others stay. */
  @MayBeAbsent() @IsObject() field_rules?: FieldRules;
}

export class CloneSpotlight {
  @OrgId() org_id?: string;
  @IsString() @Length(1, 200) name!: string;
}

export class ListSpotlights extends NumberedPage {
  @MayBeAbsent() @IsString() @MaxLength(100) domain?: string;
  @MayBeAbsent() @IsIn(['true', 'false', '1', '0']) active?: string;
  @MayBeAbsent() @Digits() @IsInt() @Min(1) @Max(200) override limit: number = 20;
}

export class SpotlightRow {
  spotlight_id!: number;
  org_id!: number;
  name!: string;
  domain!: string;
  description!: string | null;
  is_active!: boolean;
  automatic!: Automatic;
  /** Fields that it looks at. */
  field_count!: number;
  created_at!: Date;
  created_by!: string;
  updated_at!: Date;
}

/** A field and what the spotlight looks for in it. */
export class SpotlightCriterion {
  field_id!: number;
  field_name!: string;
  field_type!: FieldType;
  is_required!: boolean;
  component!: string | null;
  value!: string | null;
  rules!: { operator: Operator; value: string }[];
}

export class SpotlightView extends SpotlightRow {
  /** The instance behind it: its history says who did what to it. */
  workflow_instance_id!: string;
  fields!: SpotlightCriterion[];
}

export class SpotlightList {
  data!: SpotlightRow[];
  pagination!: Pagination;
}

export class CreateField {
  @OrgId() org_id?: string;
  @IsString() @Length(1, 100) domain!: string;
  /** As it is called in the data of signals. */
  @IsString() @Length(1, 100) field_name!: string;
  @IsIn(FIELD_TYPES) field_type!: FieldType;
  @MayBeAbsent() @IsBoolean() is_required: boolean = false;
  @MayBeAbsent() @IsInt() @Min(0) @Max(10_000) display_order: number = 0;
  /** For `enum`: what there is to choose from. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  enum_values?: string[] | null;
  /** The component of the weighted score that it feeds; told from its name when left out. */
  @IsOptional() @IsString() @Length(1, 60) component?: string | null;
}

export class FieldView {
  field_id!: number;
  org_id!: number;
  domain!: string;
  field_name!: string;
  field_type!: FieldType;
  is_required!: boolean;
  display_order!: number;
  enum_values!: string[] | null;
  component!: string | null;
}

export class ListFields extends NumberedPage {
  @MayBeAbsent() @IsString() @MaxLength(100) domain?: string;
}

export class FieldList {
  data!: FieldView[];
  pagination!: Pagination;
}

export class DomainView {
  domain!: string;
  spotlights!: number;
  active_spotlights!: number;
  fields!: number;
}

export class DomainList {
  data!: DomainView[];
}

export class Evaluate {
  @OrgId() org_id?: string;
  /** What is known, by field name; it comes before what a stored signal says. */
  @MayBeAbsent() @IsObject() signal_data?: Readonly<Record<string, unknown>>;
  /** A stored signal to evaluate. */
  @MayBeAbsent() @IsInt() @Min(1) signal_id?: number;
  /** Acts on the result: a candidate, nurture, a review by hand, or put away (R001-73). Needs `signal_id`. */
  @MayBeAbsent() @IsBoolean() route: boolean = false;
}

/** Answer of an evaluation (R001-69). */
export class EvaluationView {
  evaluation_id!: number;
  /** Matched of all fields, 0 to 1. */
  match_score!: number;
  matched_fields!: string[];
  total_fields!: number;
  recommendation!: Recommendation;
  /** What was done about it, or null. */
  route!: 'candidate' | 'nurture' | 'manual_review' | 'archive' | null;
  /** The candidate that the routing made, or null. */
  candidate_id!: number | null;
  signal_id!: number | null;
  evaluated_at!: Date;
  evaluated_by!: string;
}

export class Performance {
  spotlight_id!: number;
  /** The last ten. */
  evaluations!: EvaluationView[];
  total_evaluations!: number;
  /** Of all evaluations, 4 decimals; null when there are none. */
  average_match_score!: number | null;
}

export class ScoreComponentDto {
  @IsString() @Length(1, 60) name!: string;
  @IsDecimal(2) @Min(0) @Max(MOST_WEIGHT) weight!: number;
  /** Points when all of its fields match. */
  @MayBeAbsent() @IsDecimal(2) @Min(0) @Max(MOST_POINTS) points: number = 10;
}

export class PutComponents {
  @OrgId() org_id?: string;
  /** All components from now on; an empty list brings the product's own back. */
  @IsArray()
  @ArrayMaxSize(50)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ScoreComponentDto)
  components!: ScoreComponentDto[];
}

export class ComponentList {
  /** True when the spotlight has none of its own. */
  is_default!: boolean;
  data!: ScoreComponentDto[];
}

export class AnalyticsQuery extends OfOrg {
  @MayBeAbsent() @IsString() @MaxLength(100) domain?: string;
}

export class SpotlightFigures {
  spotlight_id!: number;
  name!: string;
  domain!: string;
  evaluations!: number;
  average_match_score!: number | null;
  high_match!: number;
  medium_match!: number;
  low_match!: number;
  no_match!: number;
  /** Candidates made by routing. */
  candidates!: number;
  last_evaluated_at!: Date | null;
}

export class SpotlightAnalytics {
  data!: SpotlightFigures[];
  total_evaluations!: number;
}
