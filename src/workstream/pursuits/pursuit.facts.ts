import type { pursuit } from '../../../machines/pursuit.js';
import type { FactLoaders } from '../../engine/host.js';
import { openItems } from '../checklists/checklist.entity.js';

/** What is known when a pursuit is decided on, read inside the deciding transaction. */
export const pursuitFacts: FactLoaders<typeof pursuit> = {
  checklist: (tx, { context: { pursuitId } }) => openItems(tx, pursuitId),
};
