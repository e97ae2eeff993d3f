/** The providers as far as deals reach them: fakes that note what they did. The sandbox proves the protocols; this proves the deals. */

const RECEIPT = { provider: 'test' };
const paymentOf = (transactionId: string) => ({
  transactionId,
  status: 'requires_capture',
  clientSecret: `${transactionId}_secret`,
  chargeId: 'ch_1',
  amountMinor: 250_000_00,
  currency: 'usd',
});

export class World {
  /** What was done, in order. */
  readonly done: string[] = [];
  readonly mails: { to: string; subject: string; text: string }[] = [];
  /** What was sent for signature. */
  readonly papers: object[] = [];
  /** What the providers refuse to do. */
  broken: string | null = null;

  readonly stripe = {
    ensureCustomer: async () => this.act('customer', { customerId: 'cus_1' }),
    createHold: async () => this.act('hold', paymentOf(`pi_${this.done.filter((deed) => deed === 'hold').length + 1}`)),
    getIntent: async (id: string) => ({ kind: 'done', output: paymentOf(id), receipt: RECEIPT }),
    cancelHold: async (id: string) => this.act('release', paymentOf(id)),
    capture: async ({ transactionId }: { transactionId: string }) => this.act('capture', paymentOf(transactionId)),
    canReceive: async () => ({ kind: 'done', output: { active: true }, receipt: RECEIPT }),
    transfer: async () => this.act('transfer', { transferId: 'tr_1' }),
    refund: async () => this.act('refund', { refundId: 're_1', status: 'succeeded' }),
    reverseTransfer: async () => this.act('reverse', { reversalId: 'trr_1' }),
  };

  readonly docusign = {
    createEnvelope: async ({ purpose, source }: { purpose: string; source: { documents: object[] } }) => {
      this.papers.push(...source.documents);
      return this.act(`envelope ${purpose}`, { envelopeId: `env_${purpose}` });
    },
    voidEnvelope: async (envelopeId: string) => this.act(`void ${envelopeId}`, { envelopeId }),
  };

  readonly email = {
    send: async (mail: { to: string; subject: string; text: string }) => {
      this.mails.push(mail);
      return { kind: 'done', output: { messageId: `<${this.mails.length}@test>` }, receipt: RECEIPT };
    },
  };

  private act(deed: string, output: object) {
    if (this.broken === deed) return { kind: 'failed', code: 'BROKEN', reason: `${deed} is broken` };
    this.done.push(deed);
    return { kind: 'done', output, receipt: RECEIPT };
  }
}

/** Stripe says that money is held for an instance. */
export const heldMessage = (instanceId: string, transactionId: string, amountMinor: number) => ({
  type: 'payment_intent.amount_capturable_updated',
  created: 1,
  data: {
    object: {
      id: transactionId,
      amount_capturable: amountMinor,
      currency: 'usd',
      metadata: { workflowInstanceId: instanceId, tenant: 'demo' },
    },
  },
});

/** Stripe says that a card was declined. */
export const declinedMessage = (instanceId: string, id: string) => ({
  type: 'payment_intent.payment_failed',
  created: 1,
  data: {
    object: {
      id,
      last_payment_error: { message: 'card_declined' },
      metadata: { workflowInstanceId: instanceId, tenant: 'demo' },
    },
  },
});

/** DocuSign says that a party has signed. */
export const signedMessage = (instanceId: string, purpose: string, party: string) => ({
  event: 'recipient-completed',
  generatedDateTime: '2026-01-01T00:00:00Z',
  data: {
    envelopeId: `env_${purpose}`,
    recipientId: '1',
    envelopeSummary: {
      status: 'sent',
      customFields: {
        textCustomFields: Object.entries({ instanceId, tenant: 'demo', purpose }).map(([name, value]) => ({
          name,
          value,
        })),
      },
      recipients: { signers: [{ recipientId: '1', roleName: party, status: 'completed' }] },
    },
  },
});
