/** The engine behind HTTP, with the toy lifecycle hosted, two tenants, and its workers worked by hand. */
import type { Type } from '@nestjs/common';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import pg from 'pg';
import { AdminModule } from '../../src/admin/admin.module.js';
import { ensureTenant, insertKey } from '../../src/auth/api-keys.js';
import type { Role } from '../../src/auth/caller.js';
import { hashOf, hintOf, newKey } from '../../src/auth/keys.js';
import { EngineModule } from '../../src/engine/engine.module.js';
import { EngineService } from '../../src/engine/engine.service.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { WorkersModule } from '../../src/engine/workers/workers.module.js';
import { Database } from '../../src/platform/database.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { hostOf, peaceful, type World } from '../support/engine.js';
import { DAY, order } from '../support/toy.js';
import { edge, startApi, type Answer, type Api, type Ask, type Modules } from './http.app.js';

/** Long enough a reason for whatever an administrator does. */
export const REASON = 'the shop asked for it by telephone';

/** The engine and its administration, without any business of its own. */
export const engineOnly: Modules = (config) => [
  ...edge(config),
  ScheduleModule.forRoot(),
  EngineModule,
  AdminModule,
  WorkersModule,
];

/** Starts the service before the tests of a file and stops it after them. */
export function engineApi(modules: Modules = engineOnly, lifecycle: typeof order = order): () => EngineApi {
  let started: EngineApi | undefined;
  beforeAll(async () => void (started = await EngineApi.start(modules, lifecycle)));
  afterAll(() => started?.stop());
  return () => {
    if (!started) throw new Error('the service is there while tests run only');
    return started;
  };
}

export class EngineApi {
  /** Credentials by user, besides the sandbox keys that go by role. */
  private readonly credentials = new Map<string, string>();

  private constructor(
    readonly api: Api,
    readonly world: World,
    /** The database as its owner. */
    readonly owner: pg.Client,
    private readonly database: TestDatabase,
    readonly dataDir: string,
  ) {}

  /** Users: `buyer_1` and `seller_1` of the tenant demo by token, one of each role by the role's name, `stranger` the admin of another tenant. */
  static async start(modules: Modules, lifecycle: typeof order): Promise<EngineApi> {
    const database = await testDatabase();
    const dataDir = mkdtempSync(join(tmpdir(), 'statewright-api-'));
    const world = peaceful();
    const api = await startApi(database.url, {
      dataDir,
      modules: (config) => [...modules(config), toyIn(world, lifecycle)],
      env: { STATEWRIGHT_ROLE: 'api', OUTBOX_LEASE_MS: '300' },
    });
    const owner = new pg.Client(database.url);
    await owner.connect();
    const running = new EngineApi(api, world, owner, database, dataDir);
    for (const [userId, role] of [
      ['buyer_1', 'investor'],
      ['seller_1', 'creator'],
    ] as const) {
      const { json } = await running.post('admin', '/admin/tokens', { userId, roles: [role] });
      running.credentials.set(userId, String(json['token']));
    }
    running.credentials.set('stranger', await running.keyOf('elsewhere', 'admin'));
    return running;
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.owner.end();
    await this.database.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  ask(method: string, path: string, { as, ...rest }: Ask = {}): Promise<Answer> {
    return this.api.ask(method, path, { ...rest, ...(as !== undefined && { as: this.credential(as) }) });
  }

  get(as: string, path: string): Promise<Answer> {
    return this.ask('GET', path, { as });
  }

  post(as: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', path, { as, body, headers });
  }

  /** Sends an event and answers whatever came back. */
  send(as: string, id: string, type: string, payload?: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(as, `/api/instances/${id}/events`, { type, payload }, headers);
  }

  /** A part of the service itself, for what no request can bring about. */
  service<T>(part: Type<T>): T {
    return this.api.app.get(part);
  }

  /** What a credential is, for requests that `ask` cannot make. */
  credential(as: string): string {
    return this.credentials.get(as) ?? this.api.config.sandboxKeys[as] ?? as;
  }

  /** Starts an order between `buyer_1` and `seller_1`, or other parties; answers its id. */
  async order(options: { buyer?: string; tenant?: string; shop?: string } = {}): Promise<string> {
    const { buyer = 'buyer_1', tenant = 'demo', shop = 'shop_1' } = options;
    const caller = { tenant, userId: buyer, roles: [], correlationId: 'test' };
    const request = { amount: 50, dueMs: 10 * DAY };
    const { instanceId } = await this.api.app.get(EngineService).start(caller, 'order', { request }, async () => ({
      parties: { buyer, seller: 'seller_1' },
      keys: { shop },
      input: request,
    }));
    return instanceId;
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  /** Works the outbox off until nothing is due. */
  async work(): Promise<void> {
    while (await this.api.app.get(OutboxWorker).turn());
  }

  /** Fires every timer that is due. */
  async fireTimers(): Promise<void> {
    while (await this.api.app.get(TimerWorker).turn());
  }

  async rows<Row extends object>(sql: string, params: unknown[] = []): Promise<Row[]> {
    return (await this.owner.query<Row>(sql, params)).rows;
  }

  /** A fingerprint of every row of every table, so that "nothing was stored" means nothing at all; figures of requests are taken by the clock. */
  async everything(): Promise<Record<string, string>> {
    const tables = await this.rows<{ name: string; content: string }>(
      `select schemaname || '.' || tablename as name,
              md5(query_to_xml(format('select * from %I.%I t order by t::text', schemaname, tablename), true, false, '')::text) as content
         from pg_tables where schemaname not in ('pg_catalog', 'information_schema', 'auth') and tablename <> 'metrics_history' order by 1`,
    );
    return Object.fromEntries(tables.map(({ name, content }) => [name, content]));
  }

  /** A key of a tenant of this name, which may be a new one. */
  async keyOf(tenant: string, role: Role): Promise<string> {
    const key = newKey();
    await this.api.app.get(Database).system(async (tx) => {
      await ensureTenant(tx, tenant);
      await insertKey(tx, {
        tenant,
        id: `key_${tenant}`,
        hash: hashOf(key),
        hint: hintOf(key),
        userId: `${role}_of_${tenant}`,
        roles: [role],
        label: 'test',
        createdBy: 'test',
      });
    });
    return key;
  }
}

@Module({})
class ToyModule {}

const toyIn = (world: World, lifecycle: typeof order): DynamicModule => ({
  module: ToyModule,
  imports: [EngineModule],
  providers: [
    {
      provide: 'toy',
      useFactory: (engine: EngineService) => engine.host(hostOf(lifecycle, world)),
      inject: [EngineService],
    },
  ],
});
