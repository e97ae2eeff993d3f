import type { Envelope, EnvelopesInformation } from 'docusign-esign';
import type { DocusignConfig } from '../../platform/config.providers.js';
import { notConfigured, type Attempt, type Outcome } from '../outcome.js';
import { classify, DocusignError, isLimit } from './docusign.errors.js';
import { DocusignSession, type Call } from './docusign.session.js';
import { definitionOf, transactionIdOf, type EnvelopeOrder } from './envelope.js';

/** What lifecycles ask of DocuSign. Every call ends as an outcome. */
export class DocusignClient {
  private readonly session: DocusignSession | undefined;
  private readonly account: string;
  private readonly webhookUrl: string;

  /** @param publicUrl where DocuSign reaches us */
  constructor(config: DocusignConfig | undefined, publicUrl: string) {
    this.session = config && new DocusignSession(config);
    this.account = config?.accountId ?? '';
    this.webhookUrl = `${publicUrl}/webhooks/docusign`;
  }

  /**
   * Sends documents for signature, once for each effect, whoever else is just trying the same: DocuSign knows no idempotency keys, so a draft
   * is made first, and of all drafts of the effect only the oldest is sent (docs/decisions/0056).
   */
  createEnvelope(order: EnvelopeOrder, run: Attempt & { begun: number }): Promise<Outcome<{ envelopeId: string }>> {
    return this.ask(async (call) => {
      const chosen = (run.begun > 1 ? await this.chosen(call, run) : undefined) ?? (await this.draft(call, order, run));
      const { envelopeId } = chosen;
      if (chosen.status === DRAFT) await this.send(call, envelopeId);
      return completed(envelopeId, { envelopeId });
    });
  }

  /** How far an envelope has come. DocuSign wants at most one such question per envelope in 15 minutes. */
  getEnvelope(envelopeId: string): Promise<Outcome<{ envelopeId: string; status: string }>> {
    return this.ask(async (call) => {
      const { status } = await this.read(call, envelopeId);
      return completed(envelopeId, { envelopeId, status });
    });
  }

  /**
   * The envelopes that have changed since, with their fields and recipients: one question for the whole account, however many are open.
   * @param since milliseconds
   */
  changedSince(since: number): Promise<Outcome<Envelope[]>> {
    const fromDate = new Date(since).toISOString();
    return this.ask(async (call) => {
      const changed: Envelope[] = [];
      for (let startPosition: string | undefined = '0'; startPosition !== undefined;) {
        const options = { fromDate, include: 'custom_fields,recipients', startPosition };
        const page: EnvelopesInformation = await call<EnvelopesInformation>((api, done) =>
          api.listStatusChanges(this.account, options, done),
        );
        changed.push(...(page.envelopes ?? []));
        startPosition = page.nextUri ? String(Number(page.endPosition) + 1) : undefined;
      }
      return { kind: 'done', output: changed, receipt: { provider: 'docusign' } };
    });
  }

  /** The envelopes that were sent for these effects, or that have these ids; each once. */
  envelopesOf(keys: readonly string[], envelopeIds: readonly string[]): Promise<Outcome<Envelope[]>> {
    return this.ask(async (call) => {
      const list = async (options: { transactionIds: string } | { envelopeIds: string }): Promise<Envelope[]> => {
        const page = await call<EnvelopesInformation>((api, done) =>
          api.listStatusChanges(this.account, options, done),
        );
        return (page.envelopes ?? []).filter(({ status }) => status !== DRAFT);
      };
      const made = await list({ transactionIds: keys.map((key) => transactionIdOf({ key })).join() });
      // DocuSign knows transaction ids for seven days only.
      const older = envelopeIds.filter((id) => !made.some(({ envelopeId }) => envelopeId === id));
      const output = older.length === 0 ? made : [...made, ...(await list({ envelopeIds: older.join() }))];
      return { kind: 'done', output, receipt: { provider: 'docusign' } };
    });
  }

  /** Calls an envelope back. Also done when that was done before; fails with `ENVELOPE_ENDED` when it was signed or declined. */
  voidEnvelope(envelopeId: string, reason: string): Promise<Outcome<{ envelopeId: string }>> {
    const envelope = { status: 'voided', voidedReason: reason } as const;
    return this.ask(async (call) => {
      try {
        await call<object>((api, done) => api.update(this.account, envelopeId, { envelope }, done));
      } catch (error) {
        if (!(error instanceof DocusignError && error.code === 'ENVELOPE_CANNOT_VOID_INVALID_STATE')) throw error;
        const { status } = await this.read(call, envelopeId);
        if (status !== 'voided')
          return { kind: 'failed', code: 'ENVELOPE_ENDED', reason: `${envelopeId} is ${status}` };
      }
      return completed(envelopeId, { envelopeId });
    });
  }

  /** A page, good for a few minutes, on which a signer with a `clientUserId` signs. */
  recipientView(
    envelopeId: string,
    signer: { email: string; name: string; clientUserId: string; returnUrl: string },
  ): Promise<Outcome<{ url: string }>> {
    const { name: userName, ...rest } = signer;
    const recipientViewRequest = { authenticationMethod: 'none', userName, ...rest } as const;
    return this.ask(async (call) => {
      const { url } = await call<{ url: string }>((api, done) =>
        api.createRecipientView(this.account, envelopeId, { recipientViewRequest }, done),
      );
      return completed(envelopeId, { url });
    });
  }

  private read(call: Caller, envelopeId: string): Promise<Envelope> {
    return call<Envelope>((api, done) => api.getEnvelope(this.account, envelopeId, {}, done));
  }

  /** Makes a draft; answers which one counts, as another worker may have made one meanwhile. */
  private async draft(call: Caller, order: EnvelopeOrder, run: Attempt): Promise<Envelope> {
    const envelopeDefinition = definitionOf(order, run, this.webhookUrl);
    const made = await call<Envelope>((api, done) => api.createEnvelope(this.account, { envelopeDefinition }, done));
    const chosen = await this.chosen(call, run);
    if (!chosen) throw new DocusignError(undefined, 'DRAFT_NOT_LISTED', `${made.envelopeId} does not show yet`);
    return chosen;
  }

  /** The one envelope of an effect that counts: the one that was sent, or else the draft that was there first. */
  private async chosen(call: Caller, run: Attempt): Promise<Envelope | undefined> {
    const transactionIds = transactionIdOf(run);
    const { envelopes = [] } = await call<EnvelopesInformation>((api, done) =>
      api.listStatusChanges(this.account, { transactionIds }, done),
    );
    return envelopes.find(({ status }) => status !== DRAFT) ?? envelopes.toSorted(byAge)[0];
  }

  /** Sends a draft. Also done when another worker has just sent it. */
  private async send(call: Caller, envelopeId: string): Promise<void> {
    try {
      await call<object>((api, done) => api.update(this.account, envelopeId, { envelope: { status: 'sent' } }, done));
    } catch (error) {
      if (!(error instanceof DocusignError && error.status === 400) || isLimit(error)) throw error;
      if ((await this.read(call, envelopeId)).status === DRAFT) throw error;
    }
  }

  private async ask<T>(work: (call: Caller) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const { session } = this;
    if (!session) return notConfigured('DocuSign');
    try {
      return await work((call) => session.call(call));
    } catch (error) {
      return classify(error);
    }
  }
}

/** In DocuSign's words: made and not sent. */
const DRAFT = 'created';

const byAge = (a: Envelope, b: Envelope): number =>
  (a.createdDateTime ?? '').localeCompare(b.createdDateTime ?? '') || a.envelopeId.localeCompare(b.envelopeId);

type Caller = <T>(call: Call<T>) => Promise<T>;

const completed = <T>(providerId: string, output: T): Outcome<T> => ({
  kind: 'done',
  output,
  receipt: { provider: 'docusign', providerId },
});
