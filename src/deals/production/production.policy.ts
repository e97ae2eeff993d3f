/** What a tenant's settings mean for a deal that begins now (R000-63, R000-101). */
import { toDecimal, toMinor } from '../../../machines/investment.terms.js';
import type { InterestType, ProductionInput, ProductionPolicy } from '../../../machines/production.types.js';
import { refuse } from '../../platform/errors.js';
import type { Counted } from '../frequency.js';
import type { ProductionSettings } from './production.settings.dto.js';

/** Deals that a company begins. */
export const COMPANY_DEALS: Counted = {
  table: 'deals.production_deals',
  column: 'production_company_id',
  seconds: 3_600,
  sentence: (most) => `A company may begin ${most} production deals in an hour.`,
};

/** The part of the settings that a deal keeps. */
export function rulesOf(
  settings: ProductionSettings,
): Pick<ProductionInput, 'deadlines' | 'policy' | 'approvals' | 'maxActiveProjects'> {
  const { contractApprovals, maxActiveProjects, maxLiveInterests: _live, maxDealsPerHour: _hour, ...others } = settings;
  const { leastForOption, leastForPurchase, leastForDistribution, leastForCoProduction, ...rest } = others;
  const { verifiedAbove, rightsDetails, ...deadlines } = rest;
  const policy = {
    leastBudgetMinor: {
      option: toMinor(leastForOption),
      purchase: toMinor(leastForPurchase),
      distribution: toMinor(leastForDistribution),
      co_production: toMinor(leastForCoProduction),
    },
    verifiedAboveMinor: toMinor(verifiedAbove),
    rightsDetails,
  };
  return { deadlines, policy, approvals: contractApprovals, maxActiveProjects };
}

/** A budget that is named from the beginning has to be one that could be offered. @throws WF006 */
export function checkBudget(
  interest: InterestType,
  budgetMinor: number | null,
  { leastBudgetMinor }: ProductionPolicy,
): void {
  const least = leastBudgetMinor[interest];
  if (budgetMinor === null || budgetMinor >= least) return;
  const message = `proposedBudget must be at least ${toDecimal(least)} for this kind of interest (${interest})`;
  throw refuse('WF006', { errors: [{ field: 'proposedBudget', message }] });
}
