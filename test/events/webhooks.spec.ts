import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeliveriesRetention } from '../../src/events/webhooks/deliveries.retention.js';
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
    await pipeline.pass('16s');
    expect(of('/down').map(({ headers }) => headers['x-attempt'])).toEqual(['1', '2', '3', '4']);
    expect(await read(webhook_id)).toMatchObject({
      status: 'failing',
      retry_count: 4,
      last_error: 'the receiver answered 503',
    });
    expect(await deliveries(webhook_id)).toMatchObject([{ status: 'failed', attempts: 4, response_code: 503 }]);
  });

  it('that is failing is tried once for each event, and is active again when it answers', async () => {
    answers.set('/back', (response, times) => void response.writeHead(times <= 2 ? 404 : 200).end());
    const { webhook_id } = await webhook('/back');
    await delivered({ n: 1 });
    expect(await read(webhook_id)).toMatchObject({ status: 'failing', last_error: 'the receiver answered 404' });
    await delivered({ n: 2 });
    await pipeline.pass('30s');
    expect(of('/back')).toHaveLength(2);
    await delivered({ n: 3 });
    expect(await read(webhook_id)).toMatchObject({ status: 'active', retry_count: 0, last_error: null });
    expect((await deliveries(webhook_id)).map((one) => one.status)).toEqual(['delivered', 'failed', 'failed']);
  });

  it('that has heard of an event is left alone while another is tried again, and when it is sent again by hand (R003-47)', async () => {
    answers.set('/shaky', (response, times) => void response.writeHead(times <= 4 ? 500 : 200).end());
    const [good, shaky] = [await webhook('/good'), await webhook('/shaky')];
    const id = await delivered({ n: 1 });
    for (const pause of ['2s', '4s', '8s']) await pipeline.pass(pause);
    expect([of('/good').length, of('/shaky').length]).toEqual([1, 4]);
    const [dead] = await service.rows<{ id: number }>(
      `select id from engine.outbox where type = 'events.announce' and status = 'dead' and instance_id = $1`,
      (await pipeline.run(id)).id,
    );
    const reason = 'the receiver is there again, and wants it';
    await service.done('POST', `/admin/dead-letters/${dead?.id}/replay`, { reason }, 'admin');
    await pipeline.work();
    expect([of('/good').length, of('/shaky').length]).toEqual([1, 5]);
    expect((await read(shaky.webhook_id)).status).toBe('active');
    expect((await deliveries(good.webhook_id)).map(({ attempts }) => attempts)).toEqual([1]);
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
