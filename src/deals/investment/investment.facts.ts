import type { investment } from '../../../machines/investment.js';
import type { FactLoaders } from '../../engine/host.js';
import { GATES, openItems } from '../checklist.js';
import { rivalsOf } from './investment.entity.js';

/** What is known when an investment is decided on, read inside the deciding transaction with the locks the decision needs. */
export const investmentFacts: FactLoaders<typeof investment> = {
  openItems: (tx, { instanceId, context }) => openItems(tx, instanceId, GATES['investment']?.items(context) ?? []),
  rivalDeals: async (tx, { context: { dealId, pitchId } }) => {
    // Two deals of one pitch confirmed at once: the second waits here and then sees the first.
    await tx.one('select 1 from deals.pitches where tenant = engine.tenant() and id = $1 for update', [pitchId]);
    return rivalsOf(tx, dealId);
  },
};
