/** What DocuSign Connect sends in SIM mode; the parts we read. */
export interface ConnectMessage {
  event: string;
  generatedDateTime: string;
  data: {
    envelopeId: string;
    /** In messages about one recipient. */
    recipientId?: string;
    envelopeSummary?: {
      status?: string;
      completedDateTime?: string;
      voidedReason?: string;
      customFields?: { textCustomFields?: { name: string; value: string }[] };
      recipients?: { signers?: ConnectSigner[] };
    };
  };
}

/** A signer in a message. */
export interface ConnectSigner {
  recipientId: string;
  roleName: string;
  status: string;
  declinedReason?: string;
}

/** The message in a verified body, or undefined when it is none. */
export function readMessage(body: string): ConnectMessage | undefined {
  const message = JSON.parse(body) as Partial<ConnectMessage> | null;
  const isMessage =
    typeof message?.event === 'string' &&
    typeof message.generatedDateTime === 'string' &&
    typeof message.data?.envelopeId === 'string';
  return isMessage ? (message as ConnectMessage) : undefined;
}

/** What happens to an envelope or to one of its signers only once. */
const ONCE = /^(recipient|envelope)-(completed|declined|voided)$/;

/**
 * The id that DocuSign does not give its messages. What happens only once is known by what it is, so that it is one message
 * whether DocuSign tells us or we ask; a recipient's carries the recipient, or two who sign in the same moment would be one.
 */
export function messageIdOf({ event, generatedDateTime, data: { envelopeId, recipientId } }: ConnectMessage): string {
  const at = ONCE.test(event) ? undefined : generatedDateTime;
  return [envelopeId, event, recipientId, at].filter(Boolean).join(':');
}
