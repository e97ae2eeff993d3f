import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { Public } from '../../src/auth/auth.guard.js';
import { refuse } from '../../src/platform/errors.js';
import { registeredRoutes } from '../../src/platform/http.routes.js';
import { IdempotencyKey, IfMatch } from '../../src/platform/http.js';
import { documentedRoutes, openApiDocument, servesDocumentation } from '../../src/platform/openapi.js';
import { decodeCursor, encodeCursor, PageQuery } from '../../src/platform/paging.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { startApi, type Api } from './http.app.js';

class Line {
  @IsString() name!: string;
}
class Order {
  @IsInt() @Min(1) amount!: number;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Line) lines?: Line[];
}

@Public()
@Controller('toy')
class ToyController {
  @Post('orders')
  @HttpCode(200)
  order(@Body() { amount }: Order) {
    return { amount };
  }
  @Get('list')
  list(@Query() { limit, cursor }: PageQuery) {
    return { limit, after: decodeCursor(cursor, { id: 'id' }) };
  }
  @Post('orders/:id/change')
  @HttpCode(200)
  change(@Param('id') id: string, @IdempotencyKey() key: string | undefined, @IfMatch() revision: number | undefined) {
    return { id, key, revision };
  }
  @Get('refused')
  refused() {
    throw refuse('WF002', { detail: 'It is asleep.', explanation: { verdict: 'FORBIDDEN_IN_STATE' } });
  }
  @Get('faulty/:how')
  faulty(@Param('how') how: string) {
    if (how === 'bug') throw new Error('select password from secrets');
    if (how === 'full') throw Object.assign(new Error('sorry, too many clients already'), { code: '53300' });
    throw Object.assign(new AggregateError([Object.assign(new Error('no'), { code: 'ECONNREFUSED' })]));
  }
}

let api: Api;
let database: TestDatabase;
const dataDir = mkdtempSync(join(tmpdir(), 'statewright-http-'));
const ask: Api['ask'] = (...request) => api.ask(...request);

beforeAll(async () => {
  database = await testDatabase();
  api = await startApi(database.url, { dataDir, controllers: [ToyController] });
});
afterAll(async () => {
  await api.stop();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

/** Sends bytes that no HTTP client would. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });

describe('errors', () => {
  it('are problem+json with the code, the path and the correlation id (X-3)', async () => {
    const answer = await ask('GET', '/toy/refused?secret=1', { headers: { 'x-correlation-id': 'corr-1' } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer).toMatchObject({
      status: 409,
      json: {
        type: 'urn:statewright:error:WF002',
        title: 'Invalid transition',
        status: 409,
        detail: 'It is asleep.',
        code: 'WF002',
        instance: '/toy/refused',
        correlationId: 'corr-1',
        explanation: { verdict: 'FORBIDDEN_IN_STATE' },
      },
    });
  });

  it('say nothing about a fault', async () => {
    const { status, json, text } = await ask('GET', '/toy/faulty/bug');
    expect({ status, code: json['code'] }).toEqual({ status: 500, code: 'INTERNAL' });
    expect(text).not.toMatch(/password|secrets|\.ts|Error/);
  });

  it.each(['full', 'down'])('ask to come back when the database is %s', async (how) => {
    const { status, json, headers } = await ask('GET', `/toy/faulty/${how}`);
    expect({ status, code: json['code'], after: headers.get('retry-after') }).toEqual({
      status: 503,
      code: 'OVERLOADED',
      after: '1',
    });
  });

  it('tell an unknown address from a wrong method', async () => {
    expect(await ask('GET', '/nowhere')).toMatchObject({ status: 404, json: { code: 'ROUTE_NOT_FOUND' } });
    const wrong = await ask('DELETE', '/toy/orders/1/change');
    expect(wrong).toMatchObject({ status: 405, json: { code: 'METHOD_NOT_ALLOWED' } });
    expect(wrong.headers.get('allow')).toBe('POST');
  });
});

describe('a body', () => {
  const post = (body: unknown, headers = {}) => ask('POST', '/toy/orders', { body, headers });
  const nested = (depth: number) => `{"amount":1,"lines":${'['.repeat(depth)}${']'.repeat(depth)}}`;

  it('passes when it fits its class', async () => {
    expect(await post({ amount: 3, lines: [{ name: 'a' }] })).toMatchObject({ status: 200, json: { amount: 3 } });
  });

  it('is refused field by field (R000-24)', async () => {
    const { status, json } = await post({ amount: '3', surprise: true, lines: [{ name: 4 }] });
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: 'WF006' });
    const fields = (json['errors'] as { field: string }[]).map(({ field }) => field);
    expect(new Set(fields)).toEqual(new Set(['amount', 'surprise', 'lines.0.name']));
  });

  it.each<[string, unknown, string]>([
    ['is no JSON', '{"amount":', 'MALFORMED_BODY'],
    ['is empty', '', 'WF006'],
    ['is null', 'null', 'WF006'],
    ['is a number', '7', 'WF006'],
    ['is a text', '"amount"', 'WF006'],
    ['is a list', '[]', 'WF006'],
    ['is a list of good ones', '[{"amount":1}]', 'WF006'],
    ['is nested 40 levels deep', nested(40), 'MALFORMED_BODY'],
    ['is nested 5,000 levels deep', nested(5_000), 'MALFORMED_BODY'],
    ['is nested 500,000 levels deep', nested(500_000), 'MALFORMED_BODY'],
    ['has a field __proto__', '{"amount":1,"__proto__":{"admin":true}}', 'MALFORMED_BODY'],
    ['hides a field __proto__', '{"amount":1,"\\u005f_proto__":{"admin":true}}', 'MALFORMED_BODY'],
    ['has a field that every object has', '{"amount":1,"toString":"x"}', 'MALFORMED_BODY'],
    ['reaches constructor.prototype', '{"amount":1,"constructor":{"prototype":{"admin":true}}}', 'MALFORMED_BODY'],
    ['contains NUL', { amount: 1, lines: [{ name: 'a\0b' }] }, 'MALFORMED_BODY'],
    ['contains half a surrogate pair', '{"amount":1,"lines":[{"name":"\\ud800"}]}', 'MALFORMED_BODY'],
    ['names a field with NUL', { amount: 1, 'a\0': 1 }, 'MALFORMED_BODY'],
    ['is not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'MALFORMED_BODY'],
    ['has a number that JSON.parse rounds', '{"amount":9007199254740993}', 'MALFORMED_BODY'],
    ['has an infinite number', '{"amount":1e400}', 'MALFORMED_BODY'],
    ['has 2,000 fields', Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`f${i}`, i])), 'MALFORMED_BODY'],
    ['has 100,000 values', { amount: 1, lines: Array(100_000).fill(0) }, 'MALFORMED_BODY'],
  ])('is refused when it %s', async (_, body, code) => {
    expect(await post(body)).toMatchObject({ status: 400, json: { code } });
  });

  it('is refused when it has more than 1 MB', async () => {
    expect(await post(JSON.stringify({ amount: 1, lines: [{ name: 'x'.repeat(1_100_000) }] }))).toMatchObject({
      status: 413,
      json: { code: 'PAYLOAD_TOO_LARGE' },
    });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
  ])('is refused when it comes as %s', async (type) => {
    expect(await post('amount=1', { 'content-type': type })).toMatchObject({
      status: 415,
      json: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  });
});

describe('an address', () => {
  it.each([
    ['/toy/list?limit=1&limit=2', 'WF006'],
    ['/toy/list?limit=-1', 'WF006'],
    ['/toy/list?limit=0', 'WF006'],
    ['/toy/list?limit=201', 'WF006'],
    ['/toy/list?limit=1e2', 'WF006'],
    ['/toy/list?limit=', 'WF006'],
    ['/toy/list?limit=NaN', 'WF006'],
    ['/toy/list?page=2', 'WF006'],
    ['/toy/list?cursor=garbage', 'WF006'],
    ['/toy/list?cursor=%00', 'MALFORMED_REQUEST'],
    ['/toy/list?cursor=%E0%A4', 'MALFORMED_REQUEST'],
    ['/toy/list?__proto__=1', 'MALFORMED_REQUEST'],
    ['/toy/faulty/%00', 'WF006'],
    ['/toy/faulty/a%20b', 'WF006'],
    ['/toy/faulty/%E0%A4%A', 'MALFORMED_REQUEST'],
  ])('%s is refused with %s', async (path, code) => {
    expect(await ask('GET', path)).toMatchObject({ status: 400, json: { code } });
  });

  it('is refused when an id is longer than any', async () => {
    expect(await ask('GET', `/toy/faulty/${'x'.repeat(256)}`)).toMatchObject({ status: 400, json: { code: 'WF006' } });
    expect(await ask('GET', `/toy/faulty/${'x'.repeat(600)}`)).toMatchObject({
      status: 414,
      json: { code: 'URI_TOO_LONG' },
    });
    expect(await raw(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 [\s\S]*HEADERS_TOO_LARGE/,
    );
  });

  it('is refused when it is not HTTP', async () => {
    expect(await raw('HELLO\r\n\r\n')).toMatch(
      /^HTTP\/1.1 400 [\s\S]*application\/problem\+json[\s\S]*MALFORMED_REQUEST/,
    );
  });

  it('pages with cursors it gave out', async () => {
    const cursor = encodeCursor({ id: 'wf_1' });
    expect(await ask('GET', `/toy/list?limit=200&cursor=${cursor}`)).toMatchObject({
      status: 200,
      json: { limit: 200, after: { id: 'wf_1' } },
    });
    expect(await ask('GET', '/toy/list')).toMatchObject({ json: { limit: 50, after: null } });
    const ofAnotherList = encodeCursor({ seq: '4' });
    expect(await ask('GET', `/toy/list?cursor=${ofAnotherList}`)).toMatchObject({ status: 400 });
  });
});

describe('headers', () => {
  const change = (headers: Record<string, string>) => ask('POST', '/toy/orders/o_1/change', { headers });

  it.each([
    [{ 'idempotency-key': 'abc-1' }, { key: 'abc-1' }],
    [{ 'idempotency-key': '"abc-1"' }, { key: 'abc-1' }],
    [{ 'if-match': '"17"' }, { revision: 17 }],
    [{ 'if-match': 'W/"17"' }, { revision: 17 }],
    [{ 'if-match': '17' }, { revision: 17 }],
    [{}, { id: 'o_1' }],
  ])('%j are read as %j', async (headers, read) => {
    expect((await change(headers)).json).toEqual({ id: 'o_1', ...read });
  });

  it.each([
    [{ 'idempotency-key': '' }, 'IDEMPOTENCY_KEY_INVALID'],
    [{ 'idempotency-key': '""' }, 'IDEMPOTENCY_KEY_INVALID'],
    [{ 'idempotency-key': 'two words' }, 'IDEMPOTENCY_KEY_INVALID'],
    [{ 'idempotency-key': 'ü' }, 'IDEMPOTENCY_KEY_INVALID'],
    [{ 'if-match': 'seventeen' }, 'MALFORMED_REQUEST'],
    [{ 'if-match': '"-1"' }, 'MALFORMED_REQUEST'],
  ])('%j are refused with %s', async (headers, code) => {
    expect(await change(headers)).toMatchObject({ status: 400, json: { code } });
  });

  it('refuse an Idempotency-Key of more than 255 characters', async () => {
    expect((await change({ 'idempotency-key': 'x'.repeat(255) })).status).toBe(200);
    expect(await change({ 'idempotency-key': 'x'.repeat(256) })).toMatchObject({
      status: 400,
      json: { code: 'IDEMPOTENCY_KEY_INVALID' },
    });
  });

  it('carry the correlation id through, take it from the trace, or make one', async () => {
    const id = async (headers: Record<string, string>) =>
      (await ask('GET', '/health/live', { headers })).headers.get('x-correlation-id');
    expect(await id({ 'x-correlation-id': 'order:7.a_b-c' })).toBe('order:7.a_b-c');
    expect(await id({ traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' })).toBe(
      '4bf92f3577b34da6a3ce929d0e0e4736',
    );
    expect(await id({ 'x-correlation-id': 'a b"<script>' })).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers OPTIONS also to those who are no browser', async () => {
    expect(await ask('OPTIONS', '/toy/orders')).toMatchObject({ status: 204, text: '' });
  });

  it('let browsers of other origins ask (R000-23)', async () => {
    const preflight = await ask('OPTIONS', '/toy/orders', {
      headers: {
        origin: 'http://elsewhere.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-user-id',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(
      /Content-Type, ?Authorization, ?X-User-ID, ?X-User-Type/,
    );
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE');
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    const refused = await ask('POST', '/toy/orders', { body: {}, headers: { origin: 'http://elsewhere.test' } });
    expect(refused).toMatchObject({ status: 400 });
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('operations', () => {
  it('tells which service this is (R000-23)', async () => {
    const { json } = await ask('GET', '/health');
    expect(json).toEqual({
      status: 'healthy',
      timestamp: expect.any(String),
      version: '0.1.0',
      environment: 'sandbox',
    });
  });

  it('is ready when the database is there and migrated', async () => {
    expect(await ask('GET', '/health/ready')).toMatchObject({
      status: 200,
      json: {
        status: 'ready',
        checks: {
          database: { ok: true },
          migrations: { ok: true, pending: 0 },
          outbox: { ok: true },
          timers: { ok: true },
        },
      },
    });
  });

  it('answers the health routes of the workstream without a credential (R001-82)', async () => {
    expect(await ask('GET', '/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect(await ask('GET', '/api/health')).toMatchObject({
      status: 200,
      json: { status: 'ok', database: { ok: true, ms: expect.any(Number) } },
    });
  });

  it('takes an announced body that never comes for none', async () => {
    const answer = await ask('POST', '/toy/orders/o_1/change', { headers: { 'content-type': 'application/json' } });
    expect(answer).toMatchObject({ status: 200, json: { id: 'o_1' } });
  });

  it('sheds and says so while the database is away, and recovers by itself', async () => {
    const { hostname, port } = new URL(database.url);
    const open = new Set<Socket>();
    const proxy = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) open.add(socket.on('error', () => undefined));
      near.pipe(far).pipe(near);
    });
    const listen = (at: number) => new Promise<void>((ready) => proxy.listen(at, '127.0.0.1', ready));
    await listen(0);
    const proxied = new URL(database.url);
    proxied.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const shaky = await startApi(proxied.href, { dataDir });
    const ready = () => shaky.ask('GET', '/health/ready');
    try {
      expect((await ready()).status).toBe(200);
      proxy.close();
      for (const socket of open) socket.destroy();
      expect(await ready()).toMatchObject({
        status: 503,
        json: { code: 'NOT_READY', errors: expect.arrayContaining([{ field: 'database', message: 'failed' }]) },
      });
      expect(await shaky.ask('GET', '/api/health')).toMatchObject({
        status: 503,
        json: { code: 'NOT_READY', errors: [{ field: 'database', message: 'failed' }] },
      });
      expect((await shaky.ask('GET', '/healthz')).status).toBe(200);
      const shed = await shaky.ask('GET', '/admin/api-keys', { as: 'admin' });
      expect(shed).toMatchObject({ status: 503, json: { code: 'OVERLOADED' } });
      expect(shed.headers.get('retry-after')).toBe('1');
      expect((await shaky.ask('GET', '/health/live')).status).toBe(200);
      await listen(Number(proxied.port));
      expect((await ready()).status).toBe(200);
    } finally {
      await shaky.stop();
      proxy.close();
      for (const socket of open) socket.destroy();
    }
  });

  it('counts requests by route, not by path', async () => {
    await ask('POST', '/toy/orders/o_77/change');
    const { text } = await ask('GET', '/metrics');
    expect(text).toMatch(
      /statewright_http_request_duration_seconds_count\{method="POST",route="\/toy\/orders\/:id\/change",status="200"\} \d+/,
    );
    expect(text).toMatch(/statewright_pool_connections\{state="idle"\} \d+/);
    expect(text).not.toContain('o_77');
  });

  it('describes every route it answers, and answers every route it describes', async () => {
    const served = registeredRoutes(api.app).filter((route) => !servesDocumentation(route));
    const described = documentedRoutes(openApiDocument(api.app));
    const names = (routes: { method: string; path: string }[]) =>
      routes.map(({ method, path }) => `${method} ${path}`).sort();
    expect(names(described)).toEqual(names(served));
    const document = (await ask('GET', '/api/openapi.json')).json;
    expect(document).toMatchObject({
      openapi: '3.1.0',
      components: { schemas: { Problem: { properties: { code: {} } } } },
    });
  });

  it('serves Swagger UI under its own content security policy', async () => {
    const page = await ask('GET', '/api/docs');
    expect(page.status).toBe(200);
    expect(page.text).toContain('swagger-ui-bundle.js');
    expect(page.text).not.toMatch(/<script>(?!\s*<\/script>)/);
    expect(page.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect((await ask('GET', '/api/docs/swagger-ui-bundle.js')).status).toBe(200);
  });

  it('shows the same page at its address with a slash at the end, also behind the prefix of a proxy', async () => {
    const sent = await fetch(`${api.url}/api/docs/`, { redirect: 'manual' });
    expect(sent.status).toBe(308);
    expect(new URL(String(sent.headers.get('location')), 'http://proxy/prefix/api/docs/').pathname).toBe(
      '/prefix/api/docs',
    );
    expect((await ask('GET', '/api/docs/')).text).toBe((await ask('GET', '/api/docs')).text);
  });

  it('takes a slash at the end of an address for no empty id', async () => {
    expect((await ask('GET', '/toy/list/')).status).toBe(200);
    expect(await ask('GET', '/toy/orders/')).toMatchObject({ status: 405 });
  });
});
