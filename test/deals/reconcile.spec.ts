import { Stripe } from 'stripe';
import { Reconciliation } from '../../src/integrations/reconcile/reconciliation.js';
import { reconcile } from '../../src/reconcile.command.js';
import { Journey } from '../support/journey.js';
import { liveService } from '../support/live.js';

const service = liveService();
afterEach(async () => (await service()).repair());

/** Sixteen minutes later, as far as the agreement between the workers goes. */
async function ask(): Promise<number> {
  const live = await service();
  await live.owner.query(`update engine.reconciled set asked_at = asked_at - interval '16 minutes'`);
  const found = await live.app.get(Reconciliation).turn();
  await live.deliver();
  return found;
}

const drop = (journey: Journey, provider: 'stripe' | 'docusign', operation: string) =>
  journey.fault(provider, 'webhook-drop', operation, 10);

describe('messages of providers that got lost', () => {
  beforeAll(async () => void (await ask()));

  it('move the deal all the same once DocuSign is asked about its envelopes (R000-82)', async () => {
    const journey = await (await Journey.begin(await service())).toTermSheet();
    for (const type of ['recipient-completed', 'envelope-completed']) await drop(journey, 'docusign', type);
    await journey.signBoth();
    expect(await journey.place()).toMatch(/^TERM_SHEET/);
    expect(await ask()).toBe(2);
    expect(await journey.place()).toBe('DUE_DILIGENCE.checking');
    expect(await ask()).toBe(0);
  });

  it('are the same messages when they come after all (R000-85)', async () => {
    const live = await service();
    const journey = await (await Journey.begin(live)).toTermSheet();
    await journey.fault('docusign', 'webhook-delay', 'recipient-completed', 1);
    await journey.sign('creator');
    expect(await ask()).toBe(1);
    await live.sandbox.idle();
    await live.deliver();
    const { rows } = await live.owner.query(
      `select status from engine.inbox where instance_id = $1 and type = 'recipient-completed'`,
      [journey.id],
    );
    expect(rows).toEqual([{ status: 'applied' }]);
  });

  it.each([
    ['payment_intent.amount_capturable_updated', 'confirm', {}, 'CLOSING'],
    ['payment_intent.payment_failed', 'fail', {}, 'ESCROW.paymentFailed'],
  ] as const)('move the deal all the same once Stripe is asked: %s (R000-80)', async (type, deed, given, place) => {
    const journey = await (await Journey.begin(await service())).toEscrow();
    await drop(journey, 'stripe', type);
    await journey.pay(deed, given);
    expect(await journey.place()).toBe('ESCROW.awaitingPayment');
    expect(await ask()).toBe(1);
    expect(await journey.place()).toContain(place);
    expect(await ask()).toBe(0);
  });

  it('fail the deal when the hold has lapsed unheard (R000-81)', async () => {
    const journey = await (await Journey.begin(await service())).toClosing();
    await drop(journey, 'stripe', 'payment_intent.canceled');
    await journey.pay('expire');
    expect(await journey.place()).toMatch(/^CLOSING/);
    await ask();
    expect(await journey.place()).toBe('FAILED');
  });

  it('are asked for by one worker, every 15 minutes, and from where the last answer ended', async () => {
    const live = await service();
    const journey = await (await Journey.begin(live)).toEscrow();
    await drop(journey, 'stripe', 'payment_intent.amount_capturable_updated');
    await ask();
    await journey.pay();
    const reconciliation = live.app.get(Reconciliation);
    expect(await reconciliation.turn()).toBe(0);
    await live.breakDown('stripe');
    expect(await ask()).toBe(0);
    await live.repair();
    await live.owner.query(`update engine.reconciled set asked_at = asked_at - interval '16 minutes'`);
    expect((await Promise.all([reconciliation.turn(), reconciliation.turn()])).sort()).toEqual([0, 1]);
  });
});

describe('statewright reconcile', () => {
  /** What the command says of one deal, and how many differences remain. */
  async function compare(journey: Journey, heal = false): Promise<{ lines: string[]; remaining: number }> {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line.replace(`${journey.id}: `, ''));
    const scope = { tenant: 'demo', instanceId: journey.id };
    return { remaining: await reconcile((await service()).app, scope, heal, say), lines };
  }

  it('finds nothing in deals that went well, or were undone', async () => {
    const live = await service();
    const completed = await (await Journey.begin(live)).toCompleted();
    expect(await completed.place()).toBe('COMPLETED');
    expect(await compare(completed)).toEqual({ lines: [], remaining: 0 });
    const undone = await (await Journey.begin(live)).toEscrow();
    await live.fire(undone.id, 'xstate.after.ESCROW.investment.ESCROW');
    await undone.work();
    expect(await undone.read()).toMatchObject({ state: 'FAILED', compensation: 'done' });
    expect(await compare(undone)).toEqual({ lines: [], remaining: 0 });
  });

  it('names messages that never arrived, and heals them', async () => {
    const live = await service();
    const journey = await (await Journey.begin(live)).toEscrow();
    await drop(journey, 'stripe', 'payment_intent.amount_capturable_updated');
    await journey.pay();
    const lost = expect.stringMatching(/^payment_intent.amount_capturable_updated of stripe \(evt_\w+\) never arrived/);
    expect(await compare(journey)).toEqual({ lines: [lost], remaining: 1 });
    expect(await compare(journey, true)).toEqual({ lines: [lost], remaining: 0 });
    await live.deliver();
    expect(await journey.place()).toMatch(/^CLOSING/);
  });

  it('names what was done at the providers without us, and what we believe and is not so', async () => {
    const live = await service();
    const journey = await (await Journey.begin(live)).toClosing();
    const { hostname: host, port } = new URL(live.sandbox.url);
    const dashboard = new Stripe('sk_test_person', { host, port, protocol: 'http', telemetry: false });
    const transactionId = await journey.transactionId();
    await dashboard.paymentIntents.capture(transactionId);
    const transfer = await dashboard.transfers.create({
      amount: 1_00,
      currency: 'usd',
      destination: 'acct_other',
      transfer_group: String((await journey.read()).keys['dealId']),
    });
    await live.owner.query(
      `update engine.outbox set result = '{"envelopeId":"env_nobody"}' where instance_id = $1 and params ->> 'purpose' = 'closing'`,
      [journey.id],
    );
    const { lines, remaining } = await compare(journey);
    expect(lines).toEqual(
      expect.arrayContaining([
        'envelope env_nobody is known here and does not exist at the provider',
        `transfer ${transfer.id} exists at the provider and is unknown here`,
        `payment ${transactionId} is taken at the provider and was not taken here`,
      ]),
    );
    expect(remaining).toBe(lines.length);
  });

  it('does not call a provider that cannot be asked an agreement', async () => {
    const live = await service();
    const journey = await (await Journey.begin(live)).toEscrow();
    await live.breakDown('stripe');
    const { lines, remaining } = await compare(journey);
    await live.repair();
    expect(lines).toEqual([
      expect.stringMatching(/^Stripe could not be asked/),
      expect.stringMatching(/^stripe could not be asked for its messages/),
    ]);
    expect(remaining).toBe(2);
  });
});
