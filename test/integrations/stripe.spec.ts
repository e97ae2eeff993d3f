import type { Attempt } from '../../src/integrations/outcome.js';
import { StripeClient } from '../../src/integrations/stripe/stripe.client.js';
import { newRun, output, stage } from './sandbox.js';

const HOUR_MS = 3_600_000;
const current = stage();

async function customer(): Promise<string> {
  return output(await current().stripe().ensureCustomer({ userId: 'inv_1', email: 'ann@example.com' }, newRun()))
    .customerId;
}

const hold = async (amountMinor = 250_000) => ({
  customerId: await customer(),
  dealId: 'deal_1',
  amountMinor,
  currency: 'usd',
  transferGroup: 'deal_1',
});

/** A hold that the investor has paid into. */
async function held(): Promise<string> {
  const { transactionId } = output(
    await current()
      .stripe()
      .createHold(await hold(), newRun()),
  );
  await current().post(`stripe/payment_intents/${transactionId}/confirm`);
  return transactionId;
}

async function captured(): Promise<{ transactionId: string; sourceCharge: string }> {
  const transactionId = await held();
  const { chargeId } = output(await current().stripe().capture({ transactionId, amountMinor: 250_000 }, newRun()));
  return { transactionId, sourceCharge: chargeId ?? '' };
}

/** What the deeds of a test are done to. */
interface Paid {
  order: Awaited<ReturnType<typeof hold>>;
  transactionId: string;
  sourceCharge: string;
  transferId: string;
}

const transferOf = (sourceCharge: string, amountMinor = 250_000) => ({
  dealId: 'deal_1',
  amountMinor,
  currency: 'usd',
  transferGroup: 'deal_1',
  destination: 'acct_creator',
  sourceCharge,
});

describe('money at Stripe', () => {
  it('says when it takes the place of a failed payment (R000-41)', async () => {
    output(
      await current()
        .stripe()
        .createHold({ ...(await hold()), isRetry: true }, newRun()),
    );
    await current().sandbox.idle();
    const [created] = current().received.map(({ body }) => JSON.parse(body) as { data: { object: object } });
    expect(created?.data.object).toMatchObject({ metadata: { dealId: 'deal_1', retry: 'true' } });
  });

  it('is held, taken, sent on, taken back and paid back, each once (R000-40, R000-43, R000-46)', async () => {
    const stripe = current().stripe();
    const created = output(await stripe.createHold(await hold(), newRun()));
    expect(created).toMatchObject({ status: 'requires_payment_method', amountMinor: 250_000, captureBefore: null });
    expect(created.clientSecret).toContain(created.transactionId);

    await current().post(`stripe/payment_intents/${created.transactionId}/confirm`);
    const paid = output(await stripe.getIntent(created.transactionId));
    expect(paid).toMatchObject({ status: 'requires_capture', capturableMinor: 250_000 });
    expect(paid.captureBefore).toBeGreaterThan(Date.now() + 6 * 24 * HOUR_MS);

    const { transactionId } = created;
    const taken = output(await stripe.capture({ transactionId, amountMinor: 250_000 }, newRun()));
    expect(taken).toMatchObject({ status: 'succeeded', receivedMinor: 250_000, chargeId: paid.chargeId });
    const { transferId } = output(await stripe.transfer(transferOf(taken.chargeId ?? ''), newRun()));
    output(await stripe.reverseTransfer({ transferId, dealId: 'deal_1' }, newRun()));
    output(await stripe.refund({ transactionId, dealId: 'deal_1' }, newRun()));

    expect(await current().ledger('provider=stripe&instanceId=wf_1')).toEqual([
      ['payment_intent.create', 0],
      ['payment_intent.confirm', 0],
      ['payment_intent.capture', 0],
      ['transfer.create', 0],
      ['transfer.reverse', 0],
      ['refund.create', 0],
    ]);
  });

  it('is told of by webhooks (R000-80)', async () => {
    await captured();
    expect((await current().webhooks()).toSorted()).toEqual([
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
  });

  it('belongs to one customer per user, however often it is asked for (R000-47)', async () => {
    expect(await customer()).toBe(await customer());
    expect(await current().ledger('kind=customer.create')).toHaveLength(1);
  });

  it('is given back when the hold is cancelled, and cancelling again changes nothing', async () => {
    const transactionId = await held();
    const stripe = current().stripe();
    expect(output(await stripe.cancelHold(transactionId, newRun())).status).toBe('canceled');
    expect(output(await stripe.cancelHold(transactionId, newRun())).status).toBe('canceled');
    expect(await current().ledger('kind=payment_intent.cancel')).toHaveLength(1);
  });

  it('cannot be given back by cancelling once it was taken', async () => {
    const { transactionId } = await captured();
    expect(await current().stripe().cancelHold(transactionId, newRun())).toMatchObject({
      kind: 'failed',
      code: 'PAYMENT_CAPTURED',
    });
  });

  it('cannot be taken once the hold has lapsed (R000-81)', async () => {
    const transactionId = await held();
    await current().post(`stripe/payment_intents/${transactionId}/expire`);
    expect(await current().stripe().capture({ transactionId, amountMinor: 250_000 }, newRun())).toMatchObject({
      kind: 'failed',
      code: 'HOLD_LAPSED',
    });
  });

  it('counts as taken when it was taken by another effect', async () => {
    const { transactionId } = await captured();
    expect(output(await current().stripe().capture({ transactionId, amountMinor: 250_000 }, newRun())).status).toBe(
      'succeeded',
    );
  });

  it('is not sent to an account that may not receive it', async () => {
    const { sourceCharge } = await captured();
    const stripe = current().stripe();
    const destination = 'acct_creator_restricted';
    expect(output(await stripe.canReceive('acct_creator')).active).toBe(true);
    expect(output(await stripe.canReceive(destination)).active).toBe(false);
    expect(await stripe.transfer({ ...transferOf(sourceCharge), destination }, newRun())).toMatchObject({
      kind: 'failed',
      code: 'insufficient_capabilities_for_transfer',
    });
  });

  it('does not exceed what one charge can carry (R000-47)', async () => {
    expect(
      await current()
        .stripe()
        .createHold(await hold(100_000_000), newRun()),
    ).toMatchObject({ kind: 'failed', code: 'amount_too_large' });
  });

  it('is not asked for where Stripe is not configured', async () => {
    const stripe = new StripeClient(undefined, () => Promise.resolve(Date.now()));
    expect(await stripe.getIntent('pi_1')).toMatchObject({ kind: 'failed', code: 'NOT_CONFIGURED' });
  });
});

describe('trying again', () => {
  it.each(['error-after', 'timeout'])('finds the same object when the answer was lost (%s, P8)', async (kind) => {
    const [order, run] = [await hold(), newRun()];
    // Twice, because the SDK itself tries once more, with the same key, when a connection is cut.
    await current().fault('stripe', kind, 'payment_intents.create', { ms: 50, times: 2 });
    expect(await current().stripe().createHold(order, run)).toMatchObject({ kind: 'retry' });
    await current().stripe().createHold(order, run);
    const { transactionId } = output(await current().stripe().createHold(order, run));
    expect(output(await current().stripe().getIntent(transactionId)).amountMinor).toBe(order.amountMinor);
    expect(await current().ledger('kind=payment_intent.create')).toHaveLength(1);
  });

  it('does it then when nothing was done before (error-before)', async () => {
    const [order, run] = [await hold(), newRun()];
    await current().fault('stripe', 'error-before', 'payment_intents.create');
    expect(await current().stripe().createHold(order, run)).toMatchObject({
      kind: 'retry',
      receipt: { responseCode: '500' },
    });
    output(await current().stripe().createHold(order, run));
    expect(await current().ledger('kind=payment_intent.create')).toEqual([['payment_intent.create', 0]]);
  });

  it('waits as long as Stripe asks for', async () => {
    await current().fault('stripe', 'rate-limit', undefined, { ms: 7_000 });
    expect(await current().stripe().getIntent('pi_1')).toMatchObject({ kind: 'retry', afterMs: 7_000 });
  });

  it('steps over a failure that Stripe remembers for the key, without doing it twice (P8)', async () => {
    const [order, run] = [await hold(), newRun()];
    await current().fault('stripe', 'error-remembered', 'payment_intents.create');
    expect(await current().stripe().createHold(order, run)).toMatchObject({ kind: 'retry' });
    const { transactionId } = output(await current().stripe().createHold(order, run));
    expect(output(await current().stripe().createHold(order, run)).transactionId).toBe(transactionId);
    expect(await current().ledger('kind=payment_intent.create')).toHaveLength(1);
  });

  const deeds: [kind: string, operation: string, (stripe: StripeClient, on: Paid, run: Attempt) => Promise<unknown>][] =
    [
      ['payment_intent.create', 'payment_intents.create', (stripe, { order }, run) => stripe.createHold(order, run)],
      [
        'transfer.create',
        'transfers.create',
        (stripe, { sourceCharge }, run) => stripe.transfer(transferOf(sourceCharge, 2), run),
      ],
      [
        'refund.create',
        'refunds.create',
        (stripe, { transactionId }, run) => stripe.refund({ transactionId, dealId: 'deal_1' }, run),
      ],
      [
        'transfer.reverse',
        'transfers.createReversal',
        (stripe, { transferId }, run) => stripe.reverseTransfer({ transferId, dealId: 'deal_1' }, run),
      ],
    ];

  it.each(deeds)(
    'after 23 hours looks for the %s of the effect first, because its key is forgotten (P8)',
    async (kind, operation, deed) => {
      const { transactionId, sourceCharge } = await captured();
      const { transferId } = output(await current().stripe().transfer(transferOf(sourceCharge, 1), newRun()));
      const on = { transactionId, sourceCharge, transferId, order: await hold() };
      const run = newRun();
      const first = await deed(current().stripe(), on, run);
      const before = await current().ledger(`kind=${kind}`);
      await current().fault('stripe', 'forget-idempotency', operation, { times: 9 });
      expect(await deed(current().stripe(run.since + 23 * HOUR_MS), on, run)).toEqual(first);
      expect(await current().ledger(`kind=${kind}`)).toEqual(before);
    },
  );

  it('is no use for another request with the same key', async () => {
    const [order, run] = [await hold(), newRun()];
    output(await current().stripe().createHold(order, run));
    expect(
      await current()
        .stripe()
        .createHold({ ...order, amountMinor: 1_000 }, run),
    ).toMatchObject({ kind: 'failed', code: 'idempotency_error' });
  });

  it('finds the provider again after it was restarted in the middle', async () => {
    const [order, run] = [await hold(), newRun()];
    await current().fault('stripe', 'error-after', 'payment_intents.create');
    await current().stripe().createHold(order, run);
    await current().restart();
    output(await current().stripe().createHold(order, run));
    expect(await current().ledger('kind=payment_intent.create')).toEqual([['payment_intent.create', 1]]);
  });

  it('is worth it when nobody answers at all', async () => {
    const nobody = new StripeClient(
      { secretKey: 'sk_test_sandbox', webhookSecrets: [], apiBase: 'http://127.0.0.1:1' },
      () => Promise.resolve(0),
    );
    expect(await nobody.getIntent('pi_1')).toMatchObject({ kind: 'retry' });
  });
});
