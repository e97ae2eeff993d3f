import { InvestmentReconcile } from '../../src/deals/investment/investment.reconcile.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { Journey } from '../support/journey.js';
import { liveService } from '../support/live.js';

const service = liveService();
const BANK = { payment_method: 'pm_usBankAccount_success' };

const differences = async ({ id }: Journey) =>
  (await service()).app.get(InvestmentReconcile).differences({ tenant: 'demo', instanceId: id, since: 0 });

/** A deal whose investor pays from a bank account and is asked to. */
const begin = async () => (await Journey.begin(await service(), { fundingMethod: 'bank' })).toEscrow();

describe('money from a bank account (R000-47)', () => {
  it('closes the deal once it has arrived, and is handed over when it can hardly be called back', async () => {
    const live = await service();
    const journey = await begin();
    await journey.pay('confirm', BANK);
    expect(await journey.place()).toBe('ESCROW.awaitingPayment');
    await journey.pay('settle');
    expect(await journey.place()).toMatch(/^CLOSING.*funds.captured$/);
    await journey.signBoth();
    expect(await journey.place()).toBe('FUNDED.clearing');
    await live.fire(journey.id, 'xstate.after.BANK_RISK.investment.FUNDED.clearing');
    await journey.work();
    expect(await journey.place()).toBe('COMPLETED');
    const money = (await journey.ledger()).filter(({ provider }) => provider === 'stripe');
    expect(money.map(({ kind }) => kind)).toEqual([
      'payment_intent.create',
      'payment_intent.confirm',
      'transfer.create',
    ]);
    expect(await differences(journey)).toEqual([]);
  });

  it('lets the investor try again when the bank has none', async () => {
    const journey = await begin();
    await journey.pay('confirm', BANK);
    await journey.pay('fail');
    expect(await journey.place()).toBe('ESCROW.paymentFailed');
    await journey.pay('confirm', BANK);
    await journey.pay('settle');
    expect(await journey.place()).toMatch(/^CLOSING/);
  });

  it('is paid back when it arrives after the deal has failed (R000-46)', async () => {
    const live = await service();
    const journey = await begin();
    await journey.pay('confirm', BANK);
    await live.fire(journey.id, 'xstate.after.ESCROW.investment.ESCROW');
    while (await live.app.get(OutboxWorker).turn());
    expect(await journey.read()).toMatchObject({ state: 'FAILED', compensation: 'pending' });
    const waiting = await live.owner.query(
      `select type, last_error ->> 'message' as reason from engine.outbox where instance_id = $1 and status = 'pending'`,
      [journey.id],
    );
    expect(waiting.rows).toContainEqual({
      type: 'stripe.release',
      reason: expect.stringContaining('is on its way'),
    });
    await journey.pay('settle');
    expect(await journey.read()).toMatchObject({ state: 'FAILED', compensation: 'done' });
    expect((await journey.ledger()).map(({ kind }) => kind)).toContain('refund.create');
    expect(await differences(journey)).toEqual([]);
  });
});
