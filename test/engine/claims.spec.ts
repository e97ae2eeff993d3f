import { Database } from '../../src/platform/database.js';
import * as outbox from '../../src/engine/store/outbox.js';
import * as timers from '../../src/engine/store/timers.js';
import { testEngine, type TestEngine } from '../support/engine.js';

const MANY = 20_000;

let test: TestEngine;
beforeAll(async () => {
  test = await testEngine();
  await test.start();
  // Copies of what the engine wrote, due a month ahead.
  await test.owner.query(
    `insert into engine.timers (tenant, instance_id, timer_id, generation, due_at, event)
     select tenant, instance_id, timer_id, generation + n, due_at + interval '30 days', event
       from (select * from engine.timers limit 1) t, generate_series(1, ${MANY}) n`,
  );
  await test.owner.query(
    `insert into engine.outbox (tenant, instance_id, seq, idx, kind, job_id, type, params, key, next_attempt_at, correlation_id, created_at)
     select tenant, instance_id, seq, idx + n, kind, job_id, type, params, key || n, next_attempt_at + interval '30 days', correlation_id, created_at
       from (select * from engine.outbox limit 1) o, generate_series(1, ${MANY}) n`,
  );
  await test.owner.query('analyze engine.timers, engine.outbox, engine.instances');
});
afterAll(() => test.stop());

/** Rows of a table that are read while `work` claims some of them. */
async function rowsRead(table: string, work: (claims: Pick<Database, 'call'>) => Promise<unknown>): Promise<number> {
  return test.app.get(Database).system(async (tx) => {
    await work({ call: (sql, params) => tx.query(sql, params) });
    const read = await tx.one<{ rows: number }>(
      `select seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables where relid = $1::regclass`,
      [`engine.${table}`],
    );
    return read?.rows ?? 0;
  });
}

describe('a claim looks at what is due, not at what is ahead', () => {
  it('of timers', async () => {
    expect(await rowsRead('timers', (claims) => timers.claim(claims, 100, 5_000))).toBeLessThan(100);
  });

  it('of effects', async () => {
    const rooms = ['shop.charge', 'shop.refund', 'shop.label', 'shop.notify'].map((type) => ({
      type,
      room: 32,
      leaseMs: 5_000,
    }));
    expect(await rowsRead('outbox', (claims) => outbox.claim(claims, 'worker_1', rooms, 32))).toBeLessThan(100);
  });
});
