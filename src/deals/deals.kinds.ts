/** What lists and figures have to know of each kind of deal. */

/** The kinds of deals, which are also their lifecycles. */
export const DEAL_TYPES = ['investment', 'production', 'nda'] as const;
/** One of DEAL_TYPES. */
export type DealType = (typeof DEAL_TYPES)[number];

/** Where deals of a kind are kept, and what their states mean. The names are ours and become part of statements. */
export interface DealKind {
  type: DealType;
  table: string;
  /** Columns of the users who are parties. */
  parties: readonly [string, string];
  /** States in which a deal is over. */
  over: readonly string[];
  /** From these on the deal has come where it was meant to come (R000-21, R000-77). */
  goal: readonly string[];
  /** What 95 of 100 deals should not take longer than, milliseconds (R000-3). */
  slowAfterMs: number;
  /** What is usual, milliseconds; where deals come to their goal in different ways, for each of them (R000-3). */
  ways: readonly Way[];
}

/** A way in which deals come to their goal. */
export interface Way {
  name: 'automatic' | 'reviewed' | null;
  /** Condition on `d`, a deal. */
  where: string;
  usualMs: readonly [from: number, to: number];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const DEAL_KINDS: Readonly<Record<DealType, DealKind>> = {
  investment: {
    type: 'investment',
    table: 'deals.investment_deals',
    parties: ['investor_id', 'creator_id'],
    over: ['COMPLETED', 'WITHDRAWN', 'REJECTED', 'EXPIRED', 'FAILED'],
    goal: ['FUNDED', 'COMPLETED'],
    slowAfterMs: 7 * DAY_MS,
    ways: [{ name: null, where: 'true', usualMs: [7 * DAY_MS, 14 * DAY_MS] }],
  },
  production: {
    type: 'production',
    table: 'deals.production_deals',
    parties: ['production_company_user_id', 'creator_id'],
    over: ['COMPLETED', 'REJECTED', 'EXPIRED'],
    goal: ['PRODUCTION', 'COMPLETED'],
    slowAfterMs: 30 * DAY_MS,
    ways: [{ name: null, where: 'true', usualMs: [14 * DAY_MS, 30 * DAY_MS] }],
  },
  nda: {
    type: 'nda',
    table: 'deals.ndas',
    parties: ['requester_id', 'creator_id'],
    over: ['EXPIRED', 'REJECTED'],
    goal: ['ACTIVE'],
    slowAfterMs: DAY_MS,
    ways: [
      { name: 'automatic', where: `d.risk_route = 'AUTO_APPROVED'`, usualMs: [0, HOUR_MS] },
      { name: 'reviewed', where: `d.risk_route is distinct from 'AUTO_APPROVED'`, usualMs: [DAY_MS, 2 * DAY_MS] },
    ],
  },
};

/** `'A', 'B'`, for a list in a statement. */
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
