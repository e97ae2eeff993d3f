import { strictOrder } from '../support/toy.js';
import { engineApi, engineOnly, REASON } from './engine.app.js';
import type { Answer } from './http.app.js';

const running = engineApi(engineOnly, strictOrder);
const get = (path: string, as = 'admin') => running().get(as, path);
const post = (path: string, body: unknown, as = 'admin', headers = {}) => running().post(as, path, body, headers);
const read = async (id: string) => (await get(`/api/instances/${id}`)).json;
const move = { fromState: 'PLACED', toState: 'SHIPPED', reason: REASON };
const preview = (id: string, body: object = {}) =>
  post(`/admin/workflows/${id}/force-transition/preview`, { ...move, ...body });
const force = (id: string, body: object = {}, headers = {}) =>
  post(`/admin/workflows/${id}/force-transition`, { ...move, ...body }, 'admin', headers);
const undo = (id: string, body: object = {}) =>
  post(`/admin/workflows/${id}/force-transition/undo`, { reason: REASON, ...body });
const report = ({ json }: Answer) => json['report'] as Record<string, unknown>;
const lastOf = async (path: string) => ((await get(path)).json['data'] as Record<string, unknown>[]).at(-1);

describe('a force says beforehand (R000-22)', () => {
  it('which guards it passes over, what each of them says now, and who would have had to ask', async () => {
    const id = await running().order();
    running().world.facts = { stock: 0, open: ['invoice'], blocked: false };
    const before = await running().everything();
    const { status, json } = await preview(id, { toState: 'PAYING' });
    expect({ status, json }).toMatchObject({
      status: 200,
      json: {
        dryRun: true,
        revision: 1,
        from: 'PLACED.waiting',
        to: 'PAYING',
        isForeseen: true,
        skipped: [
          {
            event: 'pay',
            source: 'PLACED',
            senders: ['buyer'],
            guard: {
              op: 'and',
              ok: false,
              children: [
                { name: 'isInStock', ok: false, reason: { code: 'OUT_OF_STOCK' } },
                { name: 'isComplete', ok: false, reason: { missing: ['invoice'] } },
                { op: 'not', ok: true },
              ],
            },
          },
        ],
        effects: [{ kind: 'job', type: 'shop.charge' }],
        invariantsBroken: [],
      },
    });
    expect(await running().everything()).toEqual(before);
    running().world.facts = { stock: 1, open: [], blocked: false };
  });

  it('that the definition has no such way, and what would no longer be true', async () => {
    expect(await preview(await running().order())).toMatchObject({
      status: 200,
      json: {
        isForeseen: false,
        skipped: [],
        invariantsBroken: [{ name: 'goodsArePaid', says: 'what is shipped is paid for', reason: { code: 'NOT_PAID' } }],
      },
    });
  });

  it('what would still be done, who is told, and what it would leave out', async () => {
    const id = await running().order();
    await force(id, { toState: 'PAYING' });
    expect(await preview(id, { fromState: 'PAYING', toState: 'CANCELLED' })).toMatchObject({
      json: {
        status: 'done',
        jobsCancelled: ['charge'],
        calledOffMidway: [],
        stillRunning: [],
        effects: [{ type: 'shop.notify', params: { template: 'cancelled' } }],
        leftOut: [],
      },
    });
    expect(await preview(id, { fromState: 'PAYING', toState: 'CANCELLED', runEntryEffects: false })).toMatchObject({
      json: { effects: [], leftOut: [{ type: 'shop.notify' }] },
    });
    await running().work();
  });

  it('nothing of an instance of another tenant', async () => {
    const id = await running().order();
    expect(await post(`/admin/workflows/${id}/force-transition/preview`, move, 'stranger')).toMatchObject({
      status: 404,
      json: { code: 'WF001' },
    });
  });
});

describe('the force itself (R000-22)', () => {
  it('answers what it did as the preview told it, also when it is asked again under the same key', async () => {
    const id = await running().order();
    const { dryRun: _, revision: __, ...foretold } = (await preview(id)).json;
    const key = { 'idempotency-key': '"force-report"' };
    const first = await force(id, {}, key);
    expect(report(first)).toEqual(foretold);
    expect((await force(id, {}, key)).json).toEqual(first.json);
    expect(await lastOf('/admin/audit?limit=1')).toMatchObject({
      action: 'force-transition',
      details: { invariantsBroken: ['goodsArePaid'], guardsSkipped: [] },
    });
  });

  it('may leave something untrue, which then keeps nobody from going on', async () => {
    const id = await running().order();
    await force(id);
    expect(await force(id, { fromState: 'SHIPPED', toState: 'PLACED' })).toMatchObject({
      json: { report: { invariantsMended: ['what is shipped is paid for'] } },
    });
  });

  it('is taken back by another force, as long as nothing has happened since', async () => {
    const id = await running().order();
    await force(id);
    expect(await undo(id)).toMatchObject({
      status: 200,
      json: { state: 'PLACED', phase: 'waiting', seq: 3, report: { timersArmed: expect.any(Array) } },
    });
    expect(await lastOf(`/api/instances/${id}/history`)).toMatchObject({
      kind: 'force',
      payload: { from: 'SHIPPED', to: 'PLACED.waiting', undoes: 2, reason: REASON },
    });
    expect(await lastOf('/admin/audit?limit=1')).toMatchObject({ action: 'force-undo', details: { undoes: 2 } });
    await running().send('buyer_1', id, 'note', { text: 'meanwhile' });
    expect(await undo(id)).toMatchObject({ status: 409, json: { code: 'WF002' } });
    expect((await get(`/admin/audit/replay/${id}`)).json).toMatchObject({ ok: true });
  });

  it('is not taken back where there was none', async () => {
    expect(await undo(await running().order())).toMatchObject({ status: 409, json: { code: 'WF002' } });
  });
});

describe('a second administrator (R000-22)', () => {
  const ask = (id: string, body: object = {}, as = 'admin') =>
    post('/admin/force-requests', { instanceId: id, ...move, ...body }, as);
  const decide = (id: unknown, decision: string, as: string) =>
    post(`/admin/force-requests/${String(id)}/${decision}`, { reason: REASON }, as);
  let second: string;

  beforeAll(async () => {
    second = String((await post('/admin/tokens', { userId: 'admin_2', roles: ['admin'] })).json['token']);
    await running().ask('PUT', '/admin/settings/force', { as: 'admin', body: { secondApproverFor: ['order'] } });
  });

  it('is needed where the tenant says so, also to take a force back', async () => {
    const id = await running().order();
    for (const answer of [await force(id), await undo(id)])
      expect(answer).toMatchObject({ status: 403, json: { code: 'SECOND_APPROVER_NEEDED' } });
    expect(await read(id)).toMatchObject({ state: 'PLACED', revision: 1 });
  });

  it('agrees to what the first one asked for, and it is done in the name of both', async () => {
    const id = await running().order();
    const asked = await ask(id);
    expect(asked).toMatchObject({
      status: 200,
      json: { status: 'open', revision: 1, report: { to: 'SHIPPED', invariantsBroken: [{ name: 'goodsArePaid' }] } },
    });
    expect(await read(id)).toMatchObject({ state: 'PLACED' });
    expect(await get('/admin/force-requests?status=open&limit=1')).toMatchObject({
      json: { data: [{ id: asked.json['id'], instance_id: id }] },
    });
    expect(await decide(asked.json['id'], 'approve', second)).toMatchObject({
      status: 200,
      json: { status: 'approved', decided_by: 'admin_2', seq: 2, ack: { state: 'SHIPPED' } },
    });
    expect(await lastOf(`/api/instances/${id}/history`)).toMatchObject({
      actor: 'admin_1',
      payload: { approvedBy: 'admin_2' },
    });
    expect(await decide(asked.json['id'], 'approve', second)).toMatchObject({ status: 409, json: { code: 'WF002' } });
  });

  it('is not the first one himself, nor one of another tenant, nor too late for the revision that was looked at', async () => {
    const id = await running().order();
    const { json } = await ask(id);
    expect(await decide(json['id'], 'approve', 'admin')).toMatchObject({ status: 403, json: { code: 'WF005' } });
    expect(await decide(json['id'], 'approve', 'stranger')).toMatchObject({ status: 404 });
    await running().send('buyer_1', id, 'note', { text: 'meanwhile' });
    expect(await decide(json['id'], 'approve', second)).toMatchObject({ json: { code: 'REVISION_MISMATCH' } });
    expect(await decide(json['id'], 'reject', 'admin')).toMatchObject({ json: { status: 'rejected' } });
    expect(await read(id)).toMatchObject({ state: 'PLACED' });
  });

  it('takes a force back with the first one', async () => {
    const id = await running().order();
    const { json } = await ask(id);
    await decide(json['id'], 'approve', second);
    const back = await post('/admin/force-requests', { instanceId: id, reason: REASON });
    expect(back).toMatchObject({ status: 200, json: { undoes: true, report: { to: 'PLACED.waiting' } } });
    expect(await decide(back.json['id'], 'approve', second)).toMatchObject({ json: { ack: { state: 'PLACED' } } });
  });
});

describe('that two administrators are needed (R000-22)', () => {
  const put = (secondApproverFor: string[] | null) =>
    running().ask('PUT', '/admin/settings/force', { as: 'admin', body: { secondApproverFor } });
  const ask = (secondApproverFor: string[], as = 'admin') =>
    post('/admin/force-requests/settings', { secondApproverFor, reason: REASON }, as);
  const approve = (id: unknown, as: string) =>
    post(`/admin/force-requests/${String(id)}/approve`, { reason: REASON }, as);
  const settings = async () => (await get('/admin/settings/force')).json['secondApproverFor'];
  let second: string;

  beforeAll(async () => {
    second = String((await post('/admin/tokens', { userId: 'admin_2', roles: ['admin'] })).json['token']);
    await put(['order']);
  });

  it('is for one to begin, and not for one to end: neither whole nor in part', async () => {
    expect(await put(['order', 'parcel'])).toMatchObject({ status: 200 });
    for (const fewer of [null, [], ['parcel'], ['order']])
      expect(await put(fewer)).toMatchObject({ status: 403, json: { code: 'SECOND_APPROVER_NEEDED' } });
    expect(await settings()).toEqual(['order', 'parcel']);
    expect(await put(['*'])).toMatchObject({ status: 200 });
    const bulk = (secondApproverForBulk: string[]) =>
      running().ask('PUT', '/admin/settings/force', { as: 'admin', body: { secondApproverForBulk } });
    expect(await bulk(['order'])).toMatchObject({ status: 200 });
    expect(await bulk([])).toMatchObject({ status: 403, json: { code: 'SECOND_APPROVER_NEEDED' } });
    expect(await put(['order', 'parcel'])).toMatchObject({ status: 403 });
  });

  it('is ended by one who asks and another who agrees, once, and as long as nothing else was set', async () => {
    expect(await ask(['*'])).toMatchObject({ status: 409, json: { code: 'WF002' } });
    const [first, late] = [await ask(['order']), await ask([])];
    expect(first).toMatchObject({
      status: 200,
      json: {
        kind: 'settings',
        instance_id: null,
        request: { changes: { secondApproverFor: ['order'] }, before: { secondApproverFor: ['*'] } },
      },
    });
    expect(await approve(first.json['id'], 'admin')).toMatchObject({ status: 403, json: { code: 'WF005' } });
    expect(await approve(first.json['id'], 'stranger')).toMatchObject({ status: 404 });
    expect(await settings()).toEqual(['*']);
    expect(await approve(first.json['id'], second)).toMatchObject({
      status: 200,
      json: { status: 'approved', decided_by: 'admin_2' },
    });
    expect(await settings()).toEqual(['order']);
    expect(await approve(late.json['id'], second)).toMatchObject({ status: 409, json: { code: 'WF002' } });
    expect(await settings()).toEqual(['order']);
  });

  it('is seen in the audit, with both of them', async () => {
    const entries = (await get('/admin/audit?limit=50')).json['data'] as {
      action: string;
      actor: string;
      target: string;
    }[];
    const of = entries.filter(({ target, action }) => target === 'force' && action.startsWith('force-'));
    expect(of.map(({ action, actor }) => [action, actor])).toEqual(
      expect.arrayContaining([
        ['force-ask', 'admin_1'],
        ['force-approved', 'admin_2'],
      ]),
    );
    await approve((await ask([])).json['id'], second);
    expect(await settings()).toEqual([]);
  });
});

describe('what is always true (R000-22)', () => {
  it('is kept by every step: one that would end it is refused, and nothing is written but the failure', async () => {
    const id = await running().order();
    expect(await force(id, { toState: 'PACKING' })).toMatchObject({ json: { report: { invariantsBroken: [] } } });
    await running().work();
    const refusal = {
      status: 409,
      json: { code: 'INVARIANT_BROKEN', invariants: [{ name: 'goodsArePaid', reason: { code: 'NOT_PAID' } }] },
    };
    expect(await running().send('seller_1', id, 'picked')).toMatchObject(refusal);
    expect(await post(`/api/instances/${id}/simulate`, { events: [{ type: 'picked' }] }, 'seller_1')).toMatchObject(
      refusal,
    );
    expect(await read(id)).toMatchObject({ state: 'PACKING' });
    expect((await get(`/admin/audit/replay/${id}`)).json).toMatchObject({ ok: true });
    expect((await get(`/api/instances/${id}/failure`)).json['data']).toMatchObject({ type: 'picked' });
  });
});
