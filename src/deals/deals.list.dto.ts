import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import { Digits } from '../platform/paging.js';
import { MayBeAbsent } from '../platform/validation.js';
import { DEAL_TYPES, type DealType } from './deals.kinds.js';

const ID = /^[A-Za-z0-9_.:-]{1,128}$/;
const NOT_AN_ID = { message: '$property must be 1 to 128 letters, digits or any of _ . : -' };

/** `true` and `false` of a query; everything else is left for the validators to refuse. */
const YesOrNo = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

/** Query of `GET /api/workflows/list` (R000-20). */
export class ListDeals {
  /** A party of the deals. */
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) userId?: string;
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) pitchId?: string;
  @MayBeAbsent() @IsIn(DEAL_TYPES) type?: DealType;
  /** Only deals that are not over and began in the last 30 days; needs neither userId nor pitchId (R000-94). */
  @MayBeAbsent() @YesOrNo() @IsBoolean() live?: boolean;
  /** From 1. */
  @MayBeAbsent() @Digits() @IsInt() @Min(1) @Max(1_000_000) page: number = 1;
  @MayBeAbsent() @Digits() @IsInt() @Min(1) @Max(50) limit: number = 50;
}

/** What deals of every kind have in a list. */
class CommonRow {
  id!: string;
  workflow_instance_id!: string;
  creator_id!: string;
  pitch_id!: string;
  pitch_title!: string | null;
  status!: string;
  reason_code!: string | null;
  compensation_status!: string;
  created_at!: Date;
  updated_at!: Date;
}

/** An investment in a list. */
export class InvestmentRow extends CommonRow {
  @ApiProperty({ enum: ['investment'] }) type!: 'investment';
  investor_id!: string;
  investor_name!: string | null;
  /** US dollars, decimal. */
  proposed_amount!: string;
  agreed_amount!: string | null;
  investment_type!: string;
}

/** A production deal in a list. */
export class ProductionRow extends CommonRow {
  @ApiProperty({ enum: ['production'] }) type!: 'production';
  production_company_id!: string;
  production_company_user_id!: string;
  company_name!: string | null;
  interest_type!: string;
  exclusivity_granted_at!: Date | null;
  exclusivity_expires_at!: Date | null;
  waitlisted_at!: Date | null;
}

/** An NDA in a list. */
export class NdaRow extends CommonRow {
  @ApiProperty({ enum: ['nda'] }) type!: 'nda';
  requester_id!: string;
  requester_type!: string;
  requester_name!: string;
  template_id!: string;
  duration_months!: number;
  /** Null for the requester, and until it is assessed. */
  risk_level!: 'low' | 'medium' | 'high' | null;
  risk_score!: number | null;
  effective_date!: Date | null;
  expiration_date!: Date | null;
}

/** A deal in a list. */
export type DealRow = InvestmentRow | ProductionRow | NdaRow;

/** Answer of `GET /api/workflows/list`; `total` counts all, not the page. */
@ApiExtraModels(InvestmentRow, ProductionRow, NdaRow)
export class DealList {
  success!: true;
  @ApiProperty({
    type: 'array',
    items: { oneOf: [InvestmentRow, ProductionRow, NdaRow].map((row) => ({ $ref: getSchemaPath(row) })) },
  })
  workflows!: DealRow[];
  total!: number;
  page!: number;
  limit!: number;
}
