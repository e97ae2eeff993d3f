import { engineApi } from './engine.app.js';
import type { Answer } from './http.app.js';

const running = engineApi();
const get = (as: string, path: string) => running().get(as, path);
const send = (...event: Parameters<ReturnType<typeof running>['send']>) => running().send(...event);
const data = ({ json }: Answer) => json['data'] as Record<string, unknown>[];
const read = async (id: string) => (await get('buyer_1', `/api/instances/${id}`)).json;

/** Paid, charged and waiting for the goods; with a label printed. */
async function packed(): Promise<string> {
  const id = await running().order();
  await send('buyer_1', id, 'pay');
  await running().work();
  return id;
}

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

  it('refuses a job whose error cannot be told', async () => {
    const error = { code: { toString: 1, valueOf: 1 } };
    const id = await running().order();
    expect(
      await running().post('buyer_1', `/api/instances/${id}/simulate`, { events: [{ job: 'charge', error }] }),
    ).toMatchObject({ status: 400, json: { code: 'MALFORMED_BODY' } });
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
