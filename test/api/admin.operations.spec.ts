import { engineApi, engineOnly, REASON } from './engine.app.js';
import { startApi, type Answer } from './http.app.js';

const running = engineApi();
const get = (path: string, as = 'admin') => running().get(as, path);
const post = (path: string, body: unknown, headers = {}, as = 'admin') => running().post(as, path, body, headers);
const data = ({ json }: Answer) => json['data'] as Record<string, unknown>[];
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

  it('is counted by kind and reason, and given up with all that have been dead for long (R000-98)', async () => {
    const { effect } = await withDeadLetter();
    const { json } = await get('/admin/dead-letters/stats');
    expect(json).toMatchObject({ oldest: expect.any(String), newest: expect.any(String) });
    expect(json['groups']).toContainEqual(
      expect.objectContaining({ type: 'shop.label', code: 'ATTEMPTS_EXHAUSTED', count: json['total'] }),
    );
    const purge = (olderThanDays: number) => post('/admin/dead-letters/purge', { olderThanDays, reason: REASON });
    expect(await purge(30)).toMatchObject({ status: 200, json: { purged: 0 } });
    await running().owner.query(
      `update engine.outbox set finished_at = finished_at - interval '31 days' where status = 'dead'`,
    );
    expect(await purge(30)).toMatchObject({ status: 200, json: { success: true, purged: json['total'] } });
    expect(await letters()).not.toContain(effect);
    expect((await get('/admin/dead-letters/stats')).json).toMatchObject({ total: 0, oldest: null, groups: [] });
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

describe('a command of an administrator under an Idempotency-Key', () => {
  const audited = async (action: string) =>
    data(await get('/admin/audit?limit=200')).filter((line) => line['action'] === action).length;

  const paying = async (): Promise<string> => {
    const id = await running().order();
    await running().send('buyer_1', id, 'pay');
    return id;
  };
  const paused = async (): Promise<string> => {
    const id = await paying();
    await act(id, 'pause');
    return id;
  };
  const cancelled = async (): Promise<string> => {
    const id = await paying();
    await running().work();
    await running().send('buyer_1', id, 'cancel');
    return id;
  };
  const ofInstance = (prepare: () => Promise<string>, action: string) => async (): Promise<string> =>
    `/admin/workflows/${await prepare()}/${action}`;
  const ofLetter = (action: string) => async (): Promise<string> =>
    `/admin/dead-letters/${(await withDeadLetter()).effect}/${action}`;

  it.each<[action: string, path: () => Promise<string>]>([
    ['pause', ofInstance(paying, 'pause')],
    ['resume', ofInstance(paused, 'resume')],
    ['retry', ofInstance(async () => (await withDeadLetter()).id, 'retry')],
    ['compensate', ofInstance(cancelled, 'compensate')],
    ['dead-letter.replay', ofLetter('replay')],
    ['dead-letter.discard', ofLetter('discard')],
  ])('is done once and answered alike, however often it is sent: %s (X-5)', async (action, prepare) => {
    const path = await prepare();
    const before = await audited(action);
    const key = { 'idempotency-key': `${action} 1`.replace(' ', '-') };
    const first = await post(path, { reason: REASON }, key);
    expect(first).toMatchObject({ status: 200, json: { success: true } });
    const others = await Promise.all([1, 2, 3].map(() => post(path, { reason: REASON }, key)));
    for (const other of others) expect(other).toMatchObject({ status: 200, json: first.json });
    expect(await audited(action)).toBe(before + 1);
    expect(await post(path, { reason: `${REASON} Really.` }, key)).toMatchObject({
      status: 422,
      json: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
  });

  it('is done once when it is sent several times at the same moment', async () => {
    const path = `/admin/workflows/${(await withDeadLetter()).id}/retry`;
    const before = await audited('retry');
    const key = { 'idempotency-key': 'all-at-once' };
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(path, { reason: REASON }, key)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, json: { success: true, revived: 1 } });
    expect(await audited('retry')).toBe(before + 1);
  });

  it('is done once for all dead letters, too', async () => {
    await withDeadLetter();
    const days = { olderThanDays: 30, reason: REASON };
    await running().owner.query(
      `update engine.outbox set finished_at = finished_at - interval '31 days' where status = 'dead'`,
    );
    const key = { 'idempotency-key': 'purge-1' };
    const first = await post('/admin/dead-letters/purge', days, key);
    expect(first).toMatchObject({ status: 200, json: { success: true } });
    expect(first.json['purged']).toBeGreaterThan(0);
    expect((await post('/admin/dead-letters/purge', days, key)).json).toEqual(first.json);
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

  it('is an instance that waits for work nobody is doing, and none that somebody can bring on (R000-97)', async () => {
    const lost = await running().order();
    const held = await running().order();
    const move = async (id: string, toState: string) =>
      post(`/admin/workflows/${id}/force-transition`, {
        ...{ fromState: 'PLACED', toState, reason: REASON, runEntryEffects: false },
      });
    await move(lost, 'PAYING');
    await move(held, 'ON_HOLD');
    const waiting = await running().order();
    const found = async (query = '') => get(`/admin/stuck/instances${query}`);
    expect(data(await found('?limit=200'))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ instanceId: lost, state: 'PAYING', why: 'work-lost', lifecycle: 'order' }),
      ]),
    );
    const ids = data(await found('?limit=200')).map(({ instanceId }) => instanceId);
    expect(ids).not.toEqual(expect.arrayContaining([held]));
    expect(ids).not.toEqual(expect.arrayContaining([waiting]));
    const first = await found('?limit=1');
    expect(first.json).toMatchObject({ examined: 1, nextCursor: expect.any(String) });
    expect(await found(`?limit=1&cursor=${String(first.json['nextCursor'])}`)).toMatchObject({ status: 200 });
    expect(data(await get('/admin/stuck/instances?limit=200', 'stranger'))).toEqual([]);
    // Entered anew, the state wants its work again.
    await post(`/admin/workflows/${lost}/force-transition`, { fromState: 'PAYING', toState: 'PAYING', reason: REASON });
    expect(data(await found('?limit=200')).map(({ instanceId }) => instanceId)).not.toContain(lost);
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

  it('moves once for an Idempotency-Key, however often it comes', async () => {
    const move = (advance: string) => post('/admin/clock', { advance }, { 'idempotency-key': 'move-1' });
    const answers = await Promise.all([move('3d'), move('3d'), move('3d')]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const now = Date.parse(String((await post('/admin/clock', { advance: '0s' })).json['now']));
    expect(now - Date.parse(String(answers[0].json['now']))).toBeLessThan(86_400_000);
    expect(await move('4d')).toMatchObject({ status: 422, json: { code: 'IDEMPOTENCY_KEY_REUSED' } });
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
