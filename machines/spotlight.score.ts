/** How well a signal fits an ideal customer: pure arithmetic, so that every score can be explained and worked out again. */
import type {
  Component,
  ComponentScore,
  Criterion,
  Evaluation,
  FieldType,
  FieldVerdict,
  Known,
  Operator,
  Recommendation,
  WeightedScore,
} from './spotlight.types.js';

/** Stored with every score; it changes whenever the same facts would give another number. */
export const ALGORITHM = 'icp-1';

/** The components of the weighted score and their weights when a spotlight names none (R001-72). */
export const DEFAULT_COMPONENTS: readonly Component[] = [
  { name: 'industry_match', weight: 1.0, points: 10 },
  { name: 'budget_fit', weight: 0.8, points: 10 },
  { name: 'geo_alignment', weight: 0.6, points: 10 },
  { name: 'urgency_match', weight: 1.2, points: 10 },
  { name: 'tech_stack_fit', weight: 0.7, points: 10 },
  { name: 'company_size_fit', weight: 0.9, points: 10 },
];

/** The component that a field of this name feeds unless its definition says otherwise; null for none. */
export const componentOf = (field: string): string | null =>
  COMPONENT_BY_WORD.find(([word]) =>
    field
      .toLowerCase()
      .split(/[^a-z]+/)
      .includes(word),
  )?.[1] ?? null;

/** Holds what is known against the fields of a spotlight (R001-70, R001-71). */
export function evaluate(criteria: readonly Criterion[], known: Known): Evaluation {
  const fields = criteria.map((criterion) => judge(criterion, known));
  const matchedFields = fields.filter(({ matched }) => matched).map(({ field }) => field);
  const totalFields = criteria.length;
  const matchScore = totalFields === 0 ? 0 : round(matchedFields.length / totalFields, 4);
  const lacks = criteria.some(({ required }, at) => required && fields[at]?.matched === false);
  return { matchScore, matchedFields, totalFields, recommendation: recommend(matchScore, lacks), fields };
}

/** The weighted score with an explanation for each component (R001-72). */
export function weigh(criteria: readonly Criterion[], components: readonly Component[], known: Known): WeightedScore {
  const { fields } = evaluate(criteria, known);
  const scored = components.map((component) => score(component, criteria, fields, known));
  const present = fields.filter(({ missing }) => !missing).length;
  return {
    total: round(
      scored.reduce((sum, each) => sum + each.score * each.weight, 0),
      2,
    ),
    components: scored,
    confidence: fields.length === 0 ? 0 : round(present / fields.length, 4),
    algorithm: ALGORITHM,
  };
}

const COMPONENT_BY_WORD: readonly (readonly [word: string, component: string])[] = [
  ['industry', 'industry_match'],
  ['sector', 'industry_match'],
  ['vertical', 'industry_match'],
  ['budget', 'budget_fit'],
  ['revenue', 'budget_fit'],
  ['geo', 'geo_alignment'],
  ['country', 'geo_alignment'],
  ['region', 'geo_alignment'],
  ['location', 'geo_alignment'],
  ['urgency', 'urgency_match'],
  ['timeline', 'urgency_match'],
  ['tech', 'tech_stack_fit'],
  ['technology', 'tech_stack_fit'],
  ['stack', 'tech_stack_fit'],
  ['size', 'company_size_fit'],
  ['employees', 'company_size_fit'],
  ['headcount', 'company_size_fit'],
];

function judge({ field, type, expected, rules }: Criterion, known: Known): FieldVerdict {
  const given = Object.hasOwn(known, field) ? known[field] : undefined;
  // Only nothing is missing: 0 and false are answers (R001-71).
  if (given === undefined || given === null || given === '') return { field, matched: false, missing: true };
  const matched =
    rules.length > 0
      ? rules.every(({ operator, value }) => holds(type, operator, given, value))
      : expected !== null && holds(type, type === 'text' ? 'contains' : '=', given, expected);
  return { field, matched, missing: false };
}

function holds(type: FieldType, operator: Operator, given: unknown, expected: string): boolean {
  if (operator === 'contains') return textOf(given).includes(expected.trim().toLowerCase());
  const [left, right] = [comparable(type, given), comparable(type, expected)];
  // What cannot be read as the field's type equals nothing and is ordered nowhere.
  if (left === undefined || right === undefined) return false;
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '>':
      return left > right;
    case '<':
      return left < right;
    case '>=':
      return left >= right;
    case '<=':
      return left <= right;
  }
}

function comparable(type: FieldType, value: unknown): number | string | undefined {
  switch (type) {
    case 'number': {
      const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
      return Number.isFinite(number) && typeof value !== 'boolean' ? number : undefined;
    }
    case 'boolean':
      return value === true || textOf(value) === 'true'
        ? 1
        : value === false || textOf(value) === 'false'
          ? 0
          : undefined;
    case 'date': {
      const at = typeof value === 'number' ? value : Date.parse(String(value));
      return Number.isNaN(at) ? undefined : at;
    }
    case 'enum':
    case 'text':
      return textOf(value);
  }
}

const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).trim().toLowerCase();

function recommend(matchScore: number, lacksRequired: boolean): Recommendation {
  if (matchScore < 0.4) return 'no_match';
  if (lacksRequired || matchScore < 0.6) return 'low_match';
  return matchScore < 0.8 ? 'medium_match' : 'high_match';
}

function score(
  { name, weight, points }: Component,
  criteria: readonly Criterion[],
  fields: readonly FieldVerdict[],
  known: Known,
): ComponentScore {
  const own = fields.filter((_, at) => criteria[at]?.component === name);
  const share = own.length > 0 ? own.filter(({ matched }) => matched).length / own.length : urgencyOf(name, known);
  const scored = round(points * (share ?? 0), 2);
  const why =
    own.length > 0
      ? `${own.filter(({ matched }) => matched).length} of ${own.length} fields`
      : share === null
        ? 'nothing to go by'
        : 'urgency of the signal';
  const gained = round(scored * weight, 2);
  return { name, score: scored, weight, explanation: `+${gained} ${name.replaceAll('_', ' ')}: ${why}` };
}

/** A signal says itself how urgent it is; a spotlight need not ask. */
function urgencyOf(component: string, { urgency_score: urgency }: Known): number | null {
  if (component !== 'urgency_match' || typeof urgency !== 'number') return null;
  return Math.min(1, Math.max(0, urgency));
}

function round(value: number, places: number): number {
  const factor = 10 ** places;
  return Math.round((value + Number.EPSILON) * factor) / factor;
}
