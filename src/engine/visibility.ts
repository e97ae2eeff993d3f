/** Who may see an instance, and how a refusal is told. */
import { seesEverything, type Caller } from '../auth/caller.js';
import { refuse, type Refused } from '../platform/errors.js';
import type { EngineFault, Explanation } from './core/driver.js';
import type { Broken } from './core/invariants.js';
import { isParty } from './core/permission.js';
import type { Veil } from './core/veil.js';
import type { Cause } from './recording.js';
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
  const hosted = registry.get(instance.lifecycle, instance.version);
  const oversees = seesEverything(caller) || hosted.lifecycle.overseers?.some((role) => caller.roles.includes(role));
  const sender = { id: caller.userId, roles: caller.roles };
  if (!oversees && !Object.values(instance.parties).some((party) => isParty(party, sender))) throw refuse('WF001');
  return { instance, hosted };
}

/** What the lifecycle keeps from this caller: nothing from those who see everything. */
export const veilOf = ({ lifecycle }: Hosted, asking: Pick<Caller, 'roles'> | Cause): Veil =>
  // A provider's message is no party's; why it was refused is for operators.
  new Set(seesEverything(asking) || ('cause' in asking && asking.cause !== 'request') ? [] : lifecycle.confidential);

/** The refusal of an event that the state or a guard does not admit, with the whole explanation; in the lifecycle's own words if it has any. */
export const refused = (hosted: Hosted, instance: Instance, explanation: Explanation): Refused =>
  hosted.host.onRefused?.(explanation, (instance.snapshot as { context: never }).context) ??
  refuse('WF002', {
    detail:
      explanation.verdict === 'GUARDS_REFUSED'
        ? `${explanation.event} is refused in ${instance.state}: ${explanation.failing.map(reasonOf).join('; ')}.`
        : `${explanation.event} is not possible: ${hosted.lifecycle.name} is in ${[instance.state, instance.phase].filter(Boolean).join('.')}.`,
    explanation,
  });

/** The explanation of an event that was tried: that it was refused is known. */
export const tried = (explanation: Explanation): Explanation =>
  explanation.verdict === 'WITHHELD' ? { ...explanation, verdict: 'GUARDS_REFUSED', allowed: false } : explanation;

/** The refusal of a step that would break what the lifecycle says is always true. What hangs on what the caller may not see is not told him. */
export function impossible({ message, details }: EngineFault, veil: Veil): Refused {
  const broken = (Array.isArray(details) ? details : []) as unknown as Broken[];
  const told = veil.size === 0 ? broken : broken.filter(({ reads = [] }) => !reads.some((name) => veil.has(name)));
  if (told.length === broken.length)
    return refuse('INVARIANT_BROKEN', { detail: message, members: { invariants: details ?? [] } });
  return refuse('INVARIANT_BROKEN', {
    detail: `This would no longer be true: ${[...told.map(({ says }) => says), UNTOLD].join('; ')}`,
    members: { invariants: told },
  });
}

const UNTOLD = 'something that hangs on what you may not see';

/** As the guard says it, without the full stop that ends a sentence of its own. */
const reasonOf = ({ name, reason, withheld }: Explanation['failing'][number]): string =>
  withheld ? `${name} hangs on what you may not see` : (reason?.message ?? reason?.code ?? name).replace(/\.$/, '');
