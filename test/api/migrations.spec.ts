import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { BulkWork } from '../../src/admin/bulk/bulk.work.js';
import { BulkModule } from '../../src/admin/bulk/bulk.module.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { EngineModule } from '../../src/engine/engine.module.js';
import { EngineService } from '../../src/engine/engine.service.js';
import type { EffectResult } from '../../src/engine/host.js';
import { Proving } from '../../src/engine/proving.js';
import { Registry } from '../../src/engine/registry.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { migrateInstances } from '../../src/migrate.command.js';
import { Database } from '../../src/platform/database.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { parcel, parcel2, parcel3 } from '../support/parcel.js';
import { engineOnly, REASON } from './engine.app.js';
import { startApi, type Answer, type Api } from './http.app.js';

class Nothing {}

function hosting(lifecycle: Lifecycle): DynamicModule {
  @Module({ imports: [EngineModule] })
  class Hosting {
    constructor(engine: EngineService) {
      const handler = (): Promise<EffectResult> => Promise.resolve({ kind: 'done' });
      engine.host({
        lifecycle,
        payloads: { pack: Nothing, ship: Nothing, check: Nothing } as never,
        facts: {},
        effects: { 'shop.label': handler, 'shop.weigh': handler },
      });
    }
  }
  return { module: Hosting };
}

let database: TestDatabase;
let dataDir: string;
/** The service before and after a release; both are running. */
let before: Api;
let after: Api;
let buyer: string;

const start = (lifecycle: Lifecycle): Promise<Api> =>
  startApi(database.url, {
    dataDir,
    modules: (config) => [...engineOnly(config), BulkModule, hosting(lifecycle)],
    env: { STATEWRIGHT_ROLE: 'api' },
  });

beforeAll(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'statewright-moves-'));
  before = await start(parcel);
  after = await start(parcel2);
  const { json } = await after.ask('POST', '/admin/tokens', {
    as: admin(),
    body: { userId: 'buyer_1', roles: ['investor'] },
  });
  buyer = String(json['token']);
});
afterAll(async () => {
  await Promise.all([before.stop(), after.stop()]);
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const admin = (): string => after.config.sandboxKeys['admin'] ?? '';
const get = (path: string, as = admin()): Promise<Answer> => after.ask('GET', path, { as });
const post = (path: string, body: object, as = admin(), headers: Record<string, string> = {}): Promise<Answer> =>
  after.ask('POST', path, { as, body, headers });
const send = (id: string, type: string): Promise<Answer> => post(`/api/instances/${id}/events`, { type }, buyer);
const move = (id: string): Promise<Answer> => post(`/admin/workflows/${id}/migrate`, { reason: REASON });
const undo = (id: string): Promise<Answer> => post(`/admin/workflows/${id}/migrate/undo`, { reason: REASON });

/** Has the new process do what is to be done, also what another one has given back for later. */
async function settled(): Promise<void> {
  await after.app
    .get(Database)
    .system((tx) => tx.run(`update engine.outbox set next_attempt_at = engine.now() where status = 'pending'`));
  while (await after.app.get(OutboxWorker).turn());
}

/** A parcel of the version before, after these events. */
async function old(...events: string[]): Promise<string> {
  const caller = { tenant: 'demo', userId: 'buyer_1', roles: [], correlationId: 'test' };
  const { instanceId } = await before.app
    .get(EngineService)
    .start(caller, 'parcel', { request: {} }, async () => ({ parties: { buyer: 'buyer_1' }, input: { amount: 5 } }));
  for (const type of events)
    await before.ask('POST', `/api/instances/${instanceId}/events`, { as: buyer, body: { type } });
  return instanceId;
}

async function isProved(id: string): Promise<void> {
  const proving = after.app.get(Proving);
  expect(await proving.chain('demo', id)).toMatchObject({ ok: true });
  expect(await proving.replay('demo', id)).toMatchObject({ ok: true });
}

const timersOf = async (id: string): Promise<{ timer_id: string; due_at: string }[]> =>
  (
    (await get(`/api/instances/${id}/timers`)).json['data'] as { timer_id: string; due_at: string; fired_at: null }[]
  ).filter(({ fired_at }) => fired_at === null);

describe('a running instance, after a release', () => {
  it('stays on its version until somebody moves it, and then lives on the newest, with its deadline (P18)', async () => {
    const id = await old();
    const [answer] = await timersOf(id);
    expect(await get(`/admin/workflows/${id}/migration`)).toMatchObject({
      status: 200,
      json: { verdict: 'auto', version: 1, to: 2, from: 'RECEIVED', becomes: { state: 'OPENED' } },
    });
    expect((await get(`/api/instances/${id}`)).json).toMatchObject({ version: 1, state: 'RECEIVED', revision: 1 });
    expect(await move(id)).toMatchObject({ status: 200, json: { state: 'OPENED', revision: 2, status: 'active' } });
    expect((await get(`/api/instances/${id}`)).json).toMatchObject({
      version: 2,
      state: 'OPENED',
      context: { amount: 5, charge: 'nobody' },
    });
    const timers = await timersOf(id);
    expect(timers.map(({ timer_id }) => timer_id).sort()).toEqual([
      'xstate.after.ANSWER.parcel.OPENED',
      'xstate.after.CHASE.parcel.OPENED',
    ]);
    expect(timers.find(({ timer_id }) => timer_id.includes('ANSWER'))?.due_at).toBe(answer?.due_at);
    await isProved(id);
    expect(await send(id, 'pack')).toMatchObject({ status: 200, json: { state: 'PACKING' } });
    await isProved(id);
    expect((await move(id)).status).toBe(409);
  });

  it('is moved in bulk after a sample and a second look, and moved back the same way', async () => {
    const ids = [await old(), await old(), await old()];
    const selection = { lifecycle: 'parcel', ids };
    const { json } = await post('/admin/bulk', { selection, verb: 'migrate', reason: REASON, perSecond: 1_000 });
    const id = String(json['id']);
    const say = async (what: string) => {
      const { status } = await post(`/admin/bulk/${id}/${what}`, { reason: REASON });
      await settled();
      return status;
    };
    const { signal } = new AbortController();
    const run = {
      tenant: 'demo',
      instanceId: id,
      key: 'k',
      attempt: 1,
      begun: 1,
      since: 0,
      correlationId: 'c',
      signal,
    };
    const group = {
      lifecycle: 'parcel',
      deed: { verb: 'migrate' as const, to: 2 },
      reason: REASON,
      askedBy: 'admin_1',
    };
    const request = { ...group, roles: ['admin'], approvedBy: null, perSecond: 1_000, most: null };
    // The old process gives back what it does not know.
    expect(await before.app.get(BulkWork).plan(request, run)).toMatchObject({ kind: 'retry', isUntried: true });
    await settled();
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({
      groups: [{ version: 1, from: 'RECEIVED', verdict: 'accepted', becomes: 'OPENED', count: 3 }],
    });
    expect(await say('sample')).toBe(200);
    const versions = async () =>
      Promise.all(ids.map(async (one) => (await get(`/api/instances/${one}`)).json['version']));
    expect(await versions()).toEqual([2, 2, 2]);
    await send(String(ids[2]), 'pack');
    await say('undo');
    expect(await versions()).toEqual([1, 1, 2]);
    expect((await get(`/admin/bulk/${id}`)).json).toMatchObject({ counts: { undone: 2, notUndone: 1 } });
  });

  it('gets the answer of work that was under way when it was moved', async () => {
    const id = await old('pack');
    expect(await move(id)).toMatchObject({ status: 200, json: { state: 'PACKING' } });
    while (await after.app.get(OutboxWorker).turn());
    expect((await get(`/api/instances/${id}`)).json).toMatchObject({ state: 'PACKED', phase: 'unseen', version: 2 });
    await isProved(id);
  });

  it('is what it was when the move is taken back, unless something has happened since', async () => {
    const id = await old();
    const [answer] = await timersOf(id);
    await move(id);
    expect(await undo(id)).toMatchObject({ status: 200, json: { state: 'RECEIVED', revision: 3 } });
    expect((await get(`/api/instances/${id}`)).json).toMatchObject({ version: 1, context: { amount: 5 } });
    expect(await timersOf(id)).toEqual([
      expect.objectContaining({ timer_id: answer?.timer_id, due_at: answer?.due_at }),
    ]);
    await isProved(id);
    await move(id);
    await send(id, 'pack');
    expect(await undo(id)).toMatchObject({ status: 409, json: { code: 'WF002' } });
    const { json } = await get('/admin/audit?limit=5');
    expect((json['data'] as { action: string }[]).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['migrate', 'migrate-undo']),
    );
  });

  it('is moved once for each Idempotency-Key, however often it is asked for', async () => {
    const id = await old();
    const key = { 'idempotency-key': `move-${id}` };
    const ask = (reason = REASON) => post(`/admin/workflows/${id}/migrate`, { reason }, admin(), key);
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first.json).toEqual(second.json);
    expect((await get(`/api/instances/${id}`)).json).toMatchObject({ version: 2, revision: 2 });
    expect((await ask(`${REASON}, twice`)).status).toBe(422);
  });

  it('is moved by administrators of its tenant only, who say why', async () => {
    const id = await old();
    const operator = after.config.sandboxKeys['operator'];
    expect((await post(`/admin/workflows/${id}/migrate`, { reason: REASON }, operator)).status).toBe(403);
    expect((await post(`/admin/workflows/${id}/migrate`, { reason: 'so' })).status).toBe(400);
    expect((await post('/admin/workflows/wf_nothing/migrate', { reason: REASON })).status).toBe(404);
    await move(id);
    // What it was, with everything in it, is nothing for its parties.
    const { json } = await get(`/api/instances/${id}/history`, buyer);
    expect(
      (json['data'] as { kind: string; payload: object }[]).find(({ kind }) => kind === 'migrate')?.payload,
    ).toEqual({});
  });

  it('fires its deadlines in the version it lives on', async () => {
    const id = await old();
    await move(id);
    await post('/admin/clock', { advance: '4d' });
    const timers = after.app.get(TimerWorker);
    while (await timers.turn());
    expect((await get(`/api/instances/${id}`)).json).toMatchObject({ state: 'LOST', status: 'done' });
    await isProved(id);
  });
});

describe('all running instances of a lifecycle', () => {
  it('are looked at first, moved some at a time, and told by what became of them', async () => {
    const ids = [await old(), await old(), await old('pack')];
    const plan = await post('/admin/migrations/plan', { lifecycle: 'parcel' });
    const count = plan.json['examined'] as number;
    expect(count).toBeGreaterThanOrEqual(3);
    expect(plan.json).toMatchObject({ to: 2, moved: 0, remaining: count, nextCursor: null });
    const canary = await post('/admin/migrations/apply', { lifecycle: 'parcel', reason: REASON, limit: 1 });
    expect(canary.json).toMatchObject({ examined: 1, moved: 1, remaining: count - 1 });
    const rest = await post('/admin/migrations/apply', { lifecycle: 'parcel', reason: REASON, limit: 1_000 });
    expect(rest.json).toMatchObject({ moved: count - 1, remaining: 0 });
    for (const id of ids) expect((await get(`/api/instances/${id}`)).json).toMatchObject({ version: 2 });
    expect((await post('/admin/migrations/plan', { lifecycle: 'nothing' })).status).toBe(404);
  });

  it('are moved at the command line, which says how many of which version had to stay', async () => {
    // A release runs the work of those versions that it knows.
    while (await after.app.get(OutboxWorker).turn());
    const [packed, received] = [await old('pack'), await old()];
    while (await before.app.get(OutboxWorker).turn());
    const later = await start(parcel3);
    const lines: string[] = [];
    const wanted = { lifecycle: 'parcel', tenant: 'demo', reason: REASON, limit: undefined };
    // Those of the version between are there too, and this release does not know it.
    expect(await migrateInstances(later.app, wanted, (line) => lines.push(line))).toBeGreaterThan(0);
    expect(lines.join('\n')).toContain('this release does not know version 2');
    for (const id of [packed, received])
      expect(await later.ask('GET', `/api/instances/${id}`, { as: admin() })).toMatchObject({
        json: { version: 3, status: 'active' },
      });
    while (await later.app.get(OutboxWorker).turn());
    expect(await later.ask('GET', `/api/instances/${packed}`, { as: admin() })).toMatchObject({
      json: { state: 'SENT', status: 'done' },
    });
    await later.stop();
  });
});

it('is not hosted with a migration that leads nowhere', () => {
  const migrations = [{ from: 1, to: 2, states: { RECEIVED: 'NOWHERE' } }];
  const misled = { ...parcel2, name: 'misled', migrations };
  const host = { lifecycle: misled, payloads: {} as never, facts: {}, effects: {} };
  expect(() => after.app.get(Registry).host(host)).toThrow(/leads from RECEIVED to NOWHERE/);
});
