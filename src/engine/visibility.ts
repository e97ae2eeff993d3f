/** Who may see an instance, and how a refusal is told. */
import { seesEverything, type Caller } from '../auth/caller.js';
import { refuse, type Refused } from '../platform/errors.js';
import type { Explanation } from './core/driver.js';
import type { Hosted, Registry } from './registry.js';
import type { Instance } from './store/instances.js';

/** A party sees its own instances, overseers see all of their tenant; everybody else is told there is none. @throws WF001 */
export function visible<I extends Instance>(
  registry: Registry,
  caller: Caller,
  instance: I | undefined,
  lifecycle?: string,
): { instance: I; hosted: Hosted } {
  if (!instance || (lifecycle !== undefined && instance.lifecycle !== lifecycle)) throw refuse('WF001');
  if (!seesEverything(caller) && !Object.values(instance.parties).includes(caller.userId)) throw refuse('WF001');
  return { instance, hosted: registry.get(instance.lifecycle, instance.version) };
}

/** The 409 of an event that the state or a guard does not admit, with the whole explanation. */
export const refused = (hosted: Hosted, instance: Instance, explanation: Explanation): Refused =>
  refuse('WF002', {
    detail:
      explanation.verdict === 'GUARDS_REFUSED'
        ? `${explanation.event} is refused in ${instance.state}: ${explanation.failing.map(({ name, reason }) => reason?.message ?? reason?.code ?? name).join('; ')}.`
        : `${explanation.event} is not possible: ${hosted.lifecycle.name} is in ${[instance.state, instance.phase].filter(Boolean).join('.')}.`,
    explanation,
  });
