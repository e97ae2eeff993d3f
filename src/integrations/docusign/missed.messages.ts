import type { Envelope } from 'docusign-esign';
import type { ConnectMessage } from '../webhooks/docusign.message.js';

/** How an envelope can end. */
const ENDS: ReadonlySet<string> = new Set(['completed', 'declined', 'voided']);

/** The messages that DocuSign sends until an envelope stands where it does: one for each signature, one for its end (R000-82). Pure. */
export function messagesUntil(envelope: Envelope): ConnectMessage[] {
  const { envelopeId, status, recipients, statusChangedDateTime: generatedDateTime = '' } = envelope;
  const message = (event: string, recipientId?: string): ConnectMessage => ({
    event,
    generatedDateTime,
    data: { envelopeId, ...(recipientId !== undefined && { recipientId }), envelopeSummary: envelope },
  });
  const signed = (recipients?.signers ?? []).filter((signer) => signer.status === 'completed');
  return [
    ...signed.map(({ recipientId }) => message('recipient-completed', recipientId)),
    ...(ENDS.has(status) ? [message(`envelope-${status}`)] : []),
  ];
}
