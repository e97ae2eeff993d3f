import { Reconciliation } from '../../src/integrations/reconcile/reconciliation.js';
import { Journey } from '../support/journey.js';
import { liveService } from '../support/live.js';

const service = liveService();
afterEach(async () => (await service()).repair());

interface Told {
  template: string;
  status: string;
  data: Record<string, string>;
}

/** What the legal team was told of a deal, and whether it reached them. */
async function told({ id }: Journey): Promise<Told[]> {
  const { rows } = await (
    await service()
  ).owner.query<Told>(
    `select params ->> 'template' as template, status, params -> 'data' as data from engine.outbox
      where instance_id = $1 and params ->> 'to' = 'legal-team' and seq = 0 order by id`,
    [id],
  );
  return rows;
}

const messagesOf = async ({ id }: Journey): Promise<{ status: string; reason: string | null }[]> =>
  (
    await (
      await service()
    ).owner.query<{ status: string; reason: string | null }>(
      `select status, reason from engine.inbox where instance_id = $1 and status = 'quarantined' order by received_at`,
      [id],
    )
  ).rows;

describe('a dispute of a payment', () => {
  const incidents = async (query = '') =>
    (await (await service()).call('GET', `/admin/incidents${query}`)).body['data'];

  it('opens an incident of a deal that is done, tells the legal team once, and is closed by the bank', async () => {
    const journey = await (await Journey.begin(await service())).toCompleted();
    const before = await journey.read();
    await journey.pay('dispute');
    const incident = {
      instance_id: journey.id,
      kind: 'dispute',
      provider_id: expect.stringMatching(/^dp_/),
      amount_minor: 50_000_00,
      status: 'open',
      closed_at: null,
      details: {
        transactionId: await journey.transactionId(),
        status: 'needs_response',
        reason: 'fraudulent',
        currency: 'usd',
      },
    };
    expect(await incidents('?status=open')).toMatchObject([incident]);
    expect(await journey.read()).toEqual(before);

    await journey.pay('decide', { status: 'won' });
    expect(await incidents()).toMatchObject([
      { ...incident, status: 'closed', closed_at: expect.any(String), details: { status: 'won' } },
    ]);
    expect(await incidents('?status=open')).toEqual([]);
    expect(await told(journey)).toEqual([
      {
        template: 'dispute_opened',
        status: 'done',
        data: expect.objectContaining({ amount: '50000.00', reason: 'fraudulent' }),
      },
    ]);
  });

  it('stays closed when its opening is heard of last (R000-85)', async () => {
    const live = await service();
    const journey = await (await Journey.begin(live)).toCompleted();
    await journey.fault('stripe', 'webhook-drop', 'charge.dispute.created');
    await journey.pay('dispute');
    await journey.pay('decide');
    expect(await live.app.get(Reconciliation).turn()).toBe(1);
    await live.deliver();
    expect(await incidents()).toContainEqual(
      expect.objectContaining({
        instance_id: journey.id,
        status: 'closed',
        details: expect.objectContaining({ status: 'lost' }),
      }),
    );
    expect(await told(journey)).toEqual([]);
  });

  it('is shown to nobody but overseers of its tenant', async () => {
    const live = await service();
    const token = await live.tokenFor('inv_123', ['investor']);
    expect(await live.call('GET', '/admin/incidents', undefined, token)).toMatchObject({ status: 403 });
    const { rows } = await live.owner
      .query(
        `begin; set local role statewright_app; set local engine.tenant = 'others'; select * from deals.incidents; commit`,
      )
      .then((results) => (results as unknown as { rows: unknown[] }[])[3] ?? { rows: ['nothing was asked'] });
    expect(rows).toEqual([]);
  });
});

describe('a message that contradicts its deal', () => {
  it('is put aside and the legal team is told, once however often it comes (R000-47)', async () => {
    const live = await service();
    const journey = await (await Journey.begin(live)).toEscrow();
    await live.owner.query(
      `update engine.instances set snapshot = jsonb_set(snapshot::jsonb, '{context,transactionId}', '"pi_other"') where id = $1`,
      [journey.id],
    );
    await journey.fault('stripe', 'webhook-duplicate', 'payment_intent.amount_capturable_updated');
    const { rows } = await live.owner.query<{ id: string }>(
      `select result ->> 'transactionId' as id from engine.outbox where instance_id = $1 and type = 'stripe.hold'`,
      [journey.id],
    );
    await journey.atSandbox(`stripe/payment_intents/${rows[0]?.id}/confirm`, {});
    await journey.work();
    expect(await messagesOf(journey)).toEqual([{ status: 'quarantined', reason: 'OTHER_TRANSACTION' }]);
    expect(await told(journey)).toEqual([
      {
        template: 'message_quarantined',
        status: 'done',
        data: expect.objectContaining({ reason: 'OTHER_TRANSACTION' }),
      },
    ]);
  });
});
