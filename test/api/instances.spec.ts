import type { Answer } from './http.app.js';
import { engineApi } from './engine.app.js';

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

/** Paid, charged and waiting for the goods; with a label printed. */
async function packed(): Promise<string> {
  const id = await running().order();
  await send('buyer_1', id, 'pay');
  await running().work();
  return id;
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
      allowedEvents: expect.arrayContaining(['pay', 'cancel', 'note']),
    });
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

describe('what is known about an instance', () => {
  it('is its history, oldest first, page by page', async () => {
    const id = await packed();
    const first = await get('buyer_1', `/api/instances/${id}/history?limit=2`);
    expect(data(first).map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'start'],
      [2, 'pay'],
    ]);
    const rest = await get(
      'buyer_1',
      `/api/instances/${id}/history?limit=200&after=${String(first.json['nextCursor'])}`,
    );
    expect(data(rest).map(({ seq, kind, to_state }) => [seq, kind, to_state])).toEqual([
      [3, 'effect-result', 'PACKING'],
      [4, 'effect-result', 'PACKING'],
    ]);
    expect(rest.json['nextCursor']).toBeNull();
  });

  it('is its history as it was at a moment', async () => {
    const id = await running().order();
    const at = String((await read(id))['createdAt']);
    await running().post('admin', '/admin/clock', { advance: '1m' });
    await send('buyer_1', id, 'cancel');
    expect(data(await get('buyer_1', `/api/instances/${id}/history?at=${at}`))).toHaveLength(1);
    expect(data(await get('buyer_1', `/api/instances/${id}/history`))).toHaveLength(2);
  });

  it.each([
    'at=2026-W01-1',
    'after=-1',
    'after=1e30',
    'after=99999999999999999999',
    'limit=0',
    'limit=201',
    'limit=abc',
  ])('is not asked for with %s', async (query) => {
    const id = await running().order();
    expect(await get('buyer_1', `/api/instances/${id}/history?${query}`)).toMatchObject({
      status: 400,
      json: { code: 'WF006' },
    });
  });

  it('is whether an event would be taken, and why not', async () => {
    const id = await running().order();
    const explain = async (query: string, as = 'buyer_1') =>
      (await get(as, `/api/instances/${id}/explain${query}`)).json;
    expect(await explain('?event=pay')).toMatchObject({ event: 'pay', allowed: true, verdict: 'ALLOWED' });
    expect(await explain('?event=pay', 'seller_1')).toMatchObject({
      allowed: false,
      verdict: 'SENDER_REFUSED',
      senders: ['buyer'],
    });
    expect(await explain('?event=note&payload=%7B%22text%22%3A%22a%22%7D')).toMatchObject({ allowed: true });
    expect((await explain(''))['data']).toHaveLength(7);
  });

  it.each([
    'event=constructor',
    'event=nothing',
    'event=note&payload=%7B',
    'event=note&payload=7',
    'event=note&payload=%7B%22text%22%3A7%7D',
  ])('is not explained for %s', async (query) => {
    const id = await running().order();
    expect(await get('buyer_1', `/api/instances/${id}/explain?${query}`)).toMatchObject({
      status: 400,
      json: { code: 'WF006' },
    });
  });

  it('are its timers and its effects', async () => {
    const id = await packed();
    expect(data(await get('buyer_1', `/api/instances/${id}/timers`)).map(({ timer_id }) => timer_id)).toEqual([
      'xstate.after.DELIVERY.order.PACKING',
    ]);
    expect(
      data(await get('buyer_1', `/api/instances/${id}/effects`)).map(({ type, status }) => [type, status]),
    ).toEqual([
      ['shop.charge', 'done'],
      ['shop.label', 'done'],
    ]);
  });

  it('is the decision that threw last, without its stack (R000-95)', async () => {
    const id = await running().order();
    expect((await get('buyer_1', `/api/instances/${id}/failure`)).json).toEqual({ data: null });
    await running().owner.query(
      `update engine.instances set snapshot = replace(snapshot::text, '"notes":[]', '"notes":null')::json where id = $1`,
      [id],
    );
    expect(await send('buyer_1', id, 'note', { text: 'a' })).toMatchObject({ status: 500, json: { code: 'INTERNAL' } });
    const answer = await get('buyer_1', `/api/instances/${id}/failure`);
    expect(answer.json).toMatchObject({ data: { type: 'note', state: 'PLACED' } });
    expect(answer.text).not.toMatch(/stack|\.ts:/);
  });
});

describe('a simulation', () => {
  it('shows where events, answers and time would lead, and stores nothing', async () => {
    const id = await running().order();
    const before = await running().everything();
    const events = [{ advance: '1d' }, { type: 'pay' }, { job: 'charge', output: { paymentId: 'p' } }];
    expect(await running().post('buyer_1', `/api/instances/${id}/simulate`, { events, advance: '15d' })).toMatchObject({
      status: 200,
      json: { state: 'CANCELLED', status: 'done', timers: [] },
    });
    expect(await running().everything()).toEqual(before);
  });

  it.each<[string, unknown]>([
    ['an event of no lifecycle', { type: 'constructor' }],
    ['an event of the machine itself', { type: 'xstate.done.actor.charge' }],
    ['a job that failed with nothing', { job: 'charge', error: null }],
    ['a job that failed with a list', { job: 'charge', error: [] }],
    ['a job whose error cannot be told', { job: 'charge', error: { code: { toString: 1, valueOf: 1 } } }],
    ['an item that is nothing', {}],
    ['time that is none', { advance: 'tomorrow' }],
    ['more time than there is', { advance: '999999999w' }],
  ])('refuses %s', async (_, item) => {
    const id = await running().order();
    expect(await running().post('buyer_1', `/api/instances/${id}/simulate`, { events: [item] })).toMatchObject({
      status: 400,
      json: { code: 'WF006' },
    });
  });

  it('of an instance that has ended goes nowhere', async () => {
    const id = await running().order();
    await send('buyer_1', id, 'cancel');
    expect(
      await running().post('buyer_1', `/api/instances/${id}/simulate`, { events: [{ type: 'pay' }] }),
    ).toMatchObject({
      status: 200,
      json: { steps: [], state: 'CANCELLED', refused: { event: 'pay' } },
    });
  });
});
