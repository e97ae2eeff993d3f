import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsISO31661Alpha2,
  IsObject,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { HOUSE_SCORECARD, LEGAL_REASONS, type LegalReason, type Weights } from '../../../machines/nda.risk.js';

const { weights: WEIGHTS } = HOUSE_SCORECARD;

/** Points within the bounds of a factor (R000-68). */
const Points =
  (least: number, most: number): PropertyDecorator =>
  (target, field) => {
    IsInt()(target, String(field));
    Min(least)(target, String(field));
    Max(most)(target, String(field));
  };

/** Points for what is known of the requester's account, 0 to 20. */
export class VerificationWeights implements Record<keyof Weights['requesterVerification'], number> {
  @Points(0, 20) verified_email: number = WEIGHTS.requesterVerification.verified_email;
  @Points(0, 20) unverified_email: number = WEIGHTS.requesterVerification.unverified_email;
  @Points(0, 20) new_account: number = WEIGHTS.requesterVerification.new_account;
  @Points(0, 20) suspicious_activity: number = WEIGHTS.requesterVerification.suspicious_activity;
}
/** Points for the template, 0 to 20. */
export class TemplateWeights implements Record<keyof Weights['templateComplexity'], number> {
  @Points(0, 20) standard: number = WEIGHTS.templateComplexity.standard;
  @Points(0, 20) modified_standard: number = WEIGHTS.templateComplexity.modified_standard;
  @Points(0, 20) custom: number = WEIGHTS.templateComplexity.custom;
}
/** Points for the number of custom terms (none, 1 to 3, 4 to 7, 8 and more), 0 to 20. */
export class TermsWeights implements Record<keyof Weights['customTermsCount'], number> {
  @Points(0, 20) none: number = WEIGHTS.customTermsCount.none;
  @Points(0, 20) few: number = WEIGHTS.customTermsCount.few;
  @Points(0, 20) several: number = WEIGHTS.customTermsCount.several;
  @Points(0, 20) many: number = WEIGHTS.customTermsCount.many;
}
/** Points for the duration (12 to 24 months, less, up to 36, more), 0 to 15. */
export class DurationWeights implements Record<keyof Weights['durationRisk'], number> {
  @Points(0, 15) standard: number = WEIGHTS.durationRisk.standard;
  @Points(0, 15) short: number = WEIGHTS.durationRisk.short;
  @Points(0, 15) long: number = WEIGHTS.durationRisk.long;
  @Points(0, 15) very_long: number = WEIGHTS.durationRisk.very_long;
}
/** Points for the territories, 0 to 15. */
export class TerritoryWeights implements Record<keyof Weights['territorialComplexity'], number> {
  @Points(0, 15) domestic: number = WEIGHTS.territorialComplexity.domestic;
  @Points(0, 15) north_america: number = WEIGHTS.territorialComplexity.north_america;
  @Points(0, 15) international: number = WEIGHTS.territorialComplexity.international;
  @Points(0, 15) restricted_countries: number = WEIGHTS.territorialComplexity.restricted_countries;
}
/** Points for what was before, -10 to 10. */
export class HistoryWeights implements Record<keyof Weights['priorHistory'], number> {
  @Points(-10, 10) good_standing: number = WEIGHTS.priorHistory.good_standing;
  @Points(-10, 10) no_history: number = WEIGHTS.priorHistory.no_history;
  @Points(-10, 10) violations: number = WEIGHTS.priorHistory.violations;
}

/** A group of weights of its own. */
const Nested =
  (Shape: new () => object): PropertyDecorator =>
  (target, field) => {
    Type(() => Shape)(target, String(field));
    IsObject()(target, String(field));
    ValidateNested()(target, String(field));
  };

/** Points for each finding. */
export class ScorecardWeights implements Weights {
  @Nested(VerificationWeights) requesterVerification: VerificationWeights = new VerificationWeights();
  @Nested(TemplateWeights) templateComplexity: TemplateWeights = new TemplateWeights();
  @Nested(TermsWeights) customTermsCount: TermsWeights = new TermsWeights();
  @Nested(DurationWeights) durationRisk: DurationWeights = new DurationWeights();
  @Nested(TerritoryWeights) territorialComplexity: TerritoryWeights = new TerritoryWeights();
  @Nested(HistoryWeights) priorHistory: HistoryWeights = new HistoryWeights();
}

/** Legal begins where the creator ends, or above. */
const NotBelowTheCreator = (): PropertyDecorator => (target, field) =>
  ValidateBy({
    name: 'notBelowTheCreator',
    validator: {
      validate: (value: unknown, args) => Number(value) >= (args?.object as PutScorecard).creatorReviewFrom,
      defaultMessage: () => '$property must not be less than creatorReviewFrom',
    },
  })(target, String(field));

/** Body of `PUT /admin/settings/nda-scorecard`: the whole of it; what is left out is as in the house's own (R000-71). */
export class PutScorecard {
  @Nested(ScorecardWeights) weights: ScorecardWeights = new ScorecardWeights();
  /** From this score on the creator decides. */
  @IsInt() @Min(0) @Max(101) creatorReviewFrom: number = HOUSE_SCORECARD.creatorReviewFrom;
  /** From this score on legal decides. */
  @IsInt() @Min(0) @Max(101) @NotBelowTheCreator() legalReviewFrom: number = HOUSE_SCORECARD.legalReviewFrom;
  /** ISO 3166-1 alpha-2. */
  @Matches(/^[A-Z]{2}$/) @IsISO31661Alpha2() homeCountry: string = HOUSE_SCORECARD.homeCountry;
  /** ISO 3166-1 alpha-2; the tenant's own list of sanctions. */
  @IsArray()
  @ArrayMaxSize(250)
  @ArrayUnique()
  @IsISO31661Alpha2({ each: true })
  @Matches(/^[A-Z]{2}$/, { each: true })
  restrictedCountries: string[] = HOUSE_SCORECARD.restrictedCountries;
  /** Younger accounts are new, days. */
  @IsInt() @Min(0) @Max(3_650) newAccountDays: number = HOUSE_SCORECARD.newAccountDays;
  /** Less trusted requesters are suspicious. */
  @IsInt() @Min(0) @Max(101) lowTrustBelow: number = HOUSE_SCORECARD.lowTrustBelow;
  /** What legal decides on whatever the score. */
  @IsArray() @ArrayUnique() @IsIn(LEGAL_REASONS, { each: true }) forceLegalReview: LegalReason[] =
    HOUSE_SCORECARD.forceLegalReview;
}

/** A scorecard under the version that NDAs name. */
export class ScorecardView extends PutScorecard {
  version!: number;
}

/** A scorecard with its origin. */
export class ScorecardVersion {
  card!: ScorecardView;
  /** Null for the house's own. */
  createdAt!: Date | null;
  createdBy!: string | null;
}

/** Answer of `GET /admin/settings/nda-scorecard/versions`, newest first. */
export class ScorecardVersions {
  data!: ScorecardVersion[];
}
