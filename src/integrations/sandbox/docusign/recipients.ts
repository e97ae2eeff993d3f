/** Those who sign an envelope. */
import type { Definition, StoredEnvelope } from './envelopes.js';
import { DocusignFailure } from './failure.js';

/** Somebody who signs. */
export interface Recipient {
  recipientId: string;
  roleName: string;
  email: string;
  name: string;
  clientUserId?: string;
  status: 'created' | 'sent' | 'completed' | 'declined';
  signedDateTime?: string;
  declinedReason?: string;
}

/** One of an envelope's recipients. */
export interface Who {
  role?: string;
  recipientEmail?: string;
}

export function recipientOf({ recipients: { signers } }: StoredEnvelope, { role, recipientEmail }: Who): Recipient {
  const recipient = signers.find(
    ({ roleName, email, status }) => status === 'sent' && (roleName === role || email === recipientEmail),
  );
  if (!recipient)
    throw new DocusignFailure(
      400,
      'UNKNOWN_ENVELOPE_RECIPIENT',
      'The recipient you have identified is not waiting to sign this envelope.',
    );
  return recipient;
}

export function signersOf({ templateRoles = [], recipients }: Definition): Recipient[] {
  const signers =
    recipients?.signers ?? templateRoles.map((role, index) => ({ ...role, recipientId: String(index + 1) }));
  return signers.map(({ recipientId, roleName = '', email, name, clientUserId }) => ({
    recipientId,
    roleName,
    email,
    name,
    status: 'created',
    ...(clientUserId !== undefined && { clientUserId }),
  }));
}
