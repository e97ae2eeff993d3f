import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Post, Sse } from '@nestjs/common';
import { NEVER, startWith, type Observable } from 'rxjs';
import { ensureTenant, insertKey } from '../../src/auth/api-keys.js';
import { hashOf, hintOf, newKey } from '../../src/auth/keys.js';
import { Admission } from '../../src/platform/admission.js';
import { Database } from '../../src/platform/database.js';
import { Gate } from '../../src/platform/gate.js';
import { MAX_BODY_BYTES } from '../../src/platform/http.screen.js';
import { Turnstile } from '../../src/platform/turnstile.js';
import { startApi, type Answer, type Api } from '../api/http.app.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

const REQUESTS = 4;
const STREAMS = 2;

/** Work that is done when the test says so. */
let done: () => void;
let work: Promise<void>;
const begin = () => (work = new Promise((resolve) => (done = resolve)));

@Controller('toy')
class ToyController {
  @Get('slow')
  async slow() {
    await work;
    return { ok: true };
  }
  @Post('body')
  body() {
    return { ok: true };
  }
  @Sse('stream')
  stream(): Observable<{ data: object }> {
    return NEVER.pipe(startWith({ data: {} }));
  }
}

let database: TestDatabase;
let api: Api;
let elsewhere: string;
const dataDir = mkdtempSync(join(tmpdir(), 'statewright-admission-'));
const start = (env: Record<string, string>) => startApi(database.url, { dataDir, controllers: [ToyController], env });

beforeAll(async () => {
  database = await testDatabase();
  api = await start({ MAX_REQUESTS_IN_FLIGHT: String(REQUESTS), MAX_OPEN_STREAMS: String(STREAMS) });
  elsewhere = await keyOf('elsewhere');
  // Both credentials are remembered from here on, so that no request waits for the database.
  await slow('admin', true);
  await slow(elsewhere, true);
});
beforeEach(() => void begin());
afterEach(async () => {
  done();
  await until(() => inFlight().requests === 0 && inFlight().streams === 0);
});
afterAll(async () => {
  await api.stop();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const inFlight = (of: Api = api) => of.app.get(Admission).inFlight;

function slow(as: string, ends = false): Promise<Answer> {
  if (ends) {
    void begin();
    done();
  }
  return api.ask('GET', '/toy/slow', { as });
}

async function keyOf(tenant: string): Promise<string> {
  const key = newKey();
  await api.app.get(Database).system(async (tx) => {
    await ensureTenant(tx, tenant);
    const about = { id: `key_${tenant}`, hash: hashOf(key), hint: hintOf(key), label: 'test', createdBy: 'test' };
    await insertKey(tx, { tenant, userId: 'someone', roles: ['admin'], ...about });
  });
  return key;
}

/** Waits for something that other events of this process bring about. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** As many slow requests as asked for, all of them at work. */
async function busy(count: number, as: string): Promise<Promise<Answer>[]> {
  const before = inFlight().requests;
  const requests = Array.from({ length: count }, () => slow(as));
  await until(() => inFlight().requests === before + count);
  return requests;
}

/** A connection that begins a request, and what comes back on it. */
async function raw(head: string, url = api.url): Promise<{ socket: Socket; answer: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const answer = once(socket, 'data').then(([chunk]: unknown[]) => String(chunk));
  await once(socket, 'connect');
  socket.write(`${head}\r\nhost: x\r\nauthorization: Bearer ${api.config.sandboxKeys['admin']}\r\n`);
  return { socket, answer };
}

describe('when every place is taken', () => {
  it('the next request is turned away at once and told when to come back (P19)', async () => {
    const [mine, theirs] = [await busy(3, 'admin'), await busy(1, elsewhere)];
    const turnedAway = await slow(elsewhere);
    expect(turnedAway).toMatchObject({ status: 503, json: { code: 'OVERLOADED' } });
    expect(Number(turnedAway.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    done();
    const answers = await Promise.all([...mine, ...theirs]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await slow(elsewhere)).status).toBe(200);
  });

  it('health and figures are told all the same (P19)', async () => {
    const requests = [...(await busy(3, 'admin')), ...(await busy(1, elsewhere))];
    expect((await slow(elsewhere)).status).toBe(503);
    for (const path of ['/health', '/health/live', '/health/ready'])
      expect((await api.ask('GET', path)).status).toBe(200);
    const { text } = await api.ask('GET', '/metrics');
    expect(text).toContain('statewright_in_flight{kind="requests"} 4');
    expect(text).toMatch(/statewright_requests_shed_total\{reason="requests"\} \d/);
    done();
    await Promise.all(requests);
  });

  it('one tenant cannot have taken them all (S10)', async () => {
    const mine = await busy(3, 'admin');
    const mineToo = await slow('admin');
    expect(mineToo).toMatchObject({ status: 429, json: { code: 'RATE_LIMITED' } });
    expect(mineToo.headers.get('retry-after')).toBe('1');
    const theirs = slow(elsewhere);
    await until(() => inFlight().requests === 4);
    done();
    expect((await Promise.all([...mine, theirs])).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});

describe('a place', () => {
  it('is kept while the work goes on, also when the client hangs up', async () => {
    const { socket } = await raw('GET /toy/slow HTTP/1.1\r\nx-end: 1');
    socket.write('\r\n');
    await until(() => inFlight().requests === 1);
    const server = api.app.getHttpServer() as { getConnections(then: (error: unknown, open: number) => void): void };
    const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    const before = await open();
    socket.destroy();
    while ((await open()) >= before) await new Promise((resolve) => setImmediate(resolve));
    expect(inFlight().requests).toBe(1);
    done();
    await until(() => inFlight().requests === 0);
  });

  it('comes back when the client hangs up before the body has arrived', async () => {
    const { socket } = await raw('POST /toy/body HTTP/1.1');
    socket.write('content-type: application/json\r\ncontent-length: 100\r\n\r\n{"half":');
    await until(() => inFlight().requests === 1);
    socket.destroy();
    await until(() => inFlight().requests === 0);
  });

  it.each([
    ['unknown', 'GET', '/nowhere', undefined],
    ['not allowed', 'GET', '/toy/slow', 'nobody'],
    ['of the wrong media type', 'POST', '/toy/body', 'admin'],
  ])('comes back from a request that is %s', async (_, method, path, as) => {
    const body = method === 'POST' ? { body: 'x', headers: { 'content-type': 'text/plain' } } : {};
    const { status } = await api.ask(method, path, { ...(as !== undefined && { as }), ...body });
    expect(status).toBeGreaterThanOrEqual(400);
    await until(() => inFlight().requests === 0);
  });
});

describe('streams', () => {
  it('are counted apart, and no more are opened than there are places for (P20)', async () => {
    const open = async () => {
      const abort = new AbortController();
      const response = await fetch(`${api.url}/toy/stream`, {
        headers: { authorization: `Bearer ${elsewhere}` },
        signal: abort.signal,
      });
      return { status: response.status, close: () => abort.abort() };
    };
    const streams = [await open(), await open()];
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    expect(inFlight()).toEqual({ requests: 0, streams: 2 });
    expect((await open()).status).toBe(503);
    expect((await slow(elsewhere, true)).status).toBe(200);
    for (const stream of streams) stream.close();
    await until(() => inFlight().streams === 0);
    const again = await open();
    expect(again.status).toBe(200);
    again.close();
  });
});

describe('bodies', () => {
  it('are turned away while too many bytes are under way already (P20)', async () => {
    const roomy = await start({ MAX_REQUESTS_IN_FLIGHT: '1000' });
    const head = `content-type: application/json\r\ncontent-length: ${MAX_BODY_BYTES}\r\n\r\n{`;
    const slowSenders: Socket[] = [];
    try {
      for (let i = 0; i < 32; i++) {
        const { socket } = await raw('POST /toy/body HTTP/1.1', roomy.url);
        socket.write(head);
        slowSenders.push(socket);
      }
      await until(() => inFlight(roomy).requests === 32);
      const { socket, answer } = await raw('POST /toy/body HTTP/1.1', roomy.url);
      slowSenders.push(socket);
      socket.write(head);
      expect(await answer).toMatch(/^HTTP\/1.1 503 [^]*retry-after: [123]\r\n/);
      // Whoever sends nothing is none of it.
      expect((await roomy.ask('GET', '/nowhere')).status).toBe(404);
    } finally {
      for (const socket of slowSenders) socket.destroy();
      await until(() => inFlight(roomy).requests === 0);
      await roomy.stop();
    }
  });
});

describe('a gate', () => {
  it('keeps no account of tenants that have left', () => {
    const gate = new Gate(10);
    for (let i = 0; i < 1_000; i++) {
      gate.enter();
      gate.charge(`tenant_${i}`);
      gate.leave(`tenant_${i}`);
    }
    expect(gate).toEqual(new Gate(10));
  });
});

describe('a turnstile', () => {
  it('lets so many through at a time, in the order they came, and goes on after a failure', async () => {
    const turnstile = new Turnstile(2);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const pass = (i: number) =>
      turnstile.pass(async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        order.push(i);
        if (i % 3 === 0) throw new Error('failed');
      });
    const ends = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => pass(i)));
    expect(ends.map(({ status }) => status === 'fulfilled')).toEqual(ends.map((_, i) => i % 3 !== 0));
    expect([most, order]).toEqual([2, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]);
  });
});
