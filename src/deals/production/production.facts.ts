import type { production } from '../../../machines/production.js';
import { approvalsOf } from '../../../machines/production.rules.js';
import type { FactLoaders } from '../../engine/host.js';
import { openItems } from '../checklist.js';
import { profileOf } from './companies.js';
import { standingOf } from './production.pitch.js';

/** What is known when a production deal is decided on, read inside the deciding transaction with the locks the decision needs. */
export const productionFacts: FactLoaders<typeof production> = {
  standing: (tx, { instanceId, context: { pitchId } }) => standingOf(tx, instanceId, pitchId),
  company: async (tx, { context: { companyId } }) => (await profileOf(tx, companyId)) ?? null,
  openApprovals: (tx, { instanceId, context }) => openItems(tx, instanceId, approvalsOf(context)),
};
