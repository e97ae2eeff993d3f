import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeliveriesRetention } from '../../src/events/webhooks/deliveries.retention.js';
import { LaterTries } from '../../src/events/webhooks/later.tries.js';
import { Pipeline } from '../support/events.js';
import { workstream } from '../support/workstream.js';

const SECRETS = { demo: 'secret-of-the-demo-account', other: 'secret-of-another-account' };
// Hosts inside may be called by their names only; this one is the receiver of this file.
const service = workstream({
  WEBHOOK_INSIDE_HOSTS: '127.0.0.1',
  PAYLOAD_WEBHOOK_SECRETS: `demo:${SECRETS.demo},other:${SECRETS.other}`,
});
const pipeline = new Pipeline(service);

interface Seen {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}
interface Webhook {
  webhook_id: string;
  secret: string;
  status: string;
  url: string;
  retry_count: number;
  last_error: string | null;
  disabled_at: string | null;
}
interface Delivery {
  event_id: string;
  status: string;
  attempts: number;
  response_code: number | null;
  error: string | null;
}

const seen: Seen[] = [];
/** How the receiver answers, by path; 200 unless said otherwise. */
const answers = new Map<string, (response: ServerResponse, times: number) => void>();
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      seen.push({ path, headers, body: Buffer.concat(chunks).toString() });
      const answer = answers.get(path) ?? ((to: ServerResponse) => void to.end('thanks'));
      answer(response, of(path).length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
// What one test has registered hears nothing of the next.
afterEach(() => service.rows('delete from events.webhooks'));

const of = (path: string) => seen.filter((one) => one.path === path);
const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end('no');
const webhook = (path: string, more: object = {}) =>
  service.done<Webhook>('POST', '/api/webhooks', { url: `${url}${path}`, ...more }, 'operator');
const read = (id: string) => service.done<Webhook>('GET', `/api/webhooks/${id}`, undefined, 'operator');
const deliveries = async (id: string) =>
  (await service.done<{ data: Delivery[] }>('GET', `/api/webhooks/${id}/deliveries`, undefined, 'operator')).data;

/** Lets time pass, and everything happen that stands in line then. */
async function later(duration: string): Promise<void> {
  await pipeline.pass(duration);
  await line();
}
const line = async () => {
  const tries = service.live.app.get(LaterTries);
  while (await tries.turn());
};
const ask = (path: string, body: object = {}) => service.ask('POST', `/api/webhooks/${path}`, body, 'operator');

/** Sends an event and has it delivered. */
async function delivered(payload: object, more: object = {}): Promise<string> {
  const id = await pipeline.send(payload, more);
  await pipeline.work();
  return id;
}

describe('a webhook', () => {
  it('is told of each delivered event that it waits for, in a body that is signed (R003-47)', async () => {
    const { webhook_id, secret } = await webhook('/signed', { events: ['order.*'] });
    const id = await delivered({ event_type: 'order.placed', no: 17 }, { metadata: { priority: 'high' } });
    await delivered({ event_type: 'user.signup' });
    const [only, ...others] = of('/signed');
    expect(others).toEqual([]);
    const row = await pipeline.row(id);
    expect(JSON.parse(only?.body ?? '')).toEqual({
      event_id: id,
      event_type: 'order.placed',
      timestamp: row?.created_at.toISOString(),
      payload: { event_type: 'order.placed', no: 17 },
      metadata: { priority: 'high' },
      created_at: row?.stored_at.toISOString(),
    });
    expect(only?.headers).toMatchObject({
      'x-zapier-signature': `sha256=${createHmac('sha256', secret)
        .update(only?.body ?? '')
        .digest('hex')}`,
      'x-event-id': id,
      'x-correlation-id': row?.correlation_id,
      'x-attempt': '1',
      'content-type': 'application/json',
    });
    expect(await deliveries(webhook_id)).toMatchObject([
      { event_id: id, status: 'delivered', attempts: 1, response_code: 200, error: null },
    ]);
    expect(await read(webhook_id)).toMatchObject({ status: 'active', retry_count: 0, last_error: null });
  });

  it('is tried four times, 2, 4 and 8 seconds apart, and is failing then; the event is delivered all the same (R003-47)', async () => {
    answers.set('/down', status(503));
    const { webhook_id } = await webhook('/down');
    const id = await delivered({ event_type: 'order.placed' });
    expect(await pipeline.row(id)).toMatchObject({ status: 'delivered' });
    expect(await read(webhook_id)).toMatchObject({ status: 'active', retry_count: 1 });
    for (const [pause, times] of [
      [2, 2],
      [4, 3],
      [8, 4],
    ] as const) {
      await pipeline.pass(`${pause - 1}s`);
      expect(of('/down')).toHaveLength(times - 1);
      await pipeline.pass('1s');
      expect(of('/down')).toHaveLength(times);
    }
    await later('16s');
    expect(of('/down').map(({ headers }) => headers['x-attempt'])).toEqual(['1', '2', '3', '4']);
    expect(await read(webhook_id)).toMatchObject({
      status: 'failing',
      retry_count: 4,
      last_error: 'the receiver answered 503',
    });
    expect(await deliveries(webhook_id)).toMatchObject([{ status: 'waiting', attempts: 4, response_code: 503 }]);
  });

  it('that has not heard of an event within seconds is tried for a day more, further and further apart, and can be sent it again (R003-47)', async () => {
    answers.set('/away', (response, times) => void response.writeHead(times <= 11 ? 500 : 200).end());
    const { webhook_id } = await webhook('/away');
    const id = await delivered({ n: 1 });
    for (const pause of ['2s', '4s', '8s']) await pipeline.pass(pause);
    for (const [pause, times] of [
      ['59s', 4],
      ['1s', 5],
      ['5m', 6],
      ['30m', 7],
      ['2h', 8],
      ['5h', 9],
      ['10h', 10],
      ['10h', 11],
      ['1d', 11],
    ] as const) {
      await later(pause);
      expect([pause, of('/away').length]).toEqual([pause, times]);
    }
    expect(await deliveries(webhook_id)).toMatchObject([{ event_id: id, status: 'failed', attempts: 11 }]);
    expect(await ask(`${webhook_id}/deliveries/${id}/redeliver`)).toMatchObject({
      status: 202,
      body: { event_id: id, status: 'waiting' },
    });
    await line();
    expect(of('/away').at(-1)?.headers).toMatchObject({ 'x-event-id': id, 'x-attempt': '12' });
    const path = `/api/webhooks/${webhook_id}/deliveries/${id}`;
    const one = await service.done<{ tries: object[] }>('GET', path, undefined, 'operator');
    expect(one).toMatchObject({ status: 'delivered', attempts: 12, response_code: 200, next_at: null });
    expect(one.tries.map((tried) => (tried as { response_code: number }).response_code)).toEqual([
      ...Array<number>(11).fill(500),
      200,
    ]);
    expect(await read(webhook_id)).toMatchObject({ status: 'active', failing_since: null, retry_count: 0 });
  });

  it('that is failing is called every half minute at most, however many events it misses, and hears of all of them when it is back', async () => {
    answers.set('/back', (response, times) => void response.writeHead(times <= 2 ? 404 : 200).end());
    const { webhook_id } = await webhook('/back');
    const missed = [await delivered({ n: 1 })];
    expect(await read(webhook_id)).toMatchObject({ status: 'failing', last_error: 'the receiver answered 404' });
    for (const n of [2, 3, 4]) missed.push(await delivered({ n }));
    await line();
    expect(of('/back')).toHaveLength(1);
    await later('30s');
    expect(of('/back')).toHaveLength(2);
    await later('30s');
    expect(of('/back').slice(2)).toHaveLength(4);
    expect(new Set(of('/back').map(({ headers }) => headers['x-event-id']))).toEqual(new Set(missed));
    expect(await read(webhook_id)).toMatchObject({ status: 'active', retry_count: 0, last_error: null });
    expect((await deliveries(webhook_id)).map((one) => one.status)).toEqual(Array(4).fill('delivered'));
  });

  it('that has heard of an event is left alone while another is tried again (R003-47)', async () => {
    answers.set('/shaky', (response, times) => void response.writeHead(times <= 4 ? 500 : 200).end());
    const [good, shaky] = [await webhook('/good'), await webhook('/shaky')];
    await delivered({ n: 1 });
    for (const pause of ['2s', '4s', '8s', '1m']) await later(pause);
    expect([of('/good').length, of('/shaky').length]).toEqual([1, 5]);
    expect((await read(shaky.webhook_id)).status).toBe('active');
    expect((await deliveries(good.webhook_id)).map(({ attempts }) => attempts)).toEqual([1]);
  });

  it('that is silent for five days is switched off, whoever made it is told, and what it missed is sent again once it is on', async () => {
    let isBack = false;
    answers.set('/silent', (response) => void response.writeHead(isBack ? 200 : 500).end());
    const { webhook_id } = await webhook('/silent');
    await delivered({ n: 1 });
    for (const pause of ['2s', '4s', '8s', '4d']) await later(pause);
    expect(await read(webhook_id)).toMatchObject({ status: 'failing', disabled_at: null });
    await delivered({ n: 2 });
    await later('1d');
    expect(await read(webhook_id)).toMatchObject({ status: 'inactive', disabled_at: expect.any(String) });
    expect((await deliveries(webhook_id)).map((one) => one.status)).toEqual(['failed', 'failed']);
    const told = await service.rows<{ subject: string }>(
      `select subject from notifications.messages where type = 'webhook_disabled'`,
    );
    expect(told).toHaveLength(1);
    const audit = await service.rows(
      `select reason from engine.audit where action = 'webhook.disable' and target = $1`,
      webhook_id,
    );
    expect(audit).toEqual([{ reason: 'nothing has arrived for 5 days' }]);
    const before = of('/silent').length;
    await delivered({ n: 3 });
    await later('1d');
    expect(await ask(`${webhook_id}/redeliver`)).toMatchObject({ status: 409, body: { code: 'INVALID_STATE' } });
    expect(of('/silent')).toHaveLength(before);
    isBack = true;
    await service.done('PATCH', `/api/webhooks/${webhook_id}`, { status: 'active' }, 'operator');
    expect(await ask(`${webhook_id}/redeliver`)).toMatchObject({ status: 202, body: { count: 2 } });
    await line();
    expect((await deliveries(webhook_id)).map((one) => one.status)).toEqual(['delivered', 'delivered']);
    expect(await read(webhook_id)).toMatchObject({ status: 'active', disabled_at: null, failing_since: null });
  });

  it('that answers 410 is switched off at once', async () => {
    answers.set('/gone', status(410));
    const { webhook_id } = await webhook('/gone');
    await delivered({ n: 1 });
    await later('1d');
    expect(of('/gone')).toHaveLength(1);
    expect(await read(webhook_id)).toMatchObject({ status: 'inactive', last_error: 'the receiver answered 410' });
  });

  it('is sent a ping when somebody wants to know, also when it is switched off; one that fails is not repeated and changes nothing', async () => {
    answers.set('/pinged', (response, times) => void response.writeHead(times === 1 ? 500 : 200).end());
    const { webhook_id } = await webhook('/pinged');
    const ping = async () => String((await ask(`${webhook_id}/ping`)).body['event_id']);
    const first = await ping();
    await line();
    await later('1d');
    expect(of('/pinged')).toHaveLength(1);
    expect(JSON.parse(of('/pinged')[0]?.body ?? '')).toMatchObject({
      event_id: first,
      event_type: 'webhook.ping',
      payload: { webhook_id },
    });
    expect(await read(webhook_id)).toMatchObject({
      status: 'active',
      retry_count: 0,
      last_error: 'the receiver answered 500',
    });
    await service.done('PATCH', `/api/webhooks/${webhook_id}`, { status: 'inactive' }, 'operator');
    const second = await ping();
    await line();
    expect(await deliveries(webhook_id)).toMatchObject([
      { event_id: second, event_type: 'webhook.ping', is_ping: true, status: 'delivered', attempts: 1 },
      { event_id: first, status: 'failed', response_code: 500 },
    ]);
    expect(await ask(`${webhook_id}/deliveries/${second}/redeliver`)).toMatchObject({ status: 409 });
    expect((await ask('whk_none/ping')).status).toBe(404);
    expect((await service.ask('POST', `/api/webhooks/${webhook_id}/ping`)).status).toBe(403);
  });

  it('is called at no address of the house, neither as it is written nor where its name leads', async () => {
    for (const address of ['http://example.com/', 'https://10.0.0.1/', 'https://[::1]/', 'https://169.254.169.254/x'])
      expect([address, await service.ask('POST', '/api/webhooks', { url: address }, 'admin')]).toMatchObject([
        address,
        { status: 400, body: { code: 'INVALID_PARAMETER' } },
      ]);
    const named = { url: 'https://localhost/hook' };
    const { webhook_id } = await service.done<Webhook>('POST', '/api/webhooks', named, 'admin');
    await delivered({ n: 1 });
    expect(await read(webhook_id)).toMatchObject({
      status: 'failing',
      last_error: 'localhost is not in the public internet',
    });
  });

  it('is changed, switched off and taken away by administrators and operators, and by nobody else', async () => {
    const key = { 'idempotency-key': 'a-webhook' };
    const create = () => service.ask('POST', '/api/webhooks', { url: `${url}/kept` }, 'operator', key);
    const [first, second] = [await create(), await create()];
    expect(first).toMatchObject({ status: 201, body: { events: ['*'], status: 'active', url: `${url}/kept` } });
    expect(second.body).toEqual(first.body);
    const { webhook_id } = first.body as unknown as Webhook;
    const path = `/api/webhooks/${webhook_id}`;
    expect((await service.ask('GET', path)).status).toBe(403);
    expect(await service.ask('PATCH', path, { status: 'failing' }, 'admin')).toMatchObject({ status: 400 });
    await service.done(
      'PATCH',
      path,
      { status: 'inactive', secret: 'a secret of his own'.replaceAll(' ', '-') },
      'admin',
    );
    await delivered({ n: 1 });
    expect(of('/kept')).toEqual([]);
    await service.done('PATCH', path, { status: 'active', url: `${url}/moved` }, 'admin');
    await delivered({ n: 2 });
    expect(of('/moved')).toHaveLength(1);
    const list = await service.done<{ data: object[] }>('GET', '/api/webhooks?limit=1', undefined, 'admin');
    expect(list.data).toMatchObject([{ webhook_id, host: new URL(url).host, status: 'active' }]);
    expect(JSON.stringify(list)).not.toMatch(/secret|moved/);
    expect(await service.ask('DELETE', path, undefined, 'admin')).toMatchObject({
      status: 200,
      body: { deleted: true },
    });
    expect((await service.ask('GET', path, undefined, 'admin')).status).toBe(404);
  });

  it('has its address and its secret nowhere in the database but sealed, and what became of it for EVENT_RETENTION_DAYS', async () => {
    const { webhook_id } = await webhook('/canary-4711', { secret: 'canary-secret-4711' });
    await delivered({ n: 1 });
    const tables = await service.rows<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname in ('engine', 'events', 'automation')`,
    );
    for (const { name } of tables) {
      const [found] = await service.rows<{ hits: number }>(
        `select count(*)::int as hits from ${name} t where t::text like '%canary-%'`,
      );
      expect([name, found?.hits]).toEqual([name, 0]);
    }
    expect(await deliveries(webhook_id)).toHaveLength(1);
    await pipeline.pass('91d');
    await service.live.app.get(DeliveriesRetention).turn();
    expect(await deliveries(webhook_id)).toEqual([]);
  });
});

describe('a message of Payload CMS', () => {
  const body = { event: 'update', collection: 'posts', doc: { id: 'doc-7', title: 'News', accountId: 'other' } };
  const sign = (text: string, secret = SECRETS.demo) => createHmac('sha256', secret).update(text).digest('hex');
  async function post(text: string, signature?: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${service.live.url}/webhooks/payload`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(signature !== undefined && { 'x-payload-signature': signature }),
      },
      body: text,
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('is an event of the account whose secret has signed it, whatever it says of accounts, and the same bytes are one event (R002-20)', async () => {
    const text = JSON.stringify(body);
    const first = await post(text, sign(text));
    expect(first).toMatchObject({ status: 200, body: { success: true, data: { eventId: expect.any(String) } } });
    expect(await post(text, sign(text))).toEqual(first);
    await pipeline.work();
    const [event, ...others] = await service.rows(
      `select tenant, type, source, data, correlation_id from automation.delivered where data ->> 'collection' = 'posts'`,
    );
    expect(others).toEqual([]);
    expect(event).toEqual({
      tenant: 'demo',
      type: 'payload.posts.update',
      source: 'payload_cms',
      data: { collection: 'posts', eventType: 'update', document: body.doc },
      correlation_id: 'doc-7',
    });
  });

  it('is refused without a signature that fits its bytes, and when it is no message (R002-20, R002-13)', async () => {
    const text = JSON.stringify({ ...body, collection: 'pages' });
    const other = JSON.stringify({ ...body, collection: 'page' });
    for (const signature of [undefined, '', 'x', sign(other), sign(text, 'a secret of nobody'), sign(text).slice(1)])
      expect(await post(text, signature)).toMatchObject({ status: 401, body: { code: 'INVALID_SIGNATURE' } });
    for (const flawed of [{ ...body, doc: [] }, { ...body, event: 'a b' }, { doc: {} }]) {
      const signed = JSON.stringify(flawed);
      expect(await post(signed, sign(signed))).toMatchObject({ status: 400, body: { code: 'WEBHOOK_ERROR' } });
    }
    await pipeline.work();
    expect(await service.rows(`select id from automation.delivered where data ->> 'collection' like 'page%'`)).toEqual(
      [],
    );
  });
});
