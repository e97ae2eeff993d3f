/** What the stand-ins send, how it is told from forgeries, and what it means. */
import { createHmac } from 'node:crypto';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Stripe } from 'stripe';
import { InboxIntake } from '../../src/engine/inbox.intake.js';
import { connectSigner } from '../../src/integrations/sandbox/docusign/connect.js';
import { isSignedByDocusign } from '../../src/integrations/webhooks/docusign.signature.js';
import { translateDocusign } from '../../src/integrations/webhooks/docusign.translate.js';
import { DocusignWebhookController } from '../../src/integrations/webhooks/docusign.webhook.controller.js';
import { translateStripe } from '../../src/integrations/webhooks/stripe.translate.js';
import { StripeWebhookController } from '../../src/integrations/webhooks/stripe.webhook.controller.js';
import { Config } from '../../src/platform/config.js';
import { ProblemFilter } from '../../src/platform/problem.filter.js';
import { SECRETS, newRun, output, stage } from './sandbox.js';

const current = stage();

async function hold(): Promise<string> {
  const stripe = current().stripe();
  const { customerId } = output(await stripe.ensureCustomer({ userId: 'inv_1' }, newRun()));
  const order = { customerId, dealId: 'deal_1', amountMinor: 250_000, currency: 'usd', transferGroup: 'deal_1' };
  return output(await stripe.createHold(order, newRun())).transactionId;
}

async function envelope(purpose: string): Promise<string> {
  const order = {
    purpose,
    subject: 'To sign',
    source: { templateId: 'tpl_1' },
    signers: [
      { role: 'investor', email: 'ann@example.com', name: 'Ann' },
      { role: 'creator', email: 'bob@example.com', name: 'Bob' },
    ],
    expireAfterDays: 7,
  };
  return output(await current().docusign().createEnvelope(order, newRun())).envelopeId;
}

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
    const transactionId = await hold();
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
    const transactionId = await hold();
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

  it('needs a person when it is a dispute that names no deal', () => {
    const dispute = {
      id: 'dp_1',
      status: 'needs_response',
      reason: 'fraudulent',
      amount: 1,
      currency: 'usd',
      payment_intent: 'pi_1',
    };
    const event = (metadata: object) =>
      JSON.stringify({ type: 'charge.dispute.created', data: { object: { ...dispute, metadata } } });
    expect(translateStripe(event({}))).toEqual({ quarantine: 'dispute dp_1 of payment pi_1 (needs_response)' });
    expect(translateStripe(event({ workflowInstanceId: 'wf_1' }))).toMatchObject({
      event: { type: 'dispute', payload: { transactionId: 'pi_1' } },
    });
  });
});

describe('what DocuSign tells us', () => {
  it.each([
    ['term-sheet', 'term-sheet-signed'],
    ['closing', 'closing-documents-signed'],
  ])('means who has signed a %s envelope (R000-36, R000-42)', async (purpose, type) => {
    const signedDocumentKey = await envelope(purpose);
    for (const role of ['creator', 'investor']) {
      await current().post(`docusign/envelopes/${signedDocumentKey}/sign`, { role });
    }
    expect(await told()).toEqual([
      toDeal(type, { party: 'creator', signedDocumentKey }),
      toDeal(type, { party: 'investor', signedDocumentKey }),
    ]);
  });

  it('means that the term sheet is declined, with the reason (R000-36)', async () => {
    const envelopeId = await envelope('term-sheet');
    await current().post(`docusign/envelopes/${envelopeId}/decline`, { role: 'investor', reason: 'Too expensive' });
    expect(await told()).toEqual([toDeal('term-sheet-response', { accepted: false, modifications: 'Too expensive' })]);
  });

  it('follows any other envelope as a whole (R000-74)', async () => {
    const envelopeId = await envelope('nda');
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
    const envelopeId = await envelope('nda');
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

describe('the stand-ins’ deliveries', () => {
  const stripeTypes = async () => (await current().webhooks()).filter((type) => type.startsWith('payment_intent'));

  it('come twice, out of order, late or not at all when they are told to', async () => {
    await current().fault('stripe', 'webhook-duplicate', 'payment_intent.created');
    await hold();
    expect(await stripeTypes()).toEqual(['payment_intent.created', 'payment_intent.created']);

    current().received.length = 0;
    await current().fault('stripe', 'webhook-reorder', 'payment_intent.created', { ms: 1_000 });
    await current().post(`stripe/payment_intents/${await hold()}/confirm`);
    expect(current().received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
    ]);
  });

  it('are kept when they are dropped or nobody takes them, and can be asked for', async () => {
    await current().fault('stripe', 'webhook-drop', 'payment_intent.created');
    await hold();
    expect(await stripeTypes()).toEqual([]);
    expect(await current().get('webhooks')).toMatchObject([{ status: 'dropped', attempts: 0 }]);
  });

  it('survive the stand-ins, and come once the service is there again', async () => {
    current().sandbox.aimWebhooksAt('http://127.0.0.1:1');
    await hold();
    await current().restart();
    expect(await stripeTypes()).toEqual(['payment_intent.created']);
  });
});

describe('POST /webhooks', () => {
  const kept: { provider: string; id: string; type: string }[] = [];
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const intake: Pick<InboxIntake, 'accept'> = {
      accept: async (provider, { providerEventId: id, type }) => {
        const seen = kept.some((message) => message.id === id);
        kept.push({ provider, id, type });
        return seen ? 'seen' : 'new';
      },
    };
    const config = {
      stripe: { webhookSecrets: ['whsec_next', SECRETS.stripeWebhookSecret] },
      docusign: { webhookSecrets: ['next', SECRETS.docusignWebhookSecret] },
    };
    const module = await Test.createTestingModule({
      controllers: [StripeWebhookController, DocusignWebhookController],
      providers: [
        { provide: InboxIntake, useValue: intake },
        { provide: Config, useValue: config },
      ],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { rawBody: true, logger: false });
    app.useGlobalFilters(new ProblemFilter({ error: () => undefined } as never));
    await app.listen(0, '127.0.0.1');
    current().sandbox.aimWebhooksAt(await app.getUrl());
  });
  beforeEach(() => void kept.splice(0));
  afterAll(() => app.close());

  const post = async (path: string, body: string, headers: Record<string, string>) => {
    const response = await fetch(`${await app.getUrl()}/webhooks/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };

  const payload = JSON.stringify(
    { id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', note: 'ü — 💶' },
    null,
    2,
  );
  const signed = (secret: string, timestamp = Math.floor(Date.now() / 1000)) => ({
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }),
  });
  const message = JSON.stringify({
    event: 'envelope-sent',
    generatedDateTime: '2026-11-20T12:00:00Z',
    data: { envelopeId: 'e1' },
  });
  const hmac = (secret: string, encoding: 'base64' | 'hex' = 'base64') =>
    createHmac('sha256', secret).update(message).digest(encoding);

  it('keeps what the stand-ins send', async () => {
    await hold();
    await current().sandbox.idle();
    await envelope('nda');
    await current().sandbox.idle();
    expect(kept.map(({ provider, type }) => `${provider} ${type}`)).toEqual([
      'stripe payment_intent.created',
      'docusign envelope-sent',
    ]);
    expect(await current().get('webhooks')).toMatchObject([{ status: 'delivered' }, { status: 'delivered' }]);
  });

  it.each(['whsec_next', SECRETS.stripeWebhookSecret])(
    'answers received to an event that %s signed (R000-79)',
    async (secret) => {
      expect(await post('stripe', payload, signed(secret))).toEqual({ status: 200, body: { received: true } });
      expect(kept).toEqual([{ provider: 'stripe', id: 'evt_1', type: 'payment_intent.succeeded' }]);
    },
  );

  it.each<[string, string, Record<string, string>]>([
    ['a changed body', payload.replace('evt_1', 'evt_2'), signed(SECRETS.stripeWebhookSecret)],
    ['a body written anew', JSON.stringify(JSON.parse(payload)), signed(SECRETS.stripeWebhookSecret)],
    ['a signature six minutes old', payload, signed(SECRETS.stripeWebhookSecret, Math.floor(Date.now() / 1000) - 360)],
    ['another secret', payload, signed('whsec_of_others')],
    ['no signature', payload, {}],
    ['nonsense for a signature', payload, { 'stripe-signature': 't=1,v1=00' }],
  ])('refuses %s with 401 and keeps nothing (R000-79)', async (_, body, headers) => {
    expect(await post('stripe', body, headers)).toMatchObject({ status: 401, body: { code: 'WEBHOOK_SIGNATURE' } });
    expect(kept).toEqual([]);
  });

  it('answers received to a message that any of several signatures fits (R000-82)', async () => {
    const headers = {
      'x-docusign-signature-1': hmac('of others'),
      'x-docusign-signature-2': hmac(SECRETS.docusignWebhookSecret),
    };
    expect(await post('docusign', message, headers)).toEqual({ status: 200, body: { received: true } });
    expect(kept).toEqual([
      { provider: 'docusign', id: 'e1:envelope-sent:2026-11-20T12:00:00Z', type: 'envelope-sent' },
    ]);
  });

  it.each<[string, Record<string, string>]>([
    ['a hexadecimal signature', { 'x-docusign-signature-1': hmac(SECRETS.docusignWebhookSecret, 'hex') }],
    ['another secret', { 'x-docusign-signature-1': hmac('of others') }],
    ['no signature', {}],
    ['an empty signature', { 'x-docusign-signature-1': '' }],
  ])('refuses %s with 401 and keeps nothing (R000-82)', async (_, headers) => {
    expect(await post('docusign', message, headers)).toMatchObject({
      status: 401,
      body: { code: 'WEBHOOK_SIGNATURE' },
    });
    expect(kept).toEqual([]);
  });

  it('takes every key of a rotation, and none at all when there is no secret', () => {
    const headers = connectSigner(['old', 'new'])(message);
    expect(isSignedByDocusign(Buffer.from(message), headers, ['new'])).toBe(true);
    expect(isSignedByDocusign(Buffer.from(message), headers, [])).toBe(false);
  });
});
