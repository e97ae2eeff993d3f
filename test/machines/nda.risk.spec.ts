import {
  assess,
  HOUSE_SCORECARD,
  LEGAL_REASONS,
  type NdaTerms,
  type RequesterRecord,
  type Scorecard,
} from '../../machines/nda.risk.js';
import { NOON } from '../support/given.js';
import { customTerms, DAY, known, plain } from '../support/nda.js';

const assessed = (terms: Partial<NdaTerms> = {}, requester: Partial<RequesterRecord> = {}, card = HOUSE_SCORECARD) =>
  assess(card, { ...plain, ...terms }, { ...known, ...requester }, NOON);

const pointsOf = (risk: ReturnType<typeof assess>, factor: string) => {
  const { category, points } = risk.factors.find((each) => each.factor === factor) ?? {};
  return [category, points];
};

describe('requester verification (R000-69, R000-70)', () => {
  const young = { accountSince: NOON - 7 * DAY + 1 };
  it.each<[string, number, Partial<RequesterRecord>]>([
    ['verified_email', 0, {}],
    ['verified_email', 0, { accountSince: NOON - 7 * DAY }],
    ['verified_email', 0, { accountSince: null }],
    ['verified_email', 0, { trustScore: 50 }],
    ['unverified_email', 10, { emailVerified: false }],
    ['new_account', 15, { ...young }],
    ['new_account', 15, { ...young, emailVerified: false }],
    ['suspicious_activity', 20, { trustScore: 49 }],
    ['suspicious_activity', 20, { ...young, emailVerified: false, isSuspicious: true }],
  ])('is %s, %i points, for %j', (category, points, requester) =>
    expect(pointsOf(assessed({}, requester), 'requesterVerification')).toEqual([category, points]),
  );
});

describe('template complexity (R000-69, R000-70)', () => {
  it.each<[string, number, Partial<NdaTerms>]>([
    ['standard', 0, {}],
    ['modified_standard', 10, { customTerms: customTerms(1) }],
    ['modified_standard', 10, { templateId: 'enhanced' }],
    ['custom', 20, { templateId: 'custom' }],
    ['custom', 20, { templateId: 'somebody-elses' }],
  ])('is %s, %i points, for %j', (category, points, terms) =>
    expect(pointsOf(assessed(terms), 'templateComplexity')).toEqual([category, points]),
  );
});

describe('custom terms (R000-69)', () => {
  it.each([
    [0, 0],
    [1, 5],
    [3, 5],
    [4, 10],
    [7, 10],
    [8, 20],
    [50, 20],
  ])('%i of them weigh %i points', (count, points) =>
    expect(pointsOf(assessed({ customTerms: customTerms(count) }), 'customTermsCount')[1]).toBe(points),
  );
});

describe('duration (R000-69, R000-70)', () => {
  it.each([
    [1, 5],
    [11, 5],
    [12, 0],
    [24, 0],
    [25, 10],
    [36, 10],
    [37, 15],
  ])('%i months weigh %i points', (durationMonths, points) =>
    expect(pointsOf(assessed({ durationMonths }), 'durationRisk')[1]).toBe(points),
  );
});

describe('territories (R000-69, R000-70)', () => {
  it.each<[string, number, string[]]>([
    ['domestic', 0, []],
    ['domestic', 0, ['US']],
    ['north_america', 5, ['US', 'CA']],
    ['north_america', 5, ['MX']],
    ['international', 10, ['US', 'FR']],
    ['restricted_countries', 15, ['US', 'KP']],
  ])('are %s, %i points, for %j', (category, points, territories) =>
    expect(pointsOf(assessed({ territories }), 'territorialComplexity')).toEqual([category, points]),
  );
});

describe('history (R000-69, R000-70)', () => {
  it.each<[string, number, Partial<RequesterRecord>]>([
    ['no_history', 0, {}],
    ['good_standing', -10, { honouredNdas: 1 }],
    ['violations', 10, { honouredNdas: 5, breaches: 1 }],
  ])('is %s, %i points, for %j', (category, points, requester) =>
    expect(pointsOf(assessed({}, requester), 'priorHistory')).toEqual([category, points]),
  );
});

describe('the score', () => {
  it('is the sum of the factors, each with its reason (R000-68)', () => {
    const { score, factors } = assessed(
      { templateId: 'custom', customTerms: customTerms(4), durationMonths: 6, territories: ['FR'] },
      { emailVerified: false },
    );
    expect(factors.map(({ points }) => points)).toEqual([10, 20, 10, 5, 10, 0]);
    expect(score).toBe(55);
    for (const { because } of factors) expect(because).toMatch(/^\w.+/);
  });

  it('is never below 0 and never above 100 (R000-69)', () => {
    expect(assessed({}, { honouredNdas: 3 }).score).toBe(0);
    const worst = assessed(
      { templateId: 'custom', customTerms: customTerms(8), durationMonths: 60, territories: ['KP'] },
      { isSuspicious: true, breaches: 2 },
    );
    expect(worst.score).toBe(100);
    const heavier = { ...HOUSE_SCORECARD.weights, priorHistory: { good_standing: 0, no_history: 0, violations: 90 } };
    expect(assessed({ templateId: 'custom' }, { breaches: 1 }, { ...HOUSE_SCORECARD, weights: heavier }).score).toBe(
      100,
    );
  });

  it.each([
    [0, 'AUTO_APPROVED', 'low'],
    [29, 'AUTO_APPROVED', 'low'],
    [30, 'CREATOR_REVIEW', 'medium'],
    [69, 'CREATOR_REVIEW', 'medium'],
    [70, 'LEGAL_REVIEW', 'high'],
    [100, 'LEGAL_REVIEW', 'high'],
  ])('%i leads to %s and is %s (R000-67, R000-72)', (points, route, level) => {
    const weights = { ...HOUSE_SCORECARD.weights, durationRisk: { standard: points, short: 0, long: 0, very_long: 0 } };
    expect(assessed({}, {}, { ...HOUSE_SCORECARD, weights })).toMatchObject({ score: points, route, level });
  });
});

describe('a tenant', () => {
  it('may draw the lines elsewhere, and every assessment names the scorecard it went by (R000-71)', () => {
    const card: Scorecard = { ...HOUSE_SCORECARD, version: 7, creatorReviewFrom: 5, legalReviewFrom: 10 };
    const risk = assessed({ durationMonths: 6 }, {}, card);
    expect(risk).toMatchObject({ scorecardVersion: 7, score: 5, level: 'medium', route: 'CREATOR_REVIEW' });
    expect(assessed({ durationMonths: 30 }, {}, card)).toMatchObject({ score: 10, route: 'LEGAL_REVIEW' });
  });

  it('may have another home and another list of restricted countries (R000-70)', () => {
    const card = { ...HOUSE_SCORECARD, homeCountry: 'FR', restrictedCountries: ['US'] };
    expect(pointsOf(assessed({ territories: ['FR'] }, {}, card), 'territorialComplexity')).toEqual(['domestic', 0]);
    expect(pointsOf(assessed({ territories: ['US'] }, {}, card), 'territorialComplexity')).toEqual([
      'restricted_countries',
      15,
    ]);
  });

  it.each<[(typeof LEGAL_REASONS)[number], Partial<NdaTerms>, Partial<RequesterRecord>]>([
    ['custom_template', { templateId: 'custom' }, {}],
    ['many_custom_terms', { customTerms: customTerms(4) }, {}],
    ['many_territories', { territories: ['US', 'CA', 'MX', 'FR', 'DE', 'IT'] }, {}],
    ['prior_breach', {}, { breaches: 1 }],
  ])('may send %s to legal whatever the score, and nobody else does (R000-71)', (reason, terms, requester) => {
    expect(assessed(terms, requester).route).toBe('AUTO_APPROVED');
    const risk = assessed(terms, requester, { ...HOUSE_SCORECARD, forceLegalReview: [reason] });
    expect(risk).toMatchObject({ route: 'LEGAL_REVIEW', legalReasons: [expect.any(String)] });
    expect(risk.score).toBeLessThan(30);
  });

  it('sends nothing to legal for what does not apply (R000-71)', () =>
    expect(assessed({}, {}, { ...HOUSE_SCORECARD, forceLegalReview: [...LEGAL_REASONS] }).route).toBe('AUTO_APPROVED'));
});

describe('a thousand requests', () => {
  const each = <T>(options: readonly T[], seed: number) => options[seed % options.length] as T;
  const requests = Array.from({ length: 1_000 }, (_, n) => ({
    terms: {
      templateId: each(['standard', 'standard', 'enhanced', 'custom', 'theirs'], n),
      durationMonths: each([6, 11, 12, 24, 25, 36, 37, 60], n * 7),
      customTerms: customTerms(each([0, 0, 1, 3, 4, 7, 8, 12], n * 11)),
      territories: each([[], ['US'], ['US', 'MX'], ['FR', 'DE'], ['KP'], ['US', 'SY']], n * 13),
    },
    requester: {
      ...known,
      emailVerified: n % 3 !== 0,
      isSuspicious: n % 17 === 0,
      accountSince: NOON - each([1, 6, 7, 8, 400], n * 3) * DAY,
      trustScore: each([null, 10, 49, 50, 90], n * 19),
      breaches: n % 23 === 0 ? 1 : 0,
      honouredNdas: n % 5,
    },
  }));

  /** The requirement once more, written down in another way. */
  const expected = ({ terms, requester }: (typeof requests)[number]) => {
    const terms_ = Object.keys(terms.customTerms).length;
    const days = (NOON - requester.accountSince) / DAY;
    const suspicious = requester.isSuspicious || (requester.trustScore !== null && requester.trustScore < 50);
    const points = [
      suspicious ? 20 : days < 7 ? 15 : requester.emailVerified ? 0 : 10,
      !['standard', 'enhanced'].includes(terms.templateId) ? 20 : terms.templateId === 'enhanced' || terms_ ? 10 : 0,
      terms_ >= 8 ? 20 : terms_ >= 4 ? 10 : terms_ >= 1 ? 5 : 0,
      terms.durationMonths > 36 ? 15 : terms.durationMonths > 24 ? 10 : terms.durationMonths < 12 ? 5 : 0,
      terms.territories.some((code) => ['KP', 'SY'].includes(code))
        ? 15
        : terms.territories.includes('FR')
          ? 10
          : terms.territories.includes('MX')
            ? 5
            : 0,
      requester.breaches ? 10 : requester.honouredNdas ? -10 : 0,
    ];
    const score = Math.min(
      100,
      Math.max(
        0,
        points.reduce((sum, each_) => sum + each_, 0),
      ),
    );
    return { score, route: score < 30 ? 'AUTO_APPROVED' : score < 70 ? 'CREATOR_REVIEW' : 'LEGAL_REVIEW' };
  };

  it('are scored and routed as the formula says (R000-65 to R000-70)', () => {
    const routes = new Map<string, number>();
    for (const each_ of requests) {
      const { score, route } = assess(HOUSE_SCORECARD, each_.terms, each_.requester, NOON);
      expect({ score, route }).toEqual(expected(each_));
      routes.set(route, (routes.get(route) ?? 0) + 1);
    }
    expect([...routes.keys()].sort()).toEqual(['AUTO_APPROVED', 'CREATOR_REVIEW', 'LEGAL_REVIEW']);
  });
});
