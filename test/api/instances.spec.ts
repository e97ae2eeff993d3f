import { engineApi } from './engine.app.js';
import type { Answer } from './http.app.js';

const running = engineApi();
const get = (as: string, path: string) => running().get(as, path);
const send = (...event: Parameters<ReturnType<typeof running>['send']>) => running().send(...event);
const data = ({ json }: Answer) => json['data'] as Record<string, unknown>[];
const ids = (answer: Answer) => data(answer).map(({ id }) => id);
const read = async (id: string) => (await get('buyer_1', `/api/instances/${id}`)).json;

/** Every row of a list, page by page, as the user. */
async function pages(as: string, path: string, limit: number): Promise<Record<string, unknown>[][]> {
  const found: Record<string, unknown>[][] = [];
  for (let cursor: unknown = ''; cursor !== null;) {
    const answer = await get(as, `${path}limit=${limit}${cursor ? `&cursor=${String(cursor)}` : ''}`);
    if (answer.status !== 200) throw new Error(answer.text);
    found.push(data(answer));
    cursor = answer.json['nextCursor'];
  }
  return found;
}

describe('the list of instances', () => {
  it('pages through all of them, newest first, losing none and showing none twice', async () => {
    const started: string[] = [];
    for (let i = 0; i < 7; i++) started.push(await running().order({ shop: 'shop_paged' }));
    // Three were started at the same moment, so that only their ids tell them apart.
    await running().owner.query(
      `update engine.instances set created_at = (select created_at from engine.instances where id = $1) where id = any($2)`,
      [started[2], started.slice(3, 5)],
    );
    const read = await pages('admin', '/api/instances?text=shop_paged&', 2);
    expect(read.map((page) => page.length)).toEqual([2, 2, 2, 1]);
    const found = read.flat().map(({ id, createdAt }) => ({ id, createdAt: String(createdAt) }));
    expect(found.map(({ id }) => id).sort()).toEqual([...started].sort());
    expect(found).toEqual(
      [...found].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || String(b.id).localeCompare(String(a.id))),
    );
  });

  it('is not disturbed by what starts while it is read', async () => {
    for (let i = 0; i < 3; i++) await running().order({ shop: 'shop_growing' });
    const first = await get('admin', '/api/instances?text=shop_growing&limit=2');
    await running().order({ shop: 'shop_growing' });
    const second = await get(
      'admin',
      `/api/instances?text=shop_growing&limit=2&cursor=${String(first.json['nextCursor'])}`,
    );
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(3);
  });

  it('is narrowed by lifecycle, state, status, tag, party, text and time', async () => {
    const open = await running().order({ shop: 'shop_narrow' });
    const cancelled = await running().order({ shop: 'shop_narrow' });
    await send('buyer_1', cancelled, 'cancel');
    const { createdAt } = await read(open);
    const later = new Date(Date.parse(String(createdAt)) + 60_000).toISOString();
    const found = async (query: string) => ids(await get('admin', `/api/instances?text=shop_narrow&${query}`));
    expect(await found('lifecycle=order')).toEqual([cancelled, open]);
    expect(await found('lifecycle=other')).toEqual([]);
    expect(await found('state=PLACED')).toEqual([open]);
    expect(await found('status=failed')).toEqual([cancelled]);
    expect(await found('tag=open')).toEqual([open]);
    expect(await found('party=seller_1')).toEqual([cancelled, open]);
    expect(await found('party=nobody')).toEqual([]);
    expect(await found(`since=${String(createdAt)}`)).toEqual([cancelled, open]);
    expect(await found(`since=${later}`)).toEqual([]);
    expect(await found(`until=${String(createdAt)}`)).toEqual([]);
    expect(ids(await get('admin', `/api/instances?text=${open}`))).toEqual([open]);
  });

  it('shows parties their own, overseers all of their tenant, and another tenant none', async () => {
    const mine = await running().order({ shop: 'shop_private' });
    const other = await running().order({ shop: 'shop_private', buyer: 'buyer_2' });
    const seen = async (as: string, query = '') => ids(await get(as, `/api/instances?text=shop_private${query}`));
    expect(await seen('buyer_1')).toEqual([mine]);
    expect(await seen('seller_1')).toEqual([other, mine]);
    expect(await seen('investor')).toEqual([]);
    for (const overseer of ['admin', 'operator', 'legal', 'service', 'viewer'])
      expect(await seen(overseer)).toEqual([other, mine]);
    expect(await seen('stranger')).toEqual([]);
  });

  it('does not let a party look through the eyes of another', async () => {
    const other = await running().order({ buyer: 'buyer_2' });
    expect(ids(await get('buyer_1', '/api/instances?party=buyer_2&limit=200'))).not.toContain(other);
  });

  it.each(['since=2026-W01', 'since=2026-02-30', 'until=2026-13-01', 'since=yesterday', 'status=sleeping', 'sort=id'])(
    'refuses %s',
    async (query) => {
      expect(await get('admin', `/api/instances?${query}`)).toMatchObject({ status: 400, json: { code: 'WF006' } });
    },
  );
});

describe('an instance', () => {
  it('is read with its context, its parties and what can be done next', async () => {
    const id = await running().order();
    expect(await read(id)).toMatchObject({
      id,
      lifecycle: 'order',
      version: 1,
      status: 'active',
      state: 'PLACED',
      phase: 'waiting',
      tags: ['open'],
      revision: 1,
      context: { orderId: id, amount: 50 },
      parties: { buyer: 'buyer_1', seller: 'seller_1' },
      keys: { shop: 'shop_1' },
      allowedEvents: ['pay', 'note', 'cancel'],
    });
  });

  it('lists what the asker himself may send, and nothing that only others or providers bring', async () => {
    const id = await running().order();
    const allowed = async (as: string) => (await get(as, `/api/instances/${id}`)).json['allowedEvents'];
    expect(await allowed('buyer_1')).toEqual(['pay', 'note', 'cancel']);
    expect(await allowed('seller_1')).toEqual(['note']);
    expect(await allowed('operator')).toEqual(['cancel']);
    expect(await allowed('viewer')).toEqual([]);
    expect((await send('seller_1', id, 'note', { text: 'hello' })).json).toMatchObject({ allowedEvents: ['note'] });
  });

  it('is hidden from whoever is no party of it', async () => {
    const id = await running().order({ buyer: 'buyer_2' });
    for (const path of ['', '/history', '/explain', '/timers', '/effects', '/failure', '/wait?for=PAYING', '/stream']) {
      expect(await get('buyer_1', `/api/instances/${id}${path}`)).toMatchObject({
        status: 404,
        json: { code: 'WF001' },
      });
    }
    expect((await send('buyer_1', id, 'cancel')).json).toMatchObject({ status: 404, code: 'WF001' });
  });
});

describe('an event', () => {
  it('moves the instance and answers where it is now', async () => {
    const id = await running().order();
    expect(await send('buyer_1', id, 'pay')).toMatchObject({
      status: 200,
      json: {
        success: true,
        instanceId: id,
        seq: 2,
        revision: 2,
        state: 'PAYING',
        status: 'active',
        allowedEvents: ['note'],
      },
    });
  });

  it('that the state does not take is refused with the explanation, and changes nothing', async () => {
    const id = await running().order();
    expect(await send('seller_1', id, 'resume')).toMatchObject({
      status: 409,
      json: { code: 'WF002', explanation: { event: 'resume', verdict: 'EVENT_NOT_HANDLED_IN_STATE' } },
    });
    expect(await read(id)).toMatchObject({ revision: 1 });
  });

  it('that a guard refuses says which guard and why', async () => {
    const id = await running().order();
    running().world.facts.stock = 0;
    const refused = await send('buyer_1', id, 'pay');
    running().world.facts.stock = 1;
    expect(refused).toMatchObject({
      status: 409,
      json: {
        code: 'WF002',
        explanation: { verdict: 'GUARDS_REFUSED', failing: [{ name: 'isInStock', reason: { code: 'OUT_OF_STOCK' } }] },
      },
    });
  });

  it('of somebody who may not send it is refused (R000-41)', async () => {
    const id = await running().order();
    expect(await send('seller_1', id, 'pay')).toMatchObject({ status: 403, json: { code: 'WF005' } });
    expect(await send('admin', id, 'pay')).toMatchObject({ status: 403, json: { code: 'WF005' } });
  });

  it('with a payload of the wrong shape names the fields', async () => {
    const id = await running().order();
    expect(await send('buyer_1', id, 'note', { text: 7, more: true })).toMatchObject({
      status: 400,
      json: {
        code: 'WF006',
        errors: expect.arrayContaining([
          expect.objectContaining({ field: 'payload.text' }),
          expect.objectContaining({ field: 'payload.more' }),
        ]),
      },
    });
  });

  it.each(['abc-1', '"abc-1"'])('with Idempotency-Key %s is taken once and answered alike', async (key) => {
    const id = await running().order();
    const ask = (text: string, as = key) => send('buyer_1', id, 'note', { text }, { 'idempotency-key': as });
    const first = await ask('once');
    // Bare and quoted are the same key.
    const again = await ask('once', 'abc-1');
    expect([first.status, again.json]).toEqual([200, first.json]);
    expect(await ask('other')).toMatchObject({ status: 422, json: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await read(id)).toMatchObject({ revision: 2, context: { notes: ['once'] } });
  });

  it('sent five times at once under one key is taken once', async () => {
    const id = await running().order();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send('buyer_1', id, 'note', { text: 'once' }, { 'idempotency-key': 'race' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await read(id)).toMatchObject({ revision: 2, context: { notes: ['once'] } });
  });

  it.each(['1', '"1"', 'W/"1"'])('with If-Match %s passes at that revision and not later', async (revision) => {
    const id = await running().order();
    const note = () => send('buyer_1', id, 'note', { text: 'a' }, { 'if-match': revision });
    expect((await note()).status).toBe(200);
    expect(await note()).toMatchObject({ status: 409, json: { code: 'REVISION_MISMATCH' } });
  });
});
