/** What the engine needs of this module to host bulk operations. */
import type { GroupRequest, operation, OperationContext } from '../../../machines/operation.js';
import type { Explanation } from '../../engine/core/driver.js';
import type { FactLoaders, Transitioned } from '../../engine/host.js';
import { audit } from '../../engine/store/audit.js';
import type { Tx } from '../../platform/database.js';
import { refuse, type Refused } from '../../platform/errors.js';
import type { Settings } from '../../platform/settings.js';
import { ForceSettings, needsSecond } from '../force.settings.dto.js';

/** Whether the tenant wants two administrators for it: for forces of the lifecycle, or for all bulk operations of it. */
export async function needsSecondFor(
  tx: Tx,
  settings: Settings,
  { lifecycle, deed }: Pick<GroupRequest, 'lifecycle' | 'deed'>,
): Promise<boolean> {
  const set = await settings.read(tx, 'force', ForceSettings);
  const isNamed = ['*', lifecycle].some((name) => set.secondApproverForBulk.includes(name));
  return isNamed || (deed.verb === 'force' && needsSecond(set, lifecycle));
}

export const bulkFacts = (settings: Settings): FactLoaders<typeof operation> => ({
  needsSecond: (tx, { context: { deed, selection } }) =>
    needsSecondFor(tx, settings, { deed, lifecycle: selection.lifecycle }),
});

/** Whatever an administrator says to an operation is in the audit log. */
export async function followBulk(
  tx: Tx,
  { instanceId, event, state, cause }: Transitioned<OperationContext>,
): Promise<void> {
  if (cause.kind !== 'event') return;
  const { type, reason } = event;
  await audit(tx, { actor: cause.actor, action: type, target: instanceId, reason: String(reason), details: { state } });
}

/** How an operation says no to the one who asked for it, where another one has to decide. */
export function refusalOf(explanation: Explanation): Refused | undefined {
  const needs = explanation.failing.some(({ reason }) => reason?.code === 'SECOND_APPROVER_NEEDED');
  const detail = 'Another administrator than the one who asked for it has to decide.';
  return needs ? refuse('SECOND_APPROVER_NEEDED', { detail, explanation }) : undefined;
}
