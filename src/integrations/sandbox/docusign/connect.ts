import { createHmac, randomUUID } from 'node:crypto';
import type { Signer, Webhooks } from '../webhooks.js';
import type { StoredEnvelope } from './envelopes.js';

/** Tells the service what happens to envelopes: DocuSign Connect in SIM mode, JSON. */
export class Connect {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly accountId: string,
  ) {}

  tell(event: string, envelope: StoredEnvelope, recipientId?: string): void {
    const { envelopeId, events: _, transactionId: __, ...envelopeSummary } = envelope;
    const body = {
      event,
      apiVersion: 'v2.1',
      uri: `/restapi/v2.1/accounts/${this.accountId}/envelopes/${envelopeId}`,
      retryCount: 0,
      configurationId: 0,
      generatedDateTime: new Date().toISOString(),
      data: {
        accountId: this.accountId,
        ...(recipientId !== undefined && { recipientId }),
        envelopeId,
        envelopeSummary,
      },
    };
    this.webhooks.enqueue({ id: randomUUID(), provider: 'docusign', type: event, body: JSON.stringify(body) });
  }
}

/** One signature for each active key, base64 (R000-82). */
export const connectSigner =
  (secrets: readonly string[]): Signer =>
  (body) =>
    Object.fromEntries(
      secrets.map((secret, index) => [
        `x-docusign-signature-${index + 1}`,
        createHmac('sha256', secret).update(body).digest('base64'),
      ]),
    );
