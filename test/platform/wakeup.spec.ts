import { once, EventEmitter } from 'node:events';
import pg from 'pg';
import type { Config } from '../../src/platform/config.js';
import { Wakeup } from '../../src/platform/wakeup.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let test: TestDatabase;
let here: Wakeup;
let there: Wakeup;

beforeAll(async () => {
  test = await testDatabase();
  [here, there] = [new Wakeup({ databaseUrl: test.url } as Config), new Wakeup({ databaseUrl: test.url } as Config)];
  await Promise.all([here.onModuleInit(), there.onModuleInit()]);
});
afterAll(async () => {
  await Promise.all([here.onApplicationShutdown(), there.onApplicationShutdown()]);
  await test.drop();
});

/** The next news of a topic that `wakeup` hears; `undefined` for news without an id. */
function hears(wakeup: Wakeup, topic: 'outbox' | 'history'): Promise<unknown> {
  const ear = new EventEmitter();
  const off = wakeup.on(topic, (id) => ear.emit('news', id));
  return once(ear, 'news').then(([id]: unknown[]) => {
    off();
    return id;
  });
}

describe('news', () => {
  it('reaches the listeners of its own process at once', () => {
    const heard: unknown[] = [];
    const off = here.on('history', (id) => heard.push(id));
    here.wake('history', 'wf_1');
    off();
    here.wake('history', 'wf_2');
    expect(heard).toEqual(['wf_1']);
  });

  it('reaches other processes', async () => {
    const news = hears(there, 'history');
    here.wake('history', 'wf_3');
    expect(await news).toMatch(/^wf_/);
  });

  it('of effects says of which type they are, whatever it is called', async () => {
    const news = hears(there, 'outbox');
    here.wake('outbox', 'shop.notify:express');
    expect(await news).toBe('shop.notify:express');
  });

  it('is sent once however often it is told, and reaches its own process once', async () => {
    const [mine, theirs] = [countOf(here), countOf(there)];
    for (let i = 0; i < 1_000; i++) here.wake('outbox');
    const last = hears(there, 'history');
    here.wake('history', 'last');
    await last;
    expect([mine.count, theirs.count]).toEqual([1_000, 1]);
  });

  it('of many instances fits into messages that Postgres takes', async () => {
    const heard = new Set<string | undefined>();
    const all = new EventEmitter();
    const off = there.on('history', (id) => heard.add(id).size === 2_000 && all.emit('all'));
    const complete = once(all, 'all');
    for (let i = 0; i < 2_000; i++) here.wake('history', `wf_many_${i}`);
    await complete;
    off();
  });

  it('that was missed while the connection was down is made up for', async () => {
    const missed = hears(there, 'outbox');
    const admin = new pg.Client({ connectionString: test.url });
    await admin.connect();
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'statewright wakeup' and datname = current_database()`,
    );
    await admin.end();
    expect(await missed).toBeUndefined();
  });
});

function countOf(wakeup: Wakeup): { count: number } {
  const counter = { count: 0 };
  wakeup.on('outbox', () => counter.count++);
  return counter;
}
