import { Stripe } from 'stripe';
import { stage } from './sandbox.js';

const current = stage();

describe('the stand-in for Stripe', () => {
  const sdk = (key = 'sk_test_sandbox') => {
    const { hostname: host, port } = new URL(current().sandbox.url);
    return new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
  };
  const intent = { amount: 1_000, currency: 'usd' };

  it('speaks the API version of the installed SDK', () => {
    expect(Stripe.API_VERSION).toBe('2026-10-28.endive');
  });

  it.each([
    ['an unknown parameter', { ...intent, colour: 'blue' }, 'parameter_unknown'],
    [
      'the removed payment_method_types',
      { ...intent, payment_method_types: ['card'] },
      'payment_method_types_no_longer_supported',
    ],
    ['a missing currency', { amount: 1_000 }, 'parameter_missing'],
    ['an amount that is no whole number', { ...intent, amount: 0.29 * 100 }, 'parameter_invalid_integer'],
    ['an unknown value', { ...intent, capture_method: 'later' }, 'parameter_invalid'],
    ['an amount below the least', { ...intent, amount: 49 }, 'amount_too_small'],
    ['a customer nobody knows', { ...intent, customer: 'inv_123' }, 'resource_missing'],
  ])('refuses %s', async (_, params, code) => {
    await expect(sdk().paymentIntents.create(params as Stripe.PaymentIntentCreateParams)).rejects.toMatchObject({
      code,
    });
    expect(await current().ledger()).toEqual([]);
  });

  it('answers two requests that run with the same key with 409', async () => {
    await current().fault('stripe', 'latency', 'payment_intents.create', { ms: 100 });
    const both = await Promise.allSettled(
      [1, 2].map(() => sdk().paymentIntents.create(intent, { idempotencyKey: 'k' })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both).toContainEqual(expect.objectContaining({ reason: expect.objectContaining({ statusCode: 409 }) }));
  });

  it('repeats its first answer to a key, a decline included', async () => {
    const { id } = await sdk().paymentIntents.create(intent);
    const decline = () =>
      sdk().paymentIntents.confirm(id, { payment_method: 'pm_card_chargeDeclined' }, { idempotencyKey: 'k' });
    await expect(decline()).rejects.toMatchObject({ statusCode: 402, code: 'card_declined' });
    await expect(decline()).rejects.toMatchObject({ headers: { 'idempotent-replayed': 'true' } });
    expect((await current().webhooks()).toSorted()).toEqual([
      'payment_intent.created',
      'payment_intent.payment_failed',
    ]);
  });

  it('lets the payer try another card after a decline', async () => {
    const { id } = await sdk().paymentIntents.create({ ...intent, capture_method: 'manual' });
    await current().post(`stripe/payment_intents/${id}/fail`);
    const confirmed = await sdk().paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    expect(confirmed.status).toBe('requires_capture');
  });

  it('takes bank money later, and never holds it', async () => {
    const { id } = await sdk().paymentIntents.create({
      ...intent,
      confirm: true,
      payment_method: 'pm_usBankAccount_success',
    });
    expect((await sdk().paymentIntents.retrieve(id)).status).toBe('processing');
    await current().post(`stripe/payment_intents/${id}/settle`);
    expect((await sdk().paymentIntents.retrieve(id)).status).toBe('succeeded');
    const manual = {
      ...intent,
      capture_method: 'manual',
      confirm: true,
      payment_method: 'pm_usBankAccount_success',
    } as const;
    await expect(sdk().paymentIntents.create(manual)).rejects.toMatchObject({ param: 'capture_method' });
  });

  it('refunds and transfers no more than came in', async () => {
    const { id, latest_charge } = await sdk().paymentIntents.create({
      ...intent,
      confirm: true,
      payment_method: 'pm_card_visa',
    });
    const transfer = { amount: 600, currency: 'usd', destination: 'acct_1', source_transaction: String(latest_charge) };
    await sdk().transfers.create(transfer);
    await expect(sdk().transfers.create(transfer)).rejects.toMatchObject({ code: 'insufficient_funds' });
    await sdk().refunds.create({ payment_intent: id, amount: 600 });
    await expect(sdk().refunds.create({ payment_intent: id, amount: 600 })).rejects.toMatchObject({
      code: 'amount_too_large',
    });
  });

  it('pages its lists', async () => {
    const { id: customer } = await sdk().customers.create({});
    for (let i = 0; i < 5; i++) await sdk().paymentIntents.create({ ...intent, customer });
    const all: string[] = [];
    for await (const { id } of sdk().paymentIntents.list({ customer, limit: 2 })) all.push(id);
    expect(new Set(all).size).toBe(5);
  });

  it('takes no live key', async () => {
    await expect(sdk('sk_live_1').paymentIntents.create(intent)).rejects.toMatchObject({ statusCode: 401 });
  });
});
