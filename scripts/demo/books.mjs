/** Holds what the stand-ins for the providers did for a deal against what should have happened. */
import { say } from './follow.mjs';

/**
 * Prints what was done for a deal; true when it is in `goal` and everything was done as often as expected.
 * @param expected how often each kind of entry must be in the books; `signature` counts those who have signed
 */
export async function arrived({ id, state }, goal, expected, sandbox) {
  const books = (path) => sandbox(path, null);
  const ledger = await books(`ledger?instanceId=${id}`);
  const mails = (await books('messages')).filter(({ instanceId }) => instanceId === id);
  const isOurs = ({ customFields }) => customFields.textCustomFields.some(({ value }) => value === id);
  const envelopes = (await books('envelopes')).filter(isOurs);
  say(`\nthe deal is ${state}; what the providers did for it:`);
  for (const { kind, objectId, amountMinor } of ledger.filter((entry) => entry.kind !== 'mail')) {
    say(`  ${kind.padEnd(24)} ${amountMinor === undefined ? '' : `$${(amountMinor / 100).toFixed(2)} `}${objectId}`);
  }
  const signatures = envelopes.flatMap(({ emailSubject, recipients }) =>
    recipients.signers
      .filter(({ status }) => status === 'completed')
      .map(({ roleName }) => `${emailSubject}, by the ${roleName}`),
  );
  for (const signature of signatures) say(`  ${'signature'.padEnd(24)} ${signature}`);
  for (const { to, subject } of mails) say(`  ${'mail'.padEnd(24)} to ${to.join(', ')}: ${subject}`);
  const counts = { signature: signatures.length, mail: mails.length };
  const wrong = Object.entries({ ...expected, mail: new Set(mails.map(({ messageId }) => messageId)).size })
    .map(([kind, times]) => ({
      kind,
      times,
      found: counts[kind] ?? ledger.filter((entry) => entry.kind === kind).length,
    }))
    .filter(({ times, found }) => times !== found);
  for (const { kind, times, found } of wrong) say(`  ${kind}: ${found} times instead of ${times}`);
  return state === goal && wrong.length === 0 && mails.length > 0;
}
