import type { Envelope, EnvelopesInformation } from 'docusign-esign';
import type { DocusignConfig } from '../../platform/config.providers.js';
import { notConfigured, type Attempt, type Outcome } from '../outcome.js';
import { classify, DocusignError } from './docusign.errors.js';
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

  /** Sends documents for signature. A later attempt first looks for the envelope of an earlier one: DocuSign knows no idempotency keys. */
  createEnvelope(order: EnvelopeOrder, run: Attempt & { begun: number }): Promise<Outcome<{ envelopeId: string }>> {
    return this.ask(async (call) => {
      const earlier = run.begun > 1 ? await this.find(call, run) : undefined;
      const envelopeDefinition = definitionOf(order, run, this.webhookUrl);
      const { envelopeId } =
        earlier ??
        (await call<Envelope>((api, done) => api.createEnvelope(this.account, { envelopeDefinition }, done)));
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

  /** The envelopes that were made for these effects, or that have these ids; each once. */
  envelopesOf(keys: readonly string[], envelopeIds: readonly string[]): Promise<Outcome<Envelope[]>> {
    return this.ask(async (call) => {
      const list = async (options: { transactionIds: string } | { envelopeIds: string }): Promise<Envelope[]> => {
        const page = await call<EnvelopesInformation>((api, done) =>
          api.listStatusChanges(this.account, options, done),
        );
        return page.envelopes ?? [];
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

  private async find(call: Caller, run: Attempt): Promise<Envelope | undefined> {
    const transactionIds = transactionIdOf(run);
    const { envelopes = [] } = await call<EnvelopesInformation>((api, done) =>
      api.listStatusChanges(this.account, { transactionIds }, done),
    );
    return envelopes[0];
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

type Caller = <T>(call: Call<T>) => Promise<T>;

const completed = <T>(providerId: string, output: T): Outcome<T> => ({
  kind: 'done',
  output,
  receipt: { provider: 'docusign', providerId },
});
