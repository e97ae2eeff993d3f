import { translateDocusign } from '../../src/integrations/webhooks/docusign.translate.js';
import { translateStripe } from '../../src/integrations/webhooks/stripe.translate.js';
import { envelope, hold, newRun, output, stage } from './sandbox.js';

const current = stage();

/** The webhooks so far, translated; those that change nothing are left out. */
async function told(): Promise<object[]> {
  await current().sandbox.idle();
  return current().received.flatMap(({ path, body }) => {
    const translation = path.endsWith('stripe') ? translateStripe(body) : translateDocusign(body);
    return 'event' in translation ? [translation] : [];
  });
}

const toDeal = (type: string, payload: object) => ({ tenant: 'demo', instanceId: 'wf_1', event: { type, payload } });

describe('what Stripe tells us', () => {
  it('means that money is held, and then taken (R000-80)', async () => {
    const transactionId = await hold(current());
    await current().post(`stripe/payment_intents/${transactionId}/confirm`);
    await current().stripe().capture({ transactionId, amountMinor: 250_000 }, newRun());
    expect(await told()).toEqual([
      toDeal('escrow-confirmed', {
        transactionId,
        amountMinor: 250_000,
        currency: 'usd',
        confirmedAt: expect.stringMatching(/Z$/),
      }),
      toDeal('funds-captured', { transactionId }),
    ]);
  });

  it('means that a payment failed, or that a hold lapsed (R000-41, R000-81)', async () => {
    const transactionId = await hold(current());
    await current().post(`stripe/payment_intents/${transactionId}/fail`);
    await current().post(`stripe/payment_intents/${transactionId}/confirm`);
    await current().post(`stripe/payment_intents/${transactionId}/expire`);
    expect(await told()).toMatchObject([
      toDeal('payment-failed', { transactionId, reason: 'Your card was declined.' }),
      { event: { type: 'escrow-confirmed' } },
      toDeal('escrow-canceled', { transactionId }),
    ]);
  });

  it('means that a transfer was made, or taken back (R000-43)', async () => {
    const order = {
      dealId: 'deal_1',
      amountMinor: 250_000,
      currency: 'usd',
      transferGroup: 'deal_1',
      destination: 'acct_1',
    };
    const { transferId } = output(await current().stripe().transfer(order, newRun()));
    await current().sandbox.idle();
    output(await current().stripe().reverseTransfer({ transferId, dealId: 'deal_1' }, newRun()));
    expect(await told()).toEqual([
      toDeal('transfer-complete', { transferId, amountMinor: 250_000, currency: 'usd' }),
      toDeal('transfer-failed', { transferId, reason: 'reversed' }),
    ]);
  });

  it('concerns nobody when the object is not ours', () => {
    const foreign = { type: 'payment_intent.succeeded', data: { object: { id: 'pi_1', metadata: {} } } };
    expect(translateStripe(JSON.stringify(foreign))).toEqual({ ignore: expect.stringContaining('not ours') });
    expect(translateStripe('{"type":"invoice.paid"}')).toEqual({ ignore: 'invoice.paid changes nothing' });
  });

  it('moves no instance when it is a dispute, but is a matter of its own', () => {
    const dispute = {
      id: 'dp_1',
      status: 'needs_response',
      reason: 'fraudulent',
      amount: 1,
      currency: 'usd',
      payment_intent: 'pi_1',
    };
    const event = (type: string) => JSON.stringify({ type, data: { object: dispute } });
    const about = { disputeId: 'dp_1', transactionId: 'pi_1', status: 'needs_response', amountMinor: 1 };
    expect(translateStripe(event('charge.dispute.created'))).toMatchObject({
      matter: 'dispute',
      about: { ...about, isClosed: false },
    });
    expect(translateStripe(event('charge.dispute.closed'))).toMatchObject({ about: { ...about, isClosed: true } });
  });
});

describe('what DocuSign tells us', () => {
  it.each([
    ['term-sheet', 'term-sheet-signed'],
    ['closing', 'closing-documents-signed'],
  ])('means who has signed a %s envelope (R000-36, R000-42)', async (purpose, type) => {
    const signedDocumentKey = await envelope(current(), purpose);
    for (const role of ['creator', 'investor']) {
      await current().post(`docusign/envelopes/${signedDocumentKey}/sign`, { role });
    }
    expect(await told()).toEqual([
      toDeal(type, { party: 'creator', signedDocumentKey }),
      toDeal(type, { party: 'investor', signedDocumentKey }),
    ]);
  });

  it('means that the term sheet is declined, with the reason (R000-36)', async () => {
    const envelopeId = await envelope(current(), 'term-sheet');
    await current().post(`docusign/envelopes/${envelopeId}/decline`, { role: 'investor', reason: 'Too expensive' });
    expect(await told()).toEqual([toDeal('term-sheet-response', { accepted: false, modifications: 'Too expensive' })]);
  });

  it('follows any other envelope as a whole (R000-74)', async () => {
    const envelopeId = await envelope(current(), 'nda');
    for (const role of ['creator', 'investor']) {
      await current().sandbox.idle();
      await current().post(`docusign/envelopes/${envelopeId}/sign`, { role });
    }
    expect(await told()).toEqual([
      toDeal('signature-status', { envelopeId, status: 'sent' }),
      toDeal('signature-status', { envelopeId, status: 'delivered' }),
      toDeal('signature-status', { envelopeId, status: 'completed', signedAt: expect.stringMatching(/Z$/) }),
    ]);
  });

  it('calls an expired envelope voided', async () => {
    const envelopeId = await envelope(current(), 'nda');
    await current().sandbox.idle();
    await current().post(`docusign/envelopes/${envelopeId}/expire`);
    expect((await told()).at(-1)).toEqual(
      toDeal('signature-status', { envelopeId, status: 'voided', declinedReason: 'Envelope has expired.' }),
    );
  });

  it('concerns nobody when the envelope is not ours, and is kept aside when it cannot be read', () => {
    const foreign = { event: 'envelope-completed', generatedDateTime: 't', data: { envelopeId: 'e' } };
    expect(translateDocusign(JSON.stringify(foreign))).toEqual({ ignore: expect.stringContaining('not ours') });
    expect(translateDocusign('{}')).toEqual({ quarantine: 'not a Connect message' });
  });
});
