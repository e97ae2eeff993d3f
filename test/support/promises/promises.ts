/** The promises of the engine as questions that stored rows, clients and providers can answer together. */
import { brokenEffects } from './effects.js';
import type { Evidence } from './evidence.js';
import { groupBy } from './group.js';
import { fold, type Folded } from './fold.js';
import { brokenHistories } from './histories.js';
import { brokenRequests } from './requests.js';

/** Every promise that was broken, in words. */
export async function brokenPromises(evidence: Evidence): Promise<string[]> {
  const { stored, tenant, driver } = evidence;
  const folded = new Map<string, Folded>();
  for (const [id, rows] of groupBy(stored.history, ({ instance_id }) => instance_id)) {
    try {
      folded.set(id, await fold(driver, tenant, rows));
    } catch (error) {
      return [`${id} cannot be replayed: ${error instanceof Error ? error.message : String(error)}`];
    }
  }
  return [...brokenEffects(evidence, folded), ...brokenHistories(evidence, folded), ...brokenRequests(evidence)];
}
