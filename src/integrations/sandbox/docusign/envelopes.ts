import { createHash, randomUUID } from 'node:crypto';
import { sandboxNow } from '../clock.js';
import type { Collection, Journal } from '../journal.js';
import type { Ledger } from '../ledger.js';
import type { Connect } from './connect.js';
import { DocusignFailure } from './failure.js';
import { recipientOf, signersOf, type Recipient, type Who } from './recipients.js';

export type EnvelopeStatus = 'created' | 'sent' | 'delivered' | 'completed' | 'declined' | 'voided';

/** An envelope as the stand-in keeps it. */
export interface StoredEnvelope {
  envelopeId: string;
  status: EnvelopeStatus;
  transactionId: string | null;
  emailSubject: string;
  customFields: { textCustomFields: { name: string; value: string }[] };
  recipients: { signers: Recipient[] };
  /** What was sent, as far as it takes to recognise it; sha256 in hexadecimal. */
  documents: { name: string; fileExtension: string; sha256: string }[];
  /** The messages that were asked for. */
  events: string[];
  createdDateTime: string;
  sentDateTime?: string;
  /** When it expires, milliseconds; null for never. */
  expiresAt: number | null;
  statusChangedDateTime: string;
  completedDateTime?: string;
  voidedReason?: string;
}

/** The used part of a checked definition. */
export interface Definition {
  status?: string;
  emailSubject?: string;
  transactionId?: string;
  templateId?: string;
  templateRoles?: { roleName: string; email: string; name: string; clientUserId?: string }[];
  documents?: { name: string; fileExtension: string; documentBase64: string }[];
  recipients?: {
    signers?: { recipientId: string; roleName?: string; email: string; name: string; clientUserId?: string }[];
  };
  customFields?: { textCustomFields?: { name: string; value: string }[] };
  eventNotification?: { events?: string[] };
  notification?: { expirations?: { expireEnabled?: string; expireAfter?: string } };
}

const OPEN: ReadonlySet<EnvelopeStatus> = new Set(['sent', 'delivered']);
const DAY_MS = 86_400_000;

const expiryOf = ({ notification }: Definition): number | null => {
  const { expireEnabled, expireAfter } = notification?.expirations ?? {};
  return expireEnabled === 'true' ? sandboxNow() + Number(expireAfter) * DAY_MS : null;
};

/** Envelopes and what becomes of them. */
export class Envelopes {
  private readonly stored: Collection<StoredEnvelope>;
  private latest = 0;

  constructor(
    journal: Journal,
    private readonly ledger: Ledger,
    private readonly connect: Connect,
  ) {
    this.stored = journal.collection('docusign.envelopes');
  }

  /** Makes a new one each time it is asked: that a transaction id comes twice does not stop DocuSign. @throws DocusignFailure */
  create(definition: Definition): StoredEnvelope {
    const { templateId, documents = [], emailSubject = '', transactionId = null } = definition;
    const signers = signersOf(definition);
    if (definition.status !== 'created' && definition.status !== 'sent')
      throw new DocusignFailure(400, 'INVALID_REQUEST_PARAMETER', 'The sandbox only drafts and sends envelopes.');
    if ((templateId === undefined && documents.length === 0) || signers.length === 0 || emailSubject === '') {
      const message = 'A Complete Envelope Requires Documents, Recipients, Tabs, and a Subject Line.';
      throw new DocusignFailure(400, 'ENVELOPE_IS_INCOMPLETE', `The Envelope is not Complete. ${message}`);
    }
    const now = this.moment();
    const draft: StoredEnvelope = {
      envelopeId: randomUUID(),
      status: 'created',
      transactionId,
      emailSubject,
      customFields: { textCustomFields: definition.customFields?.textCustomFields ?? [] },
      recipients: { signers },
      documents: documents.map(({ name, fileExtension, documentBase64 }) => ({
        name,
        fileExtension,
        sha256: createHash('sha256').update(Buffer.from(documentBase64, 'base64')).digest('hex'),
      })),
      events: definition.eventNotification?.events ?? [],
      createdDateTime: now,
      expiresAt: expiryOf(definition),
      statusChangedDateTime: now,
    };
    this.stored.put(draft.envelopeId, draft);
    return definition.status === 'sent' ? this.send(draft.envelopeId) : draft;
  }

  /** From now on its recipients know of it. @throws DocusignFailure when it was sent before */
  send(envelopeId: string): StoredEnvelope {
    const draft = this.get(envelopeId);
    if (draft.status !== 'created') {
      const message = 'Invalid envelope status. The envelope has been sent already.';
      throw new DocusignFailure(400, 'ENVELOPE_INVALID_STATUS', message);
    }
    const signers = draft.recipients.signers.map((signer) => ({ ...signer, status: 'sent' as const }));
    const sent: StoredEnvelope = {
      ...draft,
      status: 'sent',
      recipients: { signers },
      sentDateTime: new Date().toISOString(),
    };
    this.record('envelope.create', sent, sent.transactionId);
    return this.change(sent, 'envelope-sent');
  }

  /** @throws DocusignFailure 404 */
  get(envelopeId: string): StoredEnvelope {
    const envelope = this.stored.get(envelopeId);
    if (!envelope) throw new DocusignFailure(404, 'ENVELOPE_DOES_NOT_EXIST', 'The envelope specified does not exist.');
    return envelope;
  }

  /** By ids, or by the time of the last change; without any, all of them. */
  list(
    { transactionIds = [], envelopeIds = [] }: { transactionIds?: readonly string[]; envelopeIds?: readonly string[] },
    fromDate: string | null,
  ): StoredEnvelope[] {
    const isNamed = ({ transactionId, envelopeId }: StoredEnvelope): boolean =>
      (transactionId !== null && transactionIds.includes(transactionId)) || envelopeIds.includes(envelopeId);
    const isAnyMeant = transactionIds.length + envelopeIds.length === 0;
    return this.stored
      .all()
      .filter(
        (envelope) =>
          (isAnyMeant || isNamed(envelope)) &&
          (fromDate === null || Date.parse(envelope.statusChangedDateTime) >= Date.parse(fromDate)),
      );
  }

  /** Only what nobody has finished can be called back. @throws DocusignFailure */
  void(envelopeId: string, voidedReason: string): StoredEnvelope {
    const envelope = this.open(envelopeId);
    this.record('envelope.void', envelope, null);
    return this.change({ ...envelope, status: 'voided', voidedReason }, 'envelope-voided');
  }

  /** The recipient signs; the last one completes the envelope. */
  sign(envelopeId: string, who: Who): StoredEnvelope {
    const envelope = this.open(envelopeId);
    const recipient = recipientOf(envelope, who);
    const signed = this.answer(envelope, {
      ...recipient,
      status: 'completed',
      signedDateTime: new Date().toISOString(),
    });
    const before: StoredEnvelope = { ...signed, status: 'delivered' };
    if (envelope.status === 'sent') this.change(before, 'envelope-delivered');
    this.change(before, 'recipient-completed', recipient.recipientId);
    if (signed.recipients.signers.some(({ status }) => status !== 'completed')) return before;
    return this.change(
      { ...signed, status: 'completed', completedDateTime: new Date().toISOString() },
      'envelope-completed',
    );
  }

  /** The recipient declines, which ends the envelope. */
  decline(envelopeId: string, who: Who, declinedReason: string): StoredEnvelope {
    const envelope = this.open(envelopeId);
    const recipient = recipientOf(envelope, who);
    const declined = this.answer(envelope, { ...recipient, status: 'declined', declinedReason });
    return this.change({ ...declined, status: 'declined' }, 'envelope-declined');
  }

  /** Nobody signed in time; DocuSign calls that voided. */
  expire(envelopeId: string): StoredEnvelope {
    return this.change(
      { ...this.open(envelopeId), status: 'voided', voidedReason: 'Envelope has expired.' },
      'envelope-voided',
    );
  }

  /** Lets every envelope expire whose time is over; answers their ids. */
  lapse(): string[] {
    return this.stored
      .all()
      .filter(({ status, expiresAt }) => OPEN.has(status) && expiresAt !== null && expiresAt <= sandboxNow())
      .map(({ envelopeId }) => this.expire(envelopeId).envelopeId);
  }

  /** A later one each time: which of two drafts was first can be told. */
  private moment(): string {
    this.latest = Math.max(Date.now(), this.latest + 1);
    return new Date(this.latest).toISOString();
  }

  private open(envelopeId: string): StoredEnvelope {
    const envelope = this.get(envelopeId);
    if (OPEN.has(envelope.status)) return envelope;
    const message = "Only envelopes in the 'Sent' or 'Delivered' states may be voided.";
    throw new DocusignFailure(400, 'ENVELOPE_CANNOT_VOID_INVALID_STATE', message);
  }

  private answer(envelope: StoredEnvelope, answered: Recipient): StoredEnvelope {
    const signers = envelope.recipients.signers.map((each) =>
      each.recipientId === answered.recipientId ? answered : each,
    );
    return { ...envelope, recipients: { signers } };
  }

  private change(envelope: StoredEnvelope, event: string, recipientId?: string): StoredEnvelope {
    const changed = { ...envelope, statusChangedDateTime: new Date().toISOString() };
    this.stored.put(changed.envelopeId, changed);
    if (changed.events.includes(event)) this.connect.tell(event, changed, recipientId);
    return changed;
  }

  private record(kind: string, { envelopeId, customFields }: StoredEnvelope, key: string | null): void {
    const field = (name: string) => customFields.textCustomFields.find((each) => each.name === name)?.value ?? null;
    this.ledger.record({
      provider: 'docusign',
      kind,
      objectId: envelopeId,
      key,
      instanceId: field('instanceId'),
      tenant: field('tenant'),
    });
  }
}
