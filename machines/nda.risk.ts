/** How risky an NDA is, in points and in words (R000-68 to R000-72). Pure arithmetic over a scorecard that each tenant may set. */

const DAY_MS = 86_400_000;

/** The factors of an assessment, and what can be found for each (R000-69). */
interface Categories {
  requesterVerification: 'verified_email' | 'unverified_email' | 'new_account' | 'suspicious_activity';
  templateComplexity: 'standard' | 'modified_standard' | 'custom';
  customTermsCount: 'none' | 'few' | 'several' | 'many';
  durationRisk: 'standard' | 'short' | 'long' | 'very_long';
  territorialComplexity: 'domestic' | 'north_america' | 'international' | 'restricted_countries';
  priorHistory: 'good_standing' | 'no_history' | 'violations';
}
/** Points for each category of each factor. */
export type Weights = { [Factor in keyof Categories]: Record<Categories[Factor], number> };

/** What can send an NDA to legal whatever its score (R000-71). */
export const LEGAL_REASONS = ['custom_template', 'many_custom_terms', 'many_territories', 'prior_breach'] as const;
/** One of LEGAL_REASONS. */
export type LegalReason = (typeof LEGAL_REASONS)[number];

/** The rules of an assessment; an NDA keeps those it began with. */
export interface Scorecard {
  version: number;
  weights: Weights;
  /** From this score on the creator decides; below it nobody has to (R000-67). */
  creatorReviewFrom: number;
  /** From this score on legal decides. */
  legalReviewFrom: number;
  /** ISO 3166-1 alpha-2. */
  homeCountry: string;
  restrictedCountries: string[];
  /** Younger accounts are new. */
  newAccountDays: number;
  /** Less trusted requesters are suspicious. */
  lowTrustBelow: number;
  forceLegalReview: LegalReason[];
}

/** What somebody wants to be bound by. */
export interface NdaTerms {
  templateId: string;
  durationMonths: number;
  customTerms: Record<string, unknown>;
  /** ISO 3166-1 alpha-2 countries that the NDA is about. */
  territories: string[];
}

/** What is known of somebody who asks for an NDA; null where nothing is. */
export interface RequesterRecord {
  emailVerified: boolean;
  /** When the account was made, milliseconds. */
  accountSince: number | null;
  isSuspicious: boolean;
  /** 0 to 100. */
  trustScore: number | null;
  /** Breaches and disputes so far. */
  breaches: number;
  /** Earlier NDAs that came into force. */
  honouredNdas: number;
}

/** One factor, with why it weighs what it weighs. */
export interface RiskFactor {
  factor: keyof Categories;
  category: string;
  points: number;
  because: string;
}

/** An assessment, with everything it took to come to it. */
export interface Risk {
  scorecardVersion: number;
  /** 0 to 100. */
  score: number;
  level: 'low' | 'medium' | 'high';
  factors: RiskFactor[];
  /** Why legal decides whatever the score; empty when the score alone does. */
  legalReasons: string[];
  route: Route;
}

/** The way through approval (R000-65). */
export type Route = 'AUTO_APPROVED' | 'CREATOR_REVIEW' | 'LEGAL_REVIEW';

/** Assesses an NDA. @param at the day of the assessment, milliseconds */
export function assess(card: Scorecard, terms: NdaTerms, requester: RequesterRecord, at: number): Risk {
  const factors = [
    verification(card, requester, at),
    template(card, terms),
    termsCount(card, terms),
    duration(card, terms),
    territory(card, terms),
    history(card, requester),
  ];
  const sum = factors.reduce((total, { points }) => total + points, 0);
  const score = Math.min(100, Math.max(0, sum));
  const legalReasons = reasonsForLegal(terms, requester).flatMap(({ reason, sentence }) =>
    card.forceLegalReview.includes(reason) ? [sentence] : [],
  );
  return {
    scorecardVersion: card.version,
    score,
    level: score < card.creatorReviewFrom ? 'low' : score < card.legalReviewFrom ? 'medium' : 'high',
    factors,
    legalReasons,
    route: routeOf(card, score, legalReasons),
  };
}

/** R000-67: 30 is the first score for the creator, 70 the first for legal. */
function routeOf(card: Scorecard, score: number, legalReasons: readonly string[]): Route {
  if (legalReasons.length > 0 || score >= card.legalReviewFrom) return 'LEGAL_REVIEW';
  return score >= card.creatorReviewFrom ? 'CREATOR_REVIEW' : 'AUTO_APPROVED';
}

/** Of everything that applies, what weighs most (R000-70). */
function verification({ weights, newAccountDays, lowTrustBelow }: Scorecard, who: RequesterRecord, at: number) {
  const { emailVerified, accountSince, isSuspicious, trustScore } = who;
  const isDistrusted = trustScore !== null && trustScore < lowTrustBelow;
  const isNew = accountSince !== null && at - accountSince < newAccountDays * DAY_MS;
  const weigh = weighing(weights, 'requesterVerification');
  const applying = [
    emailVerified
      ? weigh('verified_email', 'The e-mail address is verified')
      : weigh('unverified_email', 'The e-mail address is not verified'),
    ...(isNew ? [weigh('new_account', `The account is younger than ${newAccountDays} days`)] : []),
    ...(isDistrusted ? [weigh('suspicious_activity', `The trust score is ${trustScore}`)] : []),
    ...(isSuspicious ? [weigh('suspicious_activity', 'The account is marked as suspicious')] : []),
  ];
  return applying.reduce((heaviest, factor) => (factor.points > heaviest.points ? factor : heaviest));
}

/** Templates that are the standard one with changes of their own. */
const ENHANCED = 'enhanced';
const STANDARD = 'standard';

function template({ weights }: Scorecard, { templateId, customTerms }: NdaTerms): RiskFactor {
  const weigh = weighing(weights, 'templateComplexity');
  if (templateId === ENHANCED) return weigh('modified_standard', 'The template is the enhanced one');
  if (templateId !== STANDARD) return weigh('custom', `The template ${templateId} is a custom one`);
  return countOf(customTerms) === 0
    ? weigh('standard', 'The template is the standard one')
    : weigh('modified_standard', 'The standard template has custom terms');
}

/** R000-69: 1 to 3 are few, 4 to 7 several, 8 and more many. */
function termsCount({ weights }: Scorecard, { customTerms }: NdaTerms): RiskFactor {
  const count = countOf(customTerms);
  const category = count === 0 ? 'none' : count <= 3 ? 'few' : count <= 7 ? 'several' : 'many';
  return weighing(weights, 'customTermsCount')(category, `There are ${count} custom terms`);
}

/** R000-70: 24 months are standard, 36 long. */
function duration({ weights }: Scorecard, { durationMonths: months }: NdaTerms): RiskFactor {
  const category = months < 12 ? 'short' : months <= 24 ? 'standard' : months <= 36 ? 'long' : 'very_long';
  return weighing(weights, 'durationRisk')(category, `It is for ${months} months`);
}

const NORTH_AMERICA: ReadonlySet<string> = new Set(['US', 'CA', 'MX']);

function territory({ weights, homeCountry, restrictedCountries }: Scorecard, { territories }: NdaTerms): RiskFactor {
  const weigh = weighing(weights, 'territorialComplexity');
  const restricted = territories.filter((country) => restrictedCountries.includes(country));
  if (restricted.length > 0) return weigh('restricted_countries', `${restricted.join(', ')} is restricted`);
  if (territories.every((country) => country === homeCountry)) return weigh('domestic', 'It is for the home country');
  return territories.every((country) => NORTH_AMERICA.has(country))
    ? weigh('north_america', 'It is for North America')
    : weigh('international', `It is for ${territories.join(', ')}`);
}

function history({ weights }: Scorecard, { breaches, honouredNdas }: RequesterRecord): RiskFactor {
  const weigh = weighing(weights, 'priorHistory');
  if (breaches > 0) return weigh('violations', `There were ${breaches} breaches or disputes`);
  return honouredNdas > 0
    ? weigh('good_standing', `${honouredNdas} earlier NDAs came into force`)
    : weigh('no_history', 'There was no NDA before');
}

/** R000-71. */
const reasonsForLegal = (
  { templateId, customTerms, territories }: NdaTerms,
  { breaches }: RequesterRecord,
): { reason: LegalReason; sentence: string }[] => [
  ...(templateId === STANDARD || templateId === ENHANCED
    ? []
    : [{ reason: 'custom_template' as const, sentence: 'The template is a custom one' }]),
  ...(countOf(customTerms) > 3
    ? [{ reason: 'many_custom_terms' as const, sentence: 'There are more than 3 custom terms' }]
    : []),
  ...(territories.length > 5
    ? [{ reason: 'many_territories' as const, sentence: 'There are more than 5 territories' }]
    : []),
  ...(breaches > 0 ? [{ reason: 'prior_breach' as const, sentence: 'There was a breach before' }] : []),
];

const weighing =
  <Factor extends keyof Categories>(weights: Weights, factor: Factor) =>
  (category: Categories[Factor], because: string): RiskFactor => ({
    factor,
    category,
    points: weights[factor][category],
    because,
  });

const countOf = (customTerms: Record<string, unknown>): number => Object.keys(customTerms).length;

/** The scorecard of a tenant that has none of its own. */
export const HOUSE_SCORECARD: Scorecard = {
  version: 1,
  weights: {
    requesterVerification: { verified_email: 0, unverified_email: 10, new_account: 15, suspicious_activity: 20 },
    templateComplexity: { standard: 0, modified_standard: 10, custom: 20 },
    customTermsCount: { none: 0, few: 5, several: 10, many: 20 },
    durationRisk: { standard: 0, short: 5, long: 10, very_long: 15 },
    territorialComplexity: { domestic: 0, north_america: 5, international: 10, restricted_countries: 15 },
    priorHistory: { good_standing: -10, no_history: 0, violations: 10 },
  },
  creatorReviewFrom: 30,
  legalReviewFrom: 70,
  homeCountry: 'US',
  // Under comprehensive sanctions; a tenant's own lawyers know more.
  restrictedCountries: ['CU', 'IR', 'KP', 'SY'],
  newAccountDays: 7,
  lowTrustBelow: 50,
  forceLegalReview: [],
};
