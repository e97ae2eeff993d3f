import type { QuarantinedMessage } from '../engine/host.js';
import type { Alert } from '../engine/store/alert.js';

/** The refusals behind which money or a signature is not what the deal believes it to be (R000-47, P16). */
const ALARMING: ReadonlySet<string> = new Set([
  'AMOUNT_MISMATCH',
  'OTHER_TRANSACTION',
  'UNKNOWN_TRANSACTION',
  'OTHER_ENVELOPE',
  'SIGNED_ALREADY',
]);

/** Tells the legal team of a message that contradicts its deal; a late or repeated one is no news. */
export function alertOf({ provider, type, id, reasons }: QuarantinedMessage): Alert | undefined {
  if (!reasons.some((reason) => ALARMING.has(reason))) return undefined;
  return tellLegal('message_quarantined', { provider, message: type, messageId: id, reason: reasons.join(', ') });
}

/** The effect that tells the legal team something. */
export const tellLegal = (template: string, data: Readonly<Record<string, string>>): Alert => ({
  type: 'notification.send',
  params: { to: 'legal-team', template, data },
});
