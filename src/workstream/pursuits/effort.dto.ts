import { Max, Min } from 'class-validator';
import { IsDecimal, MayBeAbsent } from '../../platform/validation.js';
import { Clearable, Words } from '../workstream.dto.js';

const MOST_HOURS = 1_000_000;
const MOST_RATE = 100_000;

const Hours = (): PropertyDecorator => (target, field) => {
  IsDecimal(2)(target, String(field));
  Min(0)(target, String(field));
  Max(MOST_HOURS)(target, String(field));
};

/** Body of `POST /api/pursuits/:pursuit_id/cos` (R001-10). */
export class AddCost {
  @Words(100) role!: string;
  @Hours() hours!: number;
  /** US dollars an hour. */
  @IsDecimal(2) @Min(0) @Max(MOST_RATE) rate!: number;
  /** Where the figure is from. */
  @Clearable() @Words(100) source?: string | null;
}

/** An entry of the cost of sale. */
export class CostView {
  entry_id!: number;
  pursuit_id!: number;
  role!: string;
  hours!: number;
  rate!: number;
  /** Hours times rate, US dollars. */
  amount!: number;
  source!: string | null;
  created_at!: Date;
  created_by!: string;
}

/** The cost of sale of a pursuit. */
export class CostList {
  data!: CostView[];
  totals!: { cos_hours: number; cos_amount: number };
}

/** Body of `PUT /api/pursuits/:pursuit_id/estimates/:role` (R001-10). */
export class PutEstimate {
  @Hours() optimistic_hours!: number;
  /** Not less than optimistic. */
  @Hours() most_likely_hours!: number;
  /** Not less than most likely. */
  @Hours() pessimistic_hours!: number;
  /** 0 to 1, two decimals. */
  @MayBeAbsent() @IsDecimal(2) @Min(0) @Max(1) confidence?: number;
}

/** The estimate of a role, with what PERT expects: (o + 4m + p) / 6. */
export class EstimateView {
  pursuit_id!: number;
  role!: string;
  optimistic_hours!: number;
  most_likely_hours!: number;
  pessimistic_hours!: number;
  confidence!: number | null;
  /** Four decimals. */
  expected_hours!: number;
  updated_at!: Date;
}

/** The estimates of a pursuit. */
export class EstimateList {
  data!: EstimateView[];
  /** Expected hours of all roles together, and how far they may be off (standard deviation, hours). */
  totals!: { expected_hours: number; deviation_hours: number };
}
