/** What of a deal can be read afterwards: in the tables' stable views, in lists, and by the id of its instance. */
import type { DealList } from '../../src/deals/deals.list.dto.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { dealsService } from '../support/deals.js';

const INSTANCE_ID = /^wf_\w+$/;
const deals = dealsService();

const columnsOf = (schema: string, name: string) =>
  deals.rows<{ name: string; type: string }>(
    `select column_name as name, data_type || coalesce('(' || numeric_precision || ',' || nullif(numeric_scale, 0) || ')', '') as type
       from information_schema.columns where table_schema = $1 and table_name = $2 order by ordinal_position`,
    schema,
    name,
  );

describe('the row of an investment', () => {
  const rowOf = async (id: string) => {
    const [row] = await deals.rows('select * from statewright.sw_investment_deals where workflow_instance_id = $1', id);
    return row;
  };

  it('is there once the create call has answered, in exactly these words (R000-13)', async () => {
    const { status, body } = await deals.create();
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        success: true,
        instanceId: expect.stringMatching(INSTANCE_ID),
        message: 'Investment deal workflow started',
        estimatedProcessingTime: '7-14 days',
        seq: 1,
        revision: 1,
        state: 'INTEREST',
        phase: null,
        status: 'active',
        allowedEvents: ['investor-withdraw'],
      },
    });
    expect(await rowOf(body.instanceId)).toMatchObject({ status: 'INTEREST', proposed_amount: '250000.00' });
  });

  it('says who deals with whom, over how much, and where the money went (R000-89)', async () => {
    const id = await deals.completed();
    const done = await deals.done(id);
    const { dealId } = (await deals.read(id)).keys;
    const made = (kind: string) => done.find((entry) => entry.kind === kind)?.objectId;
    expect(await rowOf(id)).toEqual({
      tenant: 'demo',
      id: dealId,
      workflow_instance_id: id,
      investor_id: 'inv_123',
      creator_id: 'creator_789',
      pitch_id: deals.pitchId,
      proposed_amount: '250000.00',
      agreed_amount: '250000.00',
      investment_type: 'equity',
      status: 'COMPLETED',
      reason_code: null,
      compensation_status: 'none',
      stripe_payment_intent: made('payment_intent.create'),
      wire_reference: null,
      escrow_id: `escrow_${dealId}`,
      escrow_created_at: expect.any(Date),
      transfer_id: made('transfer.create'),
      funded_at: expect.any(Date),
      created_at: expect.any(Date),
      updated_at: expect.any(Date),
    });
  });

  it('keeps amounts as numeric(12,2), to the cent, and the proposed one beside the agreed one (R000-89)', async () => {
    const amounts = (await columnsOf('statewright', 'sw_investment_deals')).filter(({ name }) =>
      name.endsWith('_amount'),
    );
    expect(amounts).toEqual([
      { name: 'proposed_amount', type: 'numeric(12,2)' },
      { name: 'agreed_amount', type: 'numeric(12,2)' },
    ]);
    const id = await deals.begun({ proposedAmount: 1234.56 });
    expect(await rowOf(id)).toMatchObject({ proposed_amount: '1234.56', agreed_amount: null });
    await deals.send('creator', id, 'creator-decision', { decision: 'counter', counterAmount: 2000.07 });
    await deals.send('investor', id, 'investor-counter-response', { accepted: true });
    expect(await rowOf(id)).toMatchObject({ proposed_amount: '1234.56', agreed_amount: '2000.07' });
  });

  it('is one per instance, and found by status, pitch and instance through an index (R000-89)', async () => {
    const indexes = await deals.rows<{ definition: string }>(
      `select indexdef as definition from pg_indexes where schemaname = 'deals' and tablename = 'investment_deals'`,
    );
    const definitions = indexes.map(({ definition }) => definition).join('\n');
    expect(definitions).toMatch(/unique index \w+ on .*\(tenant, workflow_instance_id\)/i);
    for (const columns of ['status', 'pitch_id, created_at desc', 'workflow_instance_id, status'])
      expect(definitions.toLowerCase()).toContain(`(tenant, ${columns})`);
  });

  it("has the caller's own ids, known here or not (R000-91)", async () => {
    const [investor_id, creator_id, pitch_id] = ['INV:2026-0007', 'cre.ator_9', 'their.own-pitch:9'];
    const ids = { investorId: investor_id, creatorId: creator_id, pitchId: pitch_id };
    const { body } = await deals.create(ids, 'service');
    expect(body.instanceId).toMatch(INSTANCE_ID);
    expect(await rowOf(body.instanceId)).toMatchObject({ investor_id, creator_id, pitch_id });
    const foreignKeys = `select conname from pg_constraint where contype = 'f' and connamespace = 'deals'::regnamespace`;
    expect(await deals.rows(foreignKeys)).toEqual([]);
  });

  it('gives access to the pitch once for each investor, whatever he invests (R000-93)', async () => {
    const accesses = () =>
      deals.rows<{ id: string }>(
        `select * from deals.pitch_access where user_id = 'inv_123' and pitch_id = $1`,
        deals.pitchId,
      );
    const granted = async (id: string) => ({
      user_id: 'inv_123',
      pitch_id: deals.pitchId,
      access_type: 'investor',
      granted_via: 'investment',
      granted_via_id: (await deals.read(id)).keys['dealId'],
      granted_at: expect.any(Date),
      revoked_at: null,
    });
    const first = await deals.completed();
    const before = await accesses();
    expect(before).toMatchObject([await granted(first)]);
    await deals.owner.query('update deals.pitch_access set revoked_at = now() where id = $1', [before[0]?.id]);
    const second = await deals.completed();
    expect(await accesses()).toMatchObject([{ id: before[0]?.id, ...(await granted(second)) }]);
  });

  it('is listed with the title of its pitch and the name of its investor, newest first (R000-94)', async () => {
    await deals.putInvestor('inv_ida', { name: 'Ida Nova' });
    const ids = [await deals.begun(), await deals.begun({ investorId: 'inv_ida' }, 'service')];
    const { body } = await deals.call<DealList>('admin', 'GET', `/api/workflows/list?pitchId=${deals.pitchId}`);
    expect(body).toMatchObject({
      total: 2,
      limit: 50,
      workflows: [
        { workflow_instance_id: ids[1], investor_name: 'Ida Nova', pitch_title: 'The Last Reel' },
        { workflow_instance_id: ids[0], investor_name: 'Ines Vestor', pitch_title: 'The Last Reel' },
      ],
    });
  });
});

describe('the log of an investment', () => {
  it('has one event for each step, in the columns of the original service (R000-4)', async () => {
    const columns = (await columnsOf('statewright', 'workflow_events')).map(({ name }) => name).join();
    expect(columns).toBe('tenant,event_id,workflow_id,timestamp,type,payload,user_id,metadata');
    const id = await deals.begun();
    await deals.send('creator', id, 'creator-decision', { decision: 'reject' });
    const events = await deals.rows<{ event_id: string; type: string; user_id: string; metadata: object }>(
      'select * from statewright.workflow_events where workflow_id = $1 order by timestamp, event_id',
      id,
    );
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe((await deals.read(id)).revision);
    expect(events.map(({ type, user_id }) => [type, user_id])).toEqual([
      ['start', 'inv_123'],
      ['xstate.done.actor.announcement', expect.stringMatching(/^system:/)],
      ['xstate.done.actor.qualification', expect.stringMatching(/^system:/)],
      ['creator-decision', 'creator_789'],
    ]);
    expect(events.at(-1)).toMatchObject({
      workflow_id: id,
      timestamp: expect.any(Date),
      payload: { decision: 'reject' },
      metadata: { fromState: 'NEGOTIATION', toState: 'REJECTED' },
    });
  });

  it.each(['update', 'delete'])('takes no %s from the service (R000-4)', async (verb) => {
    const id = await deals.begun();
    const statement = verb === 'update' ? `update engine.history set type = 'other'` : 'delete from engine.history';
    await deals.owner.query('begin');
    try {
      await deals.owner.query('set local role statewright_app');
      await expect(deals.owner.query(`${statement} where instance_id = $1`, [id])).rejects.toThrow('permission denied');
    } finally {
      await deals.owner.query('rollback');
    }
  });

  it('tells how long qualification took, in milliseconds (R000-7)', async () => {
    const measured = () =>
      deals.rows<{ value: number }>(
        `select workflow_type, metric, value, timestamp from statewright.workflow_analytics a
          where exists (select 1 from engine.history h where h.instance_id = $1 and h.at = a.timestamp)`,
        id,
      );
    const id = (await deals.create()).body.instanceId;
    await deals.live.run(id, 'announcement');
    expect(await measured()).toEqual([]);
    await deals.advance(id, '90s');
    const figures = await measured();
    const figure = { workflow_type: 'investment', metric: 'qualification_time', timestamp: expect.any(Date) };
    expect(figures).toEqual([{ ...figure, value: expect.any(Number) }]);
    expect(figures[0]?.value).toBeGreaterThanOrEqual(90_000);
    expect(figures[0]?.value).toBeLessThan(120_000);
  });
});

describe('an instance that is inspected by its id', () => {
  /** A decision about it throws from now on, because what it remembers is broken. */
  const spoil = (id: string) =>
    deals.owner.query(
      `update engine.instances set snapshot = jsonb_set(snapshot::jsonb, '{context,counterOffers}', 'null') where id = $1`,
      [id],
    );
  const counter = (id: string) =>
    deals.call('creator', 'POST', `/api/workflows/investment/${id}/event`, {
      type: 'creator-decision',
      payload: { decision: 'counter', counterAmount: 300_000 },
    });
  const inspect = async (id: string, what: string) =>
    (await deals.call<{ data: object[] }>('admin', 'GET', `/api/instances/${id}${what}`)).body.data;

  it('shows its status, its history, what is still to be done and its last error (R000-95)', async () => {
    const id = (await deals.create()).body.instanceId;
    expect(await deals.read(id)).toMatchObject({ id, status: 'active', state: 'INTEREST' });
    expect(await inspect(id, '/history')).toMatchObject([{ seq: 1, to_state: 'INTEREST' }]);
    expect(await inspect(id, '/effects')).toMatchObject([{ type: 'notification.send', status: 'pending' }]);
    expect(await inspect(id, '/failure')).toBeNull();

    await deals.deal(id).work();
    await spoil(id);
    expect(await counter(id)).toMatchObject({ status: 500 });
    expect(await inspect(id, '/failure')).toMatchObject({
      type: 'creator-decision',
      state: 'NEGOTIATION',
      error: { message: expect.stringContaining('null') },
      at: expect.any(String),
    });
    expect(await inspect(id, '/history')).toHaveLength(3);
  });

  it('keeps its errors for 30 days (R000-8)', async () => {
    const worker = deals.live.app.get(TimerWorker);
    const kept = () => deals.rows(`select error ->> 'stack' as stack from engine.failures where instance_id = $1`, id);
    const id = await deals.begun();
    await spoil(id);
    await counter(id);
    await worker.sweep();
    expect(await kept()).toEqual([{ stack: expect.stringContaining('at ') }]);
    await deals.call('admin', 'POST', '/admin/clock', { advance: '29d' });
    await worker.sweep();
    expect(await kept()).toHaveLength(1);
    await deals.call('admin', 'POST', '/admin/clock', { advance: '1d' });
    expect(await worker.sweep()).toBeGreaterThan(0);
    expect(await kept()).toEqual([]);
  });
});
