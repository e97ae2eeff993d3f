import { BulkModule } from '../../src/admin/bulk/bulk.module.js';
import { BulkWork } from '../../src/admin/bulk/bulk.work.js';
import type { GroupRequest } from '../../machines/operation.js';
import { engineApi, engineOnly, REASON } from './engine.app.js';
import type { Answer } from './http.app.js';

const running = engineApi((config) => [...engineOnly(config), BulkModule]);
const get = (path: string, as = 'admin') => running().get(as, path);
const post = (path: string, body: unknown, as = 'admin', headers = {}) => running().post(as, path, body, headers);
const say = (id: string, what: string, body: object = {}, as = 'admin') =>
  post(`/admin/bulk/${id}/${what}`, { reason: REASON, ...body }, as);
const counts = ({ json }: Answer) => json['counts'] as Record<string, number>;
const data = ({ json }: Answer) => json['data'] as Record<string, unknown>[];
const stateOf = async (id: string) => (await get(`/api/instances/${id}`)).json['state'];
const orders = (count: number) => Promise.all(Array.from({ length: count }, () => running().order()));

const asked = (ids: readonly string[], deed: object = { verb: 'force', toState: 'SHIPPED' }) => ({
  ...{ selection: { lifecycle: 'order', ids }, reason: REASON, perSecond: 1_000 },
  ...deed,
});

/** An operation whose plan is there. */
async function planned(ids: readonly string[], deed?: object): Promise<string> {
  const { status, json } = await post('/admin/bulk', asked(ids, deed));
  expect({ status, json }).toMatchObject({ status: 202, json: { state: 'planning' } });
  await running().work();
  return String(json['id']);
}

/** Tries it on one, agrees, and does the rest. */
async function performed(ids: readonly string[], deed?: object): Promise<string> {
  const id = await planned(ids, deed);
  await say(id, 'sample', { count: 1 });
  await running().work();
  await say(id, 'approve');
  await running().work();
  return id;
}

describe('a bulk operation', () => {
  it('says beforehand how each would fare, by groups, and writes nothing into any of them', async () => {
    const [moved = '', ...others] = await orders(4);
    await running().send('buyer_1', moved, 'cancel');
    const id = await planned([moved, ...others], { verb: 'force', toState: 'PACKING' });
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({
      state: 'planned',
      counts: { total: 3, looked: 3, acceptable: 3, accepted: 0, left: 3 },
      groups: [{ version: 1, from: 'PLACED.waiting', verdict: 'accepted', count: 3 }],
      allowedEvents: ['bulk.sample', 'bulk.cancel'],
    });
    const refused = await planned(others, { verb: 'event', event: { type: 'deliver' } });
    expect((await get(`/admin/bulk/${refused}`)).json).toMatchObject({
      counts: { looked: 3, acceptable: 0 },
      groups: [{ verdict: 'refused', code: 'WF005', reason: expect.stringContaining('webhook:carrier'), count: 3 }],
    });
    expect(await say(refused, 'sample')).toMatchObject({ status: 409, json: { code: 'WF002' } });
    for (const order of others)
      expect((await get(`/api/instances/${order}`)).json).toMatchObject({ state: 'PLACED', revision: 1 });
  });

  it('is tried on a few, and does nothing else before somebody agrees', async () => {
    const ids = await orders(4);
    const id = await planned(ids);
    expect(await say(id, 'approve')).toMatchObject({ status: 409, json: { code: 'WF002' } });
    await say(id, 'sample', { count: 2 });
    await running().work();
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({ state: 'sampled', counts: { accepted: 2, left: 2 } });
    await say(id, 'approve');
    await running().work();
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({
      state: 'performed',
      counts: { accepted: 4, left: 0 },
    });
    expect(await Promise.all(ids.map(stateOf))).toEqual(ids.map(() => 'SHIPPED'));
    expect(data(await get('/admin/audit?limit=200')).filter(({ target }) => target === id)).toMatchObject([
      { action: 'bulk.approve', reason: REASON },
      { action: 'bulk.sample' },
      { action: 'bulk.start', details: { total: 4 } },
    ]);
  });

  it('reports what became of each: what moved meanwhile is refused and told, page by page', async () => {
    const ids = await orders(3);
    const id = await planned(ids);
    const [first = ''] = [...ids].sort();
    await running().send('buyer_1', first, 'cancel');
    await say(id, 'sample', { count: 3 });
    await running().work();
    expect(counts(await get(`/admin/bulk/${id}`))).toMatchObject({ accepted: 2, refused: 1, left: 0 });
    const page = await get(`/admin/bulk/${id}/items?limit=2`);
    expect(data(page)).toMatchObject([
      { n: 1, instance_id: first, outcome: 'refused', code: 'WF002', reason: expect.stringContaining('CANCELLED') },
      { n: 2, outcome: 'accepted', seq: 2 },
    ]);
    const rest = await get(`/admin/bulk/${id}/items?limit=2&cursor=${String(page.json['nextCursor'])}`);
    expect(data(rest)).toMatchObject([{ n: 3 }]);
    expect(data(await get(`/admin/bulk/${id}/items?outcome=refused`))).toHaveLength(1);
  });

  it('does each instance once, also when its worker dies before it wrote down what it did', async () => {
    const ids = await orders(3);
    const id = await planned(ids);
    await say(id, 'sample', { count: 2 });
    const [effect] = await running().rows<{ key: string; params: GroupRequest }>(
      `select key, params from engine.outbox where instance_id = $1 and status = 'pending'`,
      [id],
    );
    if (!effect) throw new Error('nothing is to be done');
    const run = { tenant: 'demo', instanceId: id, key: effect.key, attempt: 1, begun: 1, since: 0, correlationId: 'c' };
    const { signal } = new AbortController();
    await running()
      .service(BulkWork)
      .perform(effect.params, { ...run, signal });
    await running().owner.query('update engine.bulk_items set outcome = null, seq = null where operation_id = $1', [
      id,
    ]);
    await running().work();
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({ state: 'sampled', counts: { accepted: 2, left: 1 } });
    const revisions = await running().rows<{ revision: number }>(
      'select revision from engine.instances where id = any ($1) order by 1',
      [ids],
    );
    expect(revisions.map(({ revision }) => revision)).toEqual([1, 2, 2]);
  });

  it('stops when it is paused, goes on, and ends with what is done', async () => {
    const id = await planned(await orders(3));
    await say(id, 'sample', { count: 1 });
    await running().work();
    await say(id, 'approve');
    await say(id, 'pause');
    await running().work();
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({ state: 'paused', counts: { accepted: 1, left: 2 } });
    await say(id, 'resume');
    await say(id, 'cancel');
    await running().work();
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({
      state: 'performed',
      counts: { accepted: 1, left: 2 },
    });
  });

  it('is taken back where nothing has happened since', async () => {
    const ids = await orders(3);
    const id = await performed(ids);
    const [gone = '', ...others] = ids;
    await post(`/admin/workflows/${gone}/pause`, { reason: REASON });
    await say(id, 'undo');
    await running().work();
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({
      state: 'undone',
      counts: { undone: 2, notUndone: 1 },
    });
    expect(await Promise.all(others.map(stateOf))).toEqual(['PLACED', 'PLACED']);
    expect(await stateOf(gone)).toBe('SHIPPED');
  });

  it('puts the dead effects of those that have some back to work', async () => {
    running().world.effects['shop.charge'] = async () => ({ kind: 'done', output: { paymentId: 'pay_1' } });
    const [ill = '', ...well] = await orders(2);
    await running().send('buyer_1', ill, 'pay');
    await running().owner.query(`update engine.outbox set status = 'dead' where instance_id = $1`, [ill]);
    const id = await performed([ill, ...well], { verb: 'retry' });
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({ state: 'closed', counts: { total: 1, accepted: 1 } });
    expect(await say(id, 'undo')).toMatchObject({ status: 409 });
    expect(data(await get(`/api/instances/${ill}/effects`)).map(({ status }) => status)).toEqual(['done']);
    delete running().world.effects['shop.charge'];
  });

  it('sends each an event, in the name of whoever asked, with what the event asks of its sender', async () => {
    const token = await post('/admin/tokens', { userId: 'boss', roles: ['admin', 'operator'] });
    const boss = String(token.json['token']);
    const ids = await orders(2);
    const { json } = await post('/admin/bulk', asked(ids, { verb: 'event', event: { type: 'cancel' } }), boss);
    await running().work();
    await say(String(json['id']), 'sample', { count: 2 }, boss);
    await running().work();
    expect(await Promise.all(ids.map(stateOf))).toEqual(['CANCELLED', 'CANCELLED']);
    expect(data(await get(`/api/instances/${String(ids[0])}/history`)).at(-1)).toMatchObject({
      actor: 'boss',
      type: 'cancel',
    });
  });

  describe('where the tenant wants two administrators', () => {
    const wanting = (body: object) => running().ask('PUT', '/admin/settings/force', { as: 'admin', body });
    let second: string;

    beforeAll(async () => {
      second = String((await post('/admin/tokens', { userId: 'second', roles: ['admin'] })).json['token']);
    });
    afterEach(() => running().owner.query(`delete from engine.settings where area = 'force'`));

    it.each([{ secondApproverFor: ['order'] }, { secondApproverForBulk: ['*'] }])(
      'needs the other one, for the sample too: %j',
      async (settings) => {
        await wanting(settings);
        const [order = ''] = await orders(1);
        const id = await planned([order]);
        expect(await say(id, 'sample')).toMatchObject({ status: 403, json: { code: 'SECOND_APPROVER_NEEDED' } });
        expect(await say(id, 'sample', {}, second)).toMatchObject({ status: 200, json: { approvedBy: 'second' } });
        await running().work();
        expect(counts(await get(`/admin/bulk/${id}`))).toMatchObject({ accepted: 1 });
        expect(await say(id, 'undo')).toMatchObject({ status: 403 });
        expect(data(await get(`/api/instances/${order}/history`)).at(-1)).toMatchObject({
          kind: 'force',
          payload: { to: 'SHIPPED', approvedBy: 'second' },
        });
      },
    );

    it('does nothing when it was forced past the one who has to agree', async () => {
      await wanting({ secondApproverForBulk: ['order'] });
      const [order = ''] = await orders(1);
      const id = await planned([order]);
      const past = { fromState: 'planned', toState: 'running', reason: REASON };
      expect(await post(`/admin/workflows/${id}/force-transition`, past)).toMatchObject({ status: 200 });
      await running().work();
      expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({
        state: 'paused',
        error: 'a second administrator has to agree',
        counts: { accepted: 0, left: 1 },
      });
      expect(await stateOf(order)).toBe('PLACED');
    });
  });

  it('is started once under one key, and is nobody else’s', async () => {
    const ids = await orders(1);
    const key = { 'idempotency-key': '"bulk-once"' };
    const [one, two] = [
      await post('/admin/bulk', asked(ids), 'admin', key),
      await post('/admin/bulk', asked(ids), 'admin', key),
    ];
    expect(two.json['id']).toBe(one.json['id']);
    expect(await post('/admin/bulk', asked(ids, { verb: 'retry' }), 'admin', key)).toMatchObject({ status: 422 });
    const id = String(one.json['id']);
    expect(await get(`/admin/bulk/${id}`, 'stranger')).toMatchObject({ status: 404, json: { code: 'WF001' } });
    expect(await post('/admin/bulk', asked(ids), 'stranger')).toMatchObject({ status: 400, json: { code: 'WF006' } });
    expect(data(await get('/admin/bulk', 'stranger'))).toEqual([]);
    for (const role of ['operator', 'viewer'])
      expect(await post('/admin/bulk', asked(ids), role)).toMatchObject({ status: 403 });
    await say(id, 'cancel');
  });

  it.each([
    ['no selection', { selection: undefined }],
    ['an unknown lifecycle', { selection: { lifecycle: 'nothing' } }, 404],
    ['bulk operations themselves', { selection: { lifecycle: 'operation' } }],
    ['nothing that is there', { selection: { lifecycle: 'order', state: 'NOWHERE' } }],
    ['ids that are none', { selection: { lifecycle: 'order', ids: ['1; drop'] } }],
    ['too many ids', { selection: { lifecycle: 'order', ids: Array.from({ length: 1_001 }, (_, i) => `wf_${i}`) } }],
    ['an unknown verb', { verb: 'delete' }],
    ['an unknown state', { toState: 'NOWHERE' }],
    ['no state', { toState: undefined }],
    ['an event with a force', { event: { type: 'cancel' } }],
    ['an unknown event', { verb: 'event', toState: undefined, event: { type: 'xstate.stop' } }],
    [
      'a payload that does not fit',
      { verb: 'event', toState: undefined, event: { type: 'note', payload: { text: 5 } } },
    ],
    ['a reason that says nothing', { reason: 'because' }],
    ['no pace', { perSecond: 0 }],
    ['a field nobody knows', { dryRun: true }],
  ])('refuses %s', async (_, wrong: object, status = 400) => {
    const body = { ...asked([]), selection: { lifecycle: 'order' }, ...wrong };
    expect((await post('/admin/bulk', body)).status).toBe(status);
  });
});
