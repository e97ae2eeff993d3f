/** A production deal to begin with, and the people around it. */
import { production } from '../../machines/production.js';
import type { Json } from '../../src/engine/core/driver.js';
import { given as instanceOf } from './given.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** What the deal starts with. */
export const interest = {
  dealId: 'deal_1',
  companyId: 'co_1',
  companyUserId: 'company_user_1',
  creatorId: 'creator_789',
  pitchId: 'pitch_456',
  interestType: 'option',
  message: 'We would love to',
  proposedBudgetMinor: 1_000_000_00,
  proposedTimeline: 'a year',
  ndaId: null,
  approvals: ['creator', 'company'],
  maxActiveProjects: 10,
  policy: {
    leastBudgetMinor: { option: 5_000_00, purchase: 50_000_00, distribution: 10_000_00, co_production: 0 },
    verifiedAboveMinor: 500_000_00,
    rightsDetails: false,
  },
  deadlines: {
    creatorInterestMs: 5 * DAY,
    creatorWaitlistMs: 30 * DAY,
    meetingMs: 7 * DAY,
    proposalMs: 14 * DAY,
    proposalResponseMs: 7 * DAY,
    counterMs: 3 * DAY,
    exclusivityMs: 30 * DAY,
    contractMs: 5 * DAY,
    productionMs: 365 * DAY,
  },
};
export const company = { id: 'company_user_1', roles: ['production'] };
export const creator = { id: 'creator_789', roles: ['creator'] };
export const legal = { id: 'legal_1', roles: ['legal'] };
export const docusign = { id: 'system:docusign', roles: [] };

/** How the deal stands to the pitch. */
export const free = { isHeld: false, isMine: false, position: null, isInProduction: false };
export const held = { ...free, isHeld: true, position: 3 };
export const mine = { ...free, isMine: true };

/** A company that would be accepted, and two that would not. */
export const fit = { verification: 'verified', activeProjects: 9 };
export const unverified = { verification: 'pending', activeProjects: 0 };
export const busy = { verification: 'verified', activeProjects: 10 };

export const terms = { budget: 1_000_000, timeline: 'a year', rightsStructure: 'worldwide', backendPoints: 5 };
export const termsKept = {
  budgetMinor: 1_000_000_00,
  timeline: 'a year',
  rightsStructure: 'worldwide',
  rightsTerritory: null,
  rightsDurationMonths: null,
  optionPeriodMonths: null,
  distributionTerms: null,
  backendPoints: 5,
};

/** A production deal in a state, with these fields of its context. */
export const given = (state?: string, context: Record<string, Json> = {}) =>
  instanceOf(production, state, { ...interest, ...context });
