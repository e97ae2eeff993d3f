/** An investment to begin with, and the people around it. */
import { investment } from '../../machines/investment.js';
import type { Json } from '../../src/engine/core/driver.js';
import { given as instanceOf } from './given.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const deadlines = {
  creatorDecisionMs: 7 * DAY,
  investorCounterMs: 3 * DAY,
  termSheetMs: 3 * DAY,
  diligenceReminderMs: 30 * DAY,
  commitmentMs: 48 * HOUR,
  escrowMs: 7 * DAY,
  closingMs: 7 * DAY,
  holdExpiringMs: 6 * DAY,
  bankRiskMs: 5 * DAY,
};
/** What the deal starts with. */
export const offer = {
  dealId: 'deal_1',
  investorId: 'inv_123',
  creatorId: 'creator_789',
  pitchId: 'pitch_456',
  investmentType: 'equity',
  amountMinor: 250_000_00,
  message: 'Interested',
  deadlines,
  maxCounterOffers: 5,
  maxAmountMinor: 10_000_000_00,
  captureOn: 'closing',
  fundingMethod: 'card',
};
/** Both sides have agreed on the offer. */
export const agreed = { offerMinor: 250_000_00, agreedMinor: 250_000_00 };
export const investor = { id: 'inv_123', roles: ['investor'] };
export const creator = { id: 'creator_789', roles: ['creator'] };
export const legal = { id: 'legal_1', roles: ['legal'] };
export const operator = { id: 'operator_1', roles: ['operator'] };
/** Providers and workers have no roles. */
export const provider = { id: 'system:stripe', roles: [] };
/** An investor with room for the offer. */
export const verified = { accreditation: 'verified', limitMinor: 300_000_00, investedThisYearMinor: 0 };

/** An investment in a state, with these fields of its context. */
export const given = (state?: string, context: Record<string, Json> = {}) =>
  instanceOf(investment, state, { ...offer, ...context });
