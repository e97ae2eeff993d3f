import type { EnvelopeDefinition } from 'docusign-esign';
import { v5 } from 'uuid';
import type { Attempt } from '../outcome.js';

/** Who signs, in which role; with `clientUserId` the signing page is opened from our own pages. */
export interface EnvelopeSigner {
  /** The party's name in the lifecycle; comes back with the signature. */
  role: string;
  email: string;
  name: string;
  clientUserId?: string;
}

/** Documents for people to sign. */
export interface EnvelopeOrder {
  /** What the signature is for, such as `term-sheet`; comes back with every message about the envelope. */
  purpose: string;
  subject: string;
  source: { templateId: string } | { documents: readonly { name: string; fileExtension: string; content: Buffer }[] };
  signers: readonly EnvelopeSigner[];
  /** Days until DocuSign voids the envelope. */
  expireAfterDays: number;
}

/** The messages about an envelope that DocuSign is asked for (R000-83). */
const EVENTS = [
  'envelope-sent',
  'envelope-delivered',
  'envelope-completed',
  'envelope-declined',
  'envelope-voided',
  'recipient-completed',
];
const EFFECTS = '2b7f2f38-6a1e-5a38-9f0a-5d7d5a7c9a11';

/** The transaction id of an effect, by which its envelope is found again: the same for every attempt. */
export const transactionIdOf = ({ key }: Pick<Attempt, 'key'>): string => v5(key, EFFECTS);

/** The envelope in DocuSign's words, as a draft. @param webhookUrl where its messages go */
export function definitionOf(order: EnvelopeOrder, run: Attempt, webhookUrl: string): EnvelopeDefinition {
  const fields = { instanceId: run.instanceId, tenant: run.tenant, purpose: order.purpose };
  return {
    status: 'created',
    emailSubject: order.subject,
    transactionId: transactionIdOf(run),
    ...contentOf(order),
    customFields: { textCustomFields: Object.entries(fields).map(([name, value]) => ({ name, value, show: 'false' })) },
    notification: {
      useAccountDefaults: 'false',
      expirations: { expireEnabled: 'true', expireAfter: String(order.expireAfterDays), expireWarn: '1' },
    },
    eventNotification: {
      url: webhookUrl,
      deliveryMode: 'SIM',
      // Without it a delivery that failed is not tried again.
      requireAcknowledgment: 'true',
      loggingEnabled: 'true',
      includeHMAC: 'true',
      events: EVENTS,
      eventData: { version: 'restv2.1', format: 'json', includeData: ['custom_fields', 'recipients'] },
    },
  };
}

function contentOf({
  source,
  signers,
}: EnvelopeOrder): Pick<EnvelopeDefinition, 'templateId' | 'templateRoles' | 'documents' | 'recipients'> {
  if ('templateId' in source) {
    return {
      templateId: source.templateId,
      templateRoles: signers.map(({ role, ...signer }) => ({ roleName: role, ...signer })),
    };
  }
  return {
    documents: source.documents.map(({ content, ...document }, index) => ({
      documentId: String(index + 1),
      ...document,
      documentBase64: content.toString('base64'),
    })),
    recipients: {
      signers: signers.map(({ role, ...signer }, index) => ({
        ...signer,
        roleName: role,
        recipientId: String(index + 1),
        // All at once: neither party waits for the other.
        routingOrder: '1',
      })),
    },
  };
}
