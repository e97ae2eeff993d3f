import type { Translation } from '../../engine/inbox.intake.js';
import { readMessage, type ConnectMessage, type ConnectSigner } from './docusign.message.js';

/** The event that tells a lifecycle of one party's signature, by what the envelope is for (R000-36, R000-42). */
const SIGNATURES: Readonly<Record<string, string>> = {
  'term-sheet': 'term-sheet-signed',
  closing: 'closing-documents-signed',
};

/** Says what a message of DocuSign means (R000-74, R000-82). */
export function translateDocusign(body: string): Translation {
  const message = readMessage(body);
  if (!message) return { quarantine: 'not a Connect message' };
  const { instanceId, tenant, purpose = '' } = fieldsOf(message);
  if (instanceId === undefined) return { ignore: 'the envelope is not ours: it names no instance' };
  const event = eventOf(message, purpose);
  return event
    ? { tenant, instanceId, event }
    : { ignore: `${message.event} of a ${purpose} envelope changes nothing` };
}

function eventOf(message: ConnectMessage, purpose: string): Event | undefined {
  const signature = SIGNATURES[purpose];
  if (signature !== undefined) return signatureOf(message, purpose, signature);
  return purpose === 'production-contract' ? contractOf(message) : statusOf(message);
}

type Event = { type: string; payload: Record<string, string | boolean> };

/** Where each party signs for itself, each signature is an event; the completed envelope adds nothing to them. */
function signatureOf({ event, data }: ConnectMessage, purpose: string, type: string): Event | undefined {
  const { signers } = data.envelopeSummary?.recipients ?? {};
  if (event === 'recipient-completed') {
    const signer = signers?.find(({ recipientId }) => recipientId === data.recipientId);
    return signer && { type, payload: { party: signer.roleName, signedDocumentKey: data.envelopeId } };
  }
  if (event === 'envelope-declined' && purpose === 'term-sheet') {
    return { type: 'term-sheet-response', payload: { accepted: false, ...reasonOf(signers, 'modifications') } };
  }
  return undefined;
}

/** A contract is signed when all have signed it, and declined when one of them does not want to (R000-60). */
function contractOf({ event, data }: ConnectMessage): Event | undefined {
  const { completedDateTime: signedAt, voidedReason, recipients } = data.envelopeSummary ?? {};
  if (event === 'envelope-completed') {
    const payload = { signedDocumentKey: data.envelopeId, ...(signedAt !== undefined && { signedAt }) };
    return { type: 'contract-signed', payload };
  }
  if (event !== 'envelope-declined' && event !== 'envelope-voided') return undefined;
  const reason = voidedReason === undefined ? reasonOf(recipients?.signers, 'reason') : { reason: voidedReason };
  return { type: 'contract-declined', payload: { envelopeId: data.envelopeId, ...reason } };
}

const STATUS = /^envelope-(sent|delivered|completed|declined|voided)$/;

/** Other lifecycles follow the envelope as a whole. */
function statusOf({ event, data }: ConnectMessage): Event | undefined {
  const status = STATUS.exec(event)?.[1];
  if (status === undefined) return undefined;
  const { completedDateTime: signedAt, voidedReason, recipients } = data.envelopeSummary ?? {};
  const payload = {
    envelopeId: data.envelopeId,
    status,
    ...(signedAt !== undefined && { signedAt }),
    ...(voidedReason !== undefined
      ? { declinedReason: voidedReason }
      : reasonOf(recipients?.signers, 'declinedReason')),
  };
  return { type: 'signature-status', payload };
}

function reasonOf(signers: readonly ConnectSigner[] | undefined, name: string): Record<string, string> {
  const reason = signers?.find(({ declinedReason }) => declinedReason)?.declinedReason;
  return reason === undefined ? {} : { [name]: reason };
}

function fieldsOf({ data }: ConnectMessage): Record<string, string | undefined> {
  const fields = data.envelopeSummary?.customFields?.textCustomFields ?? [];
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}
