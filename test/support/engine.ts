/** The engine on a database of its own, with the toy lifecycle hosted and its workers worked by hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ScheduleModule } from '@nestjs/schedule';
import { IsString } from 'class-validator';
import pg from 'pg';
import { ROLES, type Caller } from '../../src/auth/caller.js';
import type { Json } from '../../src/engine/core/driver.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { EngineModule } from '../../src/engine/engine.module.js';
import { EngineService, type Ack } from '../../src/engine/engine.service.js';
import type { EffectResult, EffectRun, Host } from '../../src/engine/host.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { WorkersModule } from '../../src/engine/workers/workers.module.js';
import { readConfig } from '../../src/platform/config.js';
import { HttpModule } from '../../src/platform/http.module.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { testDatabase } from './database.js';
import { DAY, order } from './toy.js';

class Nothing {}
class Note {
  @IsString() text!: string;
}

export const BUYER: Caller = { tenant: 'acme', userId: 'buyer_1', roles: [], correlationId: 'c-1' };
export const SELLER: Caller = { tenant: 'acme', userId: 'seller_1', roles: [], correlationId: 'c-2' };
export const OPERATOR: Caller = { tenant: 'acme', userId: 'op_1', roles: ['operator'], correlationId: 'c-3' };

/** What the outside world does when the toy's effects reach it; tests replace what they are about. */
export interface World {
  /** Facts the guards are told. */
  facts: { stock: number; open: string[]; blocked: boolean };
  /** By effect type; answers `{kind:'done'}` when not set. */
  effects: Record<string, (input: Record<string, Json>, run: EffectRun) => Promise<EffectResult>>;
  /** Every attempt, in order. */
  calls: { type: string; key: string; attempt: number; input: Json }[];
}

export interface TestEngine {
  app: INestApplicationContext;
  engine: EngineService;
  world: World;
  /** The database as its owner. */
  owner: pg.Client;
  start(options?: { amount?: number; dueMs?: number; key?: string }): Promise<Ack>;
  /** Works the outbox off until nothing is due. */
  work(): Promise<void>;
  /** Moves business time ahead and fires what falls due. */
  advance(ms: number): Promise<void>;
  rows<Row extends object>(sql: string, params?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** A world where everything is in stock and every effect succeeds. */
export const peaceful = (): World => ({ facts: { stock: 1, open: [], blocked: false }, effects: {}, calls: [] });

/** Starts it. `lifecycle` stands in for the toy, for tests about other versions; `host` is what the module adds or has otherwise. */
export async function testEngine(
  options: { lifecycle?: Lifecycle; url?: string; host?: Partial<Host> } = {},
): Promise<TestEngine> {
  const database = options.url === undefined ? await testDatabase() : { url: options.url, drop: async () => undefined };
  const dataDir = mkdtempSync(join(tmpdir(), 'statewright-engine-'));
  const world = peaceful();
  const config = readConfig(
    {
      DATABASE_URL: database.url,
      STATEWRIGHT_MODE: 'sandbox',
      STATEWRIGHT_ROLE: 'api',
      STATEWRIGHT_DATA_DIR: dataDir,
      LOG_LEVEL: 'silent',
      OUTBOX_LEASE_MS: '300',
    },
    ROLES,
  );

  @Module({ imports: [PlatformModule.with(config), HttpModule, ScheduleModule.forRoot(), EngineModule, WorkersModule] })
  class EngineUnderTest {
    constructor(engine: EngineService) {
      engine.host({ ...hostOf(options.lifecycle ?? order, world), ...options.host });
    }
  }

  const app = await Test.createTestingModule({ imports: [EngineUnderTest] }).compile();
  app.useLogger(false);
  try {
    await app.init();
  } catch (error) {
    // What was opened before the start was refused would outlive the test.
    await app.close();
    throw error;
  }
  const owner = new pg.Client(database.url);
  owner.on('error', () => undefined);
  await owner.connect();
  const engine = app.get(EngineService);
  const rows = async <Row extends object>(sql: string, params: unknown[] = []) =>
    (await owner.query<Row>(sql, params)).rows;
  return {
    app,
    engine,
    world,
    owner,
    rows,
    start: ({ amount = 50, dueMs = 10 * DAY, key } = {}) =>
      engine.start(BUYER, 'order', { idempotencyKey: key, request: { amount, dueMs } }, async () => ({
        parties: { buyer: BUYER.userId, seller: SELLER.userId },
        keys: { shop: 'shop_1' },
        input: { amount, dueMs },
      })),
    work: async () => {
      while (await app.get(OutboxWorker).turn());
    },
    advance: async (ms) => {
      await owner.query('update engine.clock set offset_ms = offset_ms + $1', [ms]);
      while (await app.get(TimerWorker).turn());
    },
    stop: async () => {
      await app.close();
      await owner.end();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What the toy wants done in the world. */
export const EFFECTS = ['shop.charge', 'shop.refund', 'shop.label', 'shop.notify'];

/** The toy, or another lifecycle of its words, hosted with a world of the test's choice. */
export function hostOf(lifecycle: Lifecycle, world: World): Host {
  const run = (type: string) => (input: Record<string, Json>, attempt: EffectRun) => {
    world.calls.push({ type, key: attempt.key, attempt: attempt.attempt, input });
    return (
      world.effects[type]?.(input, attempt) ??
      Promise.resolve<EffectResult>({ kind: 'done', output: { paymentId: 'pay_1', trackingNo: 't_1' } })
    );
  };
  return {
    lifecycle,
    payloads: {
      pay: Nothing,
      note: Note,
      picked: Nothing,
      hold: Nothing,
      resume: Nothing,
      deliver: Nothing,
      cancel: Nothing,
    },
    facts: {
      stock: async () => world.facts.stock,
      open: async () => world.facts.open,
      blocked: async () => world.facts.blocked,
    },
    effects: Object.fromEntries(EFFECTS.map((type) => [type, run(type)])),
    policies: Object.fromEntries(
      EFFECTS.map((type) => {
        const patience = { attempts: 3, backoffMs: 1, maxBackoffMs: 2, timeoutMs: 5_000 };
        return [type, type === 'shop.notify' ? { ...patience, batch: 10 } : patience];
      }),
    ),
  };
}
