import type { Answer } from './http.app.js';
import { startApi } from './http.app.js';
import { engineApi, engineOnly, REASON } from './engine.app.js';

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

/** An order whose label cannot be printed: its effect is dead after three attempts. */
async function withDeadLetter(): Promise<{ id: string; effect: number }> {
  running().world.effects['shop.label'] = async () => ({ kind: 'retry', reason: 'out of paper' });
  const id = await running().order();
  await running().send('buyer_1', id, 'pay');
  for (let attempt = 0; attempt < 4; attempt++) {
    await running().owner.query(`update engine.outbox set next_attempt_at = engine.now() where status = 'pending'`);
    await running().work();
  }
  delete running().world.effects['shop.label'];
  const [dead] = data(await get(`/api/instances/${id}/effects`)).filter(({ status }) => status === 'dead');
  return { id, effect: Number(dead?.['id']) };
}

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

describe('a dead letter', () => {
  const letters = async () => data(await get('/admin/dead-letters?limit=200')).map(({ id }) => id);

  it('is listed with its last error, for operators too, and replayed under its old key', async () => {
    const { id, effect } = await withDeadLetter();
    const [letter] = data(await get('/admin/dead-letters?limit=200', 'operator')).filter(({ id }) => id === effect);
    expect(letter).toMatchObject({
      instance_id: id,
      type: 'shop.label',
      status: 'dead',
      last_error: { code: 'ATTEMPTS_EXHAUSTED', message: 'out of paper' },
    });
    expect(await post(`/admin/dead-letters/${effect}/replay`, { reason: REASON }, {}, 'operator')).toMatchObject({
      status: 200,
      json: { success: true },
    });
    await running().work();
    expect(await letters()).not.toContain(effect);
    const keys = running()
      .world.calls.filter(({ type, input }) => type === 'shop.label' && (input as { orderId: string }).orderId === id)
      .map(({ key }) => key);
    expect([keys.length, new Set(keys).size]).toEqual([4, 1]);
  });

  it('is discarded for good', async () => {
    const { effect } = await withDeadLetter();
    expect((await post(`/admin/dead-letters/${effect}/discard`, { reason: REASON })).status).toBe(200);
    expect(await letters()).not.toContain(effect);
    for (const action of ['discard', 'replay'])
      expect(await post(`/admin/dead-letters/${effect}/${action}`, { reason: REASON })).toMatchObject({
        status: 404,
        json: { code: 'NOT_FOUND' },
      });
  });

  it('is put back to work with all others of its instance', async () => {
    const { id, effect } = await withDeadLetter();
    expect(await act(id, 'retry')).toMatchObject({ status: 200, json: { success: true, revived: 1 } });
    await running().work();
    expect(await letters()).not.toContain(effect);
  });

  it.each(['abc', '1.5', '-1', '0', '99999999999999999999', '1e3'])('has no id like %s', async (id) => {
    expect(await post(`/admin/dead-letters/${id}/replay`, { reason: REASON })).toMatchObject({
      status: 400,
      json: { code: 'WF006' },
    });
  });

  it('of another tenant is not there', async () => {
    const { effect } = await withDeadLetter();
    for (const action of ['discard', 'replay'])
      expect((await post(`/admin/dead-letters/${effect}/${action}`, { reason: REASON }, {}, 'stranger')).status).toBe(
        404,
      );
    expect(await letters()).toContain(effect);
    expect(data(await get('/admin/dead-letters', 'stranger'))).toEqual([]);
    expect(data(await get('/admin/outbox', 'stranger'))).toEqual([]);
  });

  it('is not for parties', async () => {
    expect((await get('/admin/dead-letters', 'buyer_1')).status).toBe(403);
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

describe('what operators look at', () => {
  it('is the outbox, page by page, none lost and none twice', async () => {
    for (let i = 0; i < 5; i++) await running().send('buyer_1', await running().order(), 'pay');
    const all = data(await get('/admin/outbox?status=pending&limit=200')).map(({ id }) => id);
    const paged: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== null;) {
      const page: Answer = await get(
        `/admin/outbox?status=pending&limit=2${cursor ? `&cursor=${String(cursor)}` : ''}`,
        'operator',
      );
      paged.push(...data(page).map(({ id }) => id));
      cursor = page.json['nextCursor'];
    }
    expect(paged).toEqual(all);
    expect(paged.length).toBeGreaterThanOrEqual(5);
    await running().work();
  });

  it('is what is overdue, and never a deadline that is still ahead (R000-97)', async () => {
    const id = await running().order();
    const stuck = async (query = '') =>
      data(await get(`/admin/stuck${query}`))
        .filter(({ instance_id }) => instance_id === id)
        .map(({ what, name }) => [what, name]);
    expect(await stuck()).toEqual([]);
    await post('/admin/clock', { advance: '25h' });
    expect(await stuck()).toEqual([['timer', 'xstate.after.REMINDER.order.PLACED.waiting']]);
    expect(await stuck('?seconds=7200')).toEqual([]);
    await running().fireTimers();
    expect((await get('/admin/stuck?seconds=99999999999999')).status).toBe(400);
  });

  it('is what administrators did, newest first and page by page', async () => {
    const id = await running().order();
    for (const action of ['pause', 'resume', 'pause']) await act(id, action);
    const first = await get('/admin/audit?limit=2');
    const second = await get(`/admin/audit?limit=2&cursor=${String(first.json['nextCursor'])}`);
    expect([...data(first), ...data(second)].map(({ action, target }) => [action, target]).slice(0, 3)).toEqual([
      ['pause', id],
      ['resume', id],
      ['pause', id],
    ]);
    expect((await get('/admin/audit', 'operator')).status).toBe(403);
    expect(data(await get('/admin/audit', 'stranger'))).toEqual([]);
  });
});

describe('the proofs of an instance', () => {
  it('are that its history is untouched and leads to what is stored', async () => {
    const id = await running().order();
    await running().send('buyer_1', id, 'cancel');
    for (const proof of ['verify', 'replay']) {
      expect(await get(`/admin/audit/${proof}/${id}`)).toMatchObject({
        status: 200,
        json: { instanceId: id, ok: true, rows: 2 },
      });
    }
  });

  it.each(['verify', 'replay'])('%s cannot be given for what is not there', async (proof) => {
    expect(await get(`/admin/audit/${proof}/wf_nothing`)).toMatchObject({ status: 404, json: { code: 'WF001' } });
  });
});

describe('the clock', () => {
  it('moves ahead for everybody, and never back', async () => {
    const before = Date.parse(String((await post('/admin/clock', { advance: '0s' })).json['now']));
    const { status, json } = await post('/admin/clock', { advance: '2d' });
    expect(status).toBe(200);
    expect(Date.parse(String(json['now'])) - before).toBeGreaterThanOrEqual(2 * 86_400_000);
    for (const advance of ['-1d', '1', 'tomorrow', '999999999w'])
      expect(await post('/admin/clock', { advance })).toMatchObject({ status: 400, json: { code: 'WF006' } });
  });

  it('is left alone in production', async () => {
    const env = {
      STATEWRIGHT_MODE: 'production',
      STATEWRIGHT_ROLE: 'api',
      JWT_SECRET: 'a secret of production that is long enough',
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      BOOTSTRAP_ADMIN_KEY: 'sw_first_administrator_of_production',
    };
    const production = await startApi(running().databaseUrl, { dataDir: running().dataDir, modules: engineOnly, env });
    try {
      const answer = await production.ask('POST', '/admin/clock', {
        as: env.BOOTSTRAP_ADMIN_KEY,
        body: { advance: '1d' },
      });
      expect(answer).toMatchObject({ status: 403, json: { code: 'SANDBOX_ONLY' } });
    } finally {
      await production.stop();
    }
  });
});
