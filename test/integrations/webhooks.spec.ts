/** What the stand-ins send, and how it is told from forgeries. */
import { createHmac } from 'node:crypto';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Stripe } from 'stripe';
import { InboxIntake } from '../../src/engine/inbox.intake.js';
import { connectSigner } from '../../src/integrations/sandbox/docusign/connect.js';
import { isSignedByDocusign } from '../../src/integrations/webhooks/docusign.signature.js';
import { DocusignWebhookController } from '../../src/integrations/webhooks/docusign.webhook.controller.js';
import { StripeWebhookController } from '../../src/integrations/webhooks/stripe.webhook.controller.js';
import { Config } from '../../src/platform/config.js';
import { Metrics } from '../../src/platform/metrics.js';
import { ProblemFilter } from '../../src/platform/problem.filter.js';
import { SECRETS, envelope, hold, stage } from './sandbox.js';

const current = stage();

describe('the stand-ins’ deliveries', () => {
  const stripeTypes = async () => (await current().webhooks()).filter((type) => type.startsWith('payment_intent'));

  it('come twice, out of order, late or not at all when they are told to', async () => {
    await current().fault('stripe', 'webhook-duplicate', 'payment_intent.created');
    await hold(current());
    expect(await stripeTypes()).toEqual(['payment_intent.created', 'payment_intent.created']);

    current().received.length = 0;
    await current().fault('stripe', 'webhook-reorder', 'payment_intent.created', { ms: 1_000 });
    await current().post(`stripe/payment_intents/${await hold(current())}/confirm`);
    expect(current().received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
    ]);
  });

  it('are kept when they are dropped or nobody takes them, and can be asked for', async () => {
    await current().fault('stripe', 'webhook-drop', 'payment_intent.created');
    await hold(current());
    expect(await stripeTypes()).toEqual([]);
    expect(await current().get('webhooks')).toMatchObject([{ status: 'dropped', attempts: 0 }]);
  });

  it('survive the stand-ins, and come once the service is there again', async () => {
    current().sandbox.aimWebhooksAt('http://127.0.0.1:1');
    await hold(current());
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
    app.useGlobalFilters(new ProblemFilter({ error: () => undefined } as never, new Metrics()));
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
    return { status: response.status, body: await response.json() };
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
    await hold(current());
    await current().sandbox.idle();
    await envelope(current(), 'nda');
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
