import { engineApi, REASON } from './engine.app.js';
import type { Answer } from './http.app.js';

const running = engineApi();
const get = (path: string, as = 'admin') => running().get(as, path);
const post = (path: string, body: unknown, headers = {}, as = 'admin') => running().post(as, path, body, headers);
const data = ({ json }: Answer) => json['data'] as Record<string, unknown>[];
const read = async (id: string) => (await get(`/api/instances/${id}`)).json;
const force = (id: string, body: object, headers = {}, query = '') =>
  post(
    `/admin/workflows/${id}/force-transition${query}`,
    { fromState: 'PLACED', toState: 'SHIPPED', reason: REASON, ...body },
    headers,
  );
const act = (id: string, action: string, as = 'admin') =>
  post(`/admin/workflows/${id}/${action}`, { reason: REASON }, {}, as);

describe('force-transition (R000-22)', () => {
  it('moves an instance and writes down who, why, and from where to where', async () => {
    const id = await running().order();
    expect(await force(id, {})).toMatchObject({ status: 200, json: { success: true, state: 'SHIPPED', seq: 2 } });
    expect(data(await get(`/api/instances/${id}/history`)).at(-1)).toMatchObject({
      kind: 'force',
      actor: 'admin_1',
      payload: { from: 'PLACED', to: 'SHIPPED', reason: REASON },
    });
    expect(data(await get('/admin/audit?limit=1'))).toMatchObject([
      {
        actor: 'admin_1',
        action: 'force-transition',
        target: id,
        reason: REASON,
        details: { fromState: 'PLACED', toState: 'SHIPPED', seq: 2 },
      },
    ]);
  });

  it('shows with ?dryRun=true what it would do, and does nothing', async () => {
    const id = await running().order();
    const before = await running().everything();
    expect(await force(id, { toState: 'PAYING' }, {}, '?dryRun=true')).toMatchObject({
      status: 200,
      json: {
        dryRun: true,
        from: 'PLACED.waiting',
        to: 'PAYING',
        effects: [{ kind: 'job', type: 'shop.charge' }],
        timersCancelled: expect.any(Array),
      },
    });
    expect(await running().everything()).toEqual(before);
  });

  it.each(['buyer_1', 'seller_1', 'operator', 'legal', 'viewer', 'service'])('is not for %s', async (as) => {
    const id = await running().order();
    const body = { fromState: 'PLACED', toState: 'SHIPPED', reason: REASON };
    expect(await post(`/admin/workflows/${id}/force-transition`, body, {}, as)).toMatchObject({
      status: 403,
      json: { code: 'WF005' },
    });
    expect(await read(id)).toMatchObject({ state: 'PLACED', revision: 1 });
  });

  it.each<[string, object, number, string]>([
    ['a reason that says nothing', { reason: 'because' }, 400, 'WF006'],
    ['a state the instance is not in', { fromState: 'PAYING' }, 409, 'WF002'],
    ['a state that is none', { toState: 'constructor' }, 400, 'WF006'],
    ['a revision that has passed', { expectedRevision: 7 }, 409, 'REVISION_MISMATCH'],
    ['a wish instead of a yes or no', { runEntryEffects: 'yes' }, 400, 'WF006'],
  ])('is refused with %s', async (_, body, status, code) => {
    const id = await running().order();
    expect(await force(id, body)).toMatchObject({ status, json: { code } });
    expect(await read(id)).toMatchObject({ state: 'PLACED', revision: 1 });
  });

  it('is done once under one Idempotency-Key, and answered alike', async () => {
    const id = await running().order();
    const key = { 'idempotency-key': '"force-1"' };
    const first = await force(id, {}, key);
    const again = await force(id, {}, key);
    expect([first.status, again.json]).toEqual([200, first.json]);
    expect(await force(id, { toState: 'PAYING' }, key)).toMatchObject({
      status: 422,
      json: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await read(id)).toMatchObject({ state: 'SHIPPED', revision: 2 });
  });
});

describe('a paused instance', () => {
  it('refuses events until it is resumed', async () => {
    const id = await running().order();
    expect(await act(id, 'pause')).toMatchObject({ status: 200, json: { status: 'paused', allowedEvents: [] } });
    expect(await running().send('buyer_1', id, 'cancel')).toMatchObject({
      status: 409,
      json: { code: 'INSTANCE_PAUSED' },
    });
    expect((await running().get('buyer_1', `/api/instances/${id}/explain?event=cancel`)).json).toMatchObject({
      allowed: false,
      verdict: 'INSTANCE_PAUSED',
    });
    expect(await act(id, 'pause')).toMatchObject({ status: 409, json: { code: 'WF002' } });
    expect(await act(id, 'resume')).toMatchObject({ status: 200, json: { status: 'active' } });
    expect(await running().send('buyer_1', id, 'cancel')).toMatchObject({ status: 200 });
  });

  it('fires no timer meanwhile, and what fell due afterwards', async () => {
    const id = await running().order();
    await act(id, 'pause');
    await post('/admin/clock', { advance: '11d' });
    await running().fireTimers();
    expect(await read(id)).toMatchObject({ state: 'PLACED', revision: 2 });
    await act(id, 'resume');
    await running().fireTimers();
    expect(await read(id)).toMatchObject({ state: 'CANCELLED' });
  });
});

describe('a quarantined instance', () => {
  it('is explained as such, and can be read', async () => {
    const id = await running().order();
    await running().owner.query(
      `update engine.instances set snapshot = replace(snapshot::text, '"PLACED"', '"LOST"')::json where id = $1`,
      [id],
    );
    expect((await running().send('buyer_1', id, 'cancel')).status).toBe(500);
    expect(await read(id)).toMatchObject({ status: 'quarantined', allowedEvents: [] });
    expect(await running().get('buyer_1', `/api/instances/${id}/explain?event=cancel`)).toMatchObject({
      status: 200,
      json: { verdict: 'INSTANCE_QUARANTINED', allowed: false },
    });
    expect(await post(`/api/instances/${id}/simulate`, { events: [{ type: 'cancel' }] })).toMatchObject({
      status: 409,
      json: { code: 'INSTANCE_QUARANTINED' },
    });
    expect(await force(id, {})).toMatchObject({ status: 409, json: { code: 'INSTANCE_QUARANTINED' } });
  });
});

describe('compensation', () => {
  it('undoes what a failed order had done, and can be asked for again', async () => {
    const id = await running().order();
    await running().send('buyer_1', id, 'pay');
    await running().work();
    running().world.effects['shop.refund'] = async () => ({
      kind: 'failed',
      code: 'BANK_CLOSED',
      reason: 'the bank is closed',
    });
    await running().send('buyer_1', id, 'cancel');
    await running().work();
    expect(await read(id)).toMatchObject({ state: 'CANCELLED', compensation: 'error' });
    delete running().world.effects['shop.refund'];
    expect(await act(id, 'compensate')).toMatchObject({ status: 200, json: { success: true, revived: 1 } });
    await running().work();
    expect(await read(id)).toMatchObject({ compensation: 'done' });
  });

  it('is refused while the instance lives', async () => {
    expect(await act(await running().order(), 'compensate')).toMatchObject({ status: 409, json: { code: 'WF002' } });
  });
});
