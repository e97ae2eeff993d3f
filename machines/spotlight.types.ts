/** What an ideal customer looks like, and how well somebody fits: the words of spotlight.score.ts. */

export const FIELD_TYPES = ['text', 'number', 'boolean', 'enum', 'date'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export const OPERATORS = ['=', '!=', '>', '<', '>=', '<=', 'contains'] as const;
export type Operator = (typeof OPERATORS)[number];

/** One field that a signal is held against. Without rules its value is compared in the way of its type (R001-70). */
export interface Criterion {
  field: string;
  type: FieldType;
  /** A required field that fails caps the result at `low_match` (R001-71). */
  required: boolean;
  /** What is looked for; null when only the rules say so. */
  expected: string | null;
  /** All of them must hold. */
  rules: readonly { operator: Operator; value: string }[];
  /** The component of the weighted score that it feeds; null for none. */
  component: string | null;
}

/** What is known of whoever is held against a spotlight; every field may be missing. */
export type Known = Readonly<Record<string, unknown>>;

export const RECOMMENDATIONS = ['high_match', 'medium_match', 'low_match', 'no_match'] as const;
export type Recommendation = (typeof RECOMMENDATIONS)[number];

export interface FieldVerdict {
  field: string;
  matched: boolean;
  /** Nothing was known of it. */
  missing: boolean;
}

export interface Evaluation {
  /** Matched fields / all fields, 4 decimals; 0 when the spotlight has no fields. */
  matchScore: number;
  matchedFields: string[];
  totalFields: number;
  recommendation: Recommendation;
  /** Every field, in the order of the spotlight. */
  fields: FieldVerdict[];
}

/** A component of the weighted score as a spotlight has it. */
export interface Component {
  name: string;
  weight: number;
  /** Points when all of its fields match. */
  points: number;
}

export interface ComponentScore {
  name: string;
  /** 0 to the component's points. */
  score: number;
  weight: number;
  /** For people: `+12 industry match: 1 of 1 fields`. */
  explanation: string;
}

export interface WeightedScore {
  /** Σ score × weight, 2 decimals. */
  total: number;
  components: ComponentScore[];
  /** Share of the fields of which something was known, 4 decimals. */
  confidence: number;
  algorithm: string;
}
