import { componentOf, DEFAULT_COMPONENTS, evaluate, weigh } from '../../machines/spotlight.score.js';
import type { Criterion, FieldType, Operator } from '../../machines/spotlight.types.js';

const criterion = (
  field: string,
  type: FieldType,
  expected: string | null,
  more: Partial<Criterion> = {},
): Criterion => ({
  field,
  type,
  expected,
  required: false,
  rules: [],
  component: componentOf(field),
  ...more,
});
const matches = (type: FieldType, expected: string, given: unknown) =>
  evaluate([criterion('f', type, expected)], { f: given }).matchScore === 1;
const obeys = (type: FieldType, operator: Operator, value: string, given: unknown) =>
  evaluate([criterion('f', type, null, { rules: [{ operator, value }] })], { f: given }).matchScore === 1;

describe('a field of a spotlight (R001-70)', () => {
  it.each<[FieldType, string, unknown]>([
    ['text', 'software', 'Enterprise SOFTWARE vendor'],
    ['number', '50', 50],
    ['number', '50', '50.0'],
    ['boolean', 'true', true],
    ['boolean', 'False', false],
    ['enum', 'saas', 'SaaS'],
    ['date', '2026-03-01', '2026-03-01T00:00:00Z'],
    ['date', '2026-03-01T12:00:00+01:00', '2026-03-01T11:00:00Z'],
  ])('of type %s that looks for %s is matched by %p', (type, expected, given) =>
    expect(matches(type, expected, given)).toBe(true),
  );

  it.each<[FieldType, string, unknown]>([
    ['text', 'hardware', 'software'],
    ['number', '50', 51],
    ['number', '1', true],
    ['number', '0', ' '],
    ['boolean', 'true', 'yes'],
    ['enum', 'saas', 'saas platform'],
    ['date', '2026-03-01', '2026-03-02'],
    ['date', '2026-03-01', 'soon'],
  ])('of type %s that looks for %s is not matched by %p', (type, expected, given) =>
    expect(matches(type, expected, given)).toBe(false),
  );

  it.each<[FieldType, Operator, string, unknown, boolean]>([
    ['number', '>', '10', 11, true],
    ['number', '>', '10', 10, false],
    ['number', '>=', '10', 10, true],
    ['number', '<', '10', 9, true],
    ['number', '<=', '10', 11, false],
    ['number', '!=', '10', 11, true],
    ['text', '=', 'Berlin', 'berlin', true],
    ['text', '=', 'Berlin', 'West Berlin', false],
    ['text', 'contains', 'berlin', 'West Berlin', true],
    ['text', 'contains', 'react', ['React', 'Node'], true],
    ['date', '>', '2026-01-01', '2026-01-02', true],
    ['number', '>', '10', 'many', false],
    ['number', '!=', '10', 'many', false],
  ])('of type %s with the rule %s %s says of %p: %p', (type, operator, value, given, expected) =>
    expect(obeys(type, operator, value, given)).toBe(expected),
  );

  it('with several rules needs all of them', () => {
    const between = criterion('size', 'number', null, {
      rules: [
        { operator: '>=', value: '10' },
        { operator: '<=', value: '100' },
      ],
    });
    expect([5, 10, 100, 101].map((size) => evaluate([between], { size }).matchScore)).toEqual([0, 1, 1, 0]);
  });

  it('takes 0 and false for answers and nothing else for missing (R001-71)', () => {
    expect(matches('number', '0', 0)).toBe(true);
    expect(matches('boolean', 'false', false)).toBe(true);
    for (const nothing of [undefined, null, ''])
      expect(evaluate([criterion('f', 'text', '')], { f: nothing }).fields).toEqual([
        { field: 'f', matched: false, missing: true },
      ]);
  });

  it('is not to be had from what every object inherits', () =>
    expect(evaluate([criterion('constructor', 'text', 'function')], {}).fields[0]?.missing).toBe(true));
});

describe('the result of an evaluation (R001-70, R001-71)', () => {
  const fields = (count: number, required = -1) =>
    Array.from({ length: count }, (_, at) => criterion(`f${at}`, 'number', '1', { required: at === required }));
  const known = (matched: number) => Object.fromEntries(Array.from({ length: matched }, (_, at) => [`f${at}`, 1]));

  it.each([
    [4, 5, 0.8, 'high_match'],
    [3, 4, 0.75, 'medium_match'],
    [3, 5, 0.6, 'medium_match'],
    [2, 3, 0.6667, 'medium_match'],
    [2, 5, 0.4, 'low_match'],
    [1, 3, 0.3333, 'no_match'],
    [0, 0, 0, 'no_match'],
  ])('of %d of %d fields is %d, a %s', (matched, total, matchScore, recommendation) =>
    expect(evaluate(fields(total), known(matched))).toMatchObject({
      matchScore,
      totalFields: total,
      matchedFields: Object.keys(known(matched)),
      recommendation,
    }),
  );

  it('is at most low when a required field fails', () => {
    expect(evaluate(fields(5, 4), known(4))).toMatchObject({ matchScore: 0.8, recommendation: 'low_match' });
    expect(evaluate(fields(5, 0), known(4))).toMatchObject({ matchScore: 0.8, recommendation: 'high_match' });
    expect(evaluate(fields(5, 4), known(1))).toMatchObject({ recommendation: 'no_match' });
  });
});

describe('the weighted score (R001-72)', () => {
  const criteria = [
    criterion('industry', 'enum', 'fintech'),
    criterion('annual_budget', 'number', null, { rules: [{ operator: '>=', value: '50000' }] }),
    criterion('country', 'enum', 'de'),
    criterion('region', 'text', 'bavaria'),
    criterion('nickname', 'text', 'x'),
  ];

  it('has the default weights', () =>
    expect(Object.fromEntries(DEFAULT_COMPONENTS.map(({ name, weight }) => [name, weight]))).toEqual({
      industry_match: 1,
      budget_fit: 0.8,
      geo_alignment: 0.6,
      urgency_match: 1.2,
      tech_stack_fit: 0.7,
      company_size_fit: 0.9,
    }));

  it('adds up what each component gains, and says why', () => {
    const known = { industry: 'Fintech', annual_budget: 60_000, country: 'DE', region: 'Hesse', urgency_score: 0.5 };
    expect(weigh(criteria, DEFAULT_COMPONENTS, known)).toEqual({
      total: 27,
      confidence: 0.8,
      algorithm: 'icp-1',
      components: [
        { name: 'industry_match', score: 10, weight: 1, explanation: '+10 industry match: 1 of 1 fields' },
        { name: 'budget_fit', score: 10, weight: 0.8, explanation: '+8 budget fit: 1 of 1 fields' },
        { name: 'geo_alignment', score: 5, weight: 0.6, explanation: '+3 geo alignment: 1 of 2 fields' },
        { name: 'urgency_match', score: 5, weight: 1.2, explanation: '+6 urgency match: urgency of the signal' },
        { name: 'tech_stack_fit', score: 0, weight: 0.7, explanation: '+0 tech stack fit: nothing to go by' },
        { name: 'company_size_fit', score: 0, weight: 0.9, explanation: '+0 company size fit: nothing to go by' },
      ],
    });
  });

  it('takes components and points of the spotlight instead', () =>
    expect(
      weigh(criteria, [{ name: 'industry_match', weight: 1, points: 12 }], { industry: 'fintech' }).components,
    ).toEqual([{ name: 'industry_match', score: 12, weight: 1, explanation: '+12 industry match: 1 of 1 fields' }]));

  it('knows the component of a field by its words, whole words only', () => {
    expect(['company_size', 'tech-stack', 'Industry', 'geography'].map(componentOf)).toEqual([
      'company_size_fit',
      'tech_stack_fit',
      'industry_match',
      null,
    ]);
  });
});
