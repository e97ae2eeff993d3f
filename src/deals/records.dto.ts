import { IsEmail, IsIn, IsString, Matches, Max, MaxLength, Min, MinLength, ValidateIf } from 'class-validator';
import { IsDecimal, IsMoment, MayBeAbsent } from '../platform/validation.js';

/** The field may be null, which is also what leaving it out means. */
const OrNull = (): PropertyDecorator => ValidateIf((_, value) => value !== null && value !== undefined);

const Name = (): PropertyDecorator => (target, field) => {
  IsString()(target, String(field));
  MinLength(1)(target, String(field));
  MaxLength(200)(target, String(field));
};

/** Body of `PUT /admin/investors/:id`. */
export class PutInvestor {
  @Name() name!: string;
  @IsEmail() email!: string;
  @IsIn(['verified', 'pending', 'unverified', 'rejected']) accreditationStatus!: string;
  @MayBeAbsent() @IsMoment() accreditationVerifiedAt?: string;
  /** US dollars a year; null without limit. */
  @OrNull() @IsDecimal(2) @Min(0) @Max(9_999_999_999.99) investmentLimit: number | null = null;
}

/** An investor as the tenant knows him. */
export class InvestorView extends PutInvestor {
  id!: string;
  /** US dollars, of completed deals in the running year. */
  totalInvestedYtd!: number;
}

/** Body of `PUT /admin/creators/:id`. */
export class PutCreator {
  @Name() name!: string;
  @IsEmail() email!: string;
  /** Connected account that transfers go to; null as long as there is none. */
  @OrNull() @Matches(/^acct_[\w-]{1,64}$/) stripeAccountId: string | null = null;
}

/** A creator as the tenant knows him. */
export class CreatorView extends PutCreator {
  id!: string;
}

/** Body of `PUT /admin/pitches/:id`. */
export class PutPitch {
  @Name() title!: string;
  @Matches(/^[A-Za-z0-9_.:-]{1,128}$/) creatorId!: string;
}

/** A pitch and what it has brought in. */
export class PitchView extends PutPitch {
  id!: string;
  /** US dollars. */
  totalFunded!: number;
  investorCount!: number;
  lastInvestmentAt!: Date | null;
  /** `in_production` or `completed`; null while nobody produces it (R000-61). */
  productionStatus!: string | null;
  productionCompanyId!: string | null;
  productionStartedAt!: Date | null;
}
