import * as outbox from '../../src/engine/store/outbox.js';
import * as timers from '../../src/engine/store/timers.js';
import { Beginnings } from '../../src/engine/workers/beginnings.js';
import { Database } from '../../src/platform/database.js';
import { testEngine, type TestEngine } from '../support/engine.js';

let test: TestEngine;
/** Effects that fell due one minute after the other, the first of them an hour ago; answers their keys. */
async function dueBy(minutes: number): Promise<string[]> {
  const { instanceId } = await test.start();
  await test.owner.query(
    `insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, next_attempt_at, correlation_id, created_at)
     select 'acme', $1, 900, n, 'command', 'shop.notify', '{}', 'due-' || n, engine.now() - interval '1 h' + n * interval '1 min', 'c', engine.now() from generate_series(1, $2) n`,
    [instanceId, minutes],
  );
  return Array.from({ length: minutes }, (_, n) => `due-${n + 1}`);
}
const claim = (most: number, from?: number) =>
  outbox.claim(test.app.get(Database), 'worker_1', [{ type: 'shop.notify', room: 50, leaseMs: 60_000, from }], most);
const keys = (rows: readonly { key: string }[]) => rows.map(({ key }) => key).sort();

describe('a claim that begins where the last one found something', () => {
  beforeEach(async () => {
    test = await testEngine();
  });
  afterEach(() => test.stop());

  it('takes the next ones, oldest first, and misses none', async () => {
    const due = await dueBy(6);
    const first = await claim(2);
    const second = await claim(2, first[0]?.next_from);
    const third = await claim(2, second[0]?.next_from);
    expect([first, second, third].map(keys)).toEqual([due.slice(0, 2), due.slice(2, 4), due.slice(4)]);
    expect(second[0]?.next_from).toBeGreaterThan(first[0]?.next_from ?? Infinity);
  });

  it('does not begin behind what is only waiting for its instance', async () => {
    await dueBy(3);
    await test.owner.query(`update engine.instances set status = 'paused'`);
    const other = await test.start();
    await test.owner.query(`update engine.outbox set instance_id = $1 where key = 'due-2'`, [other.instanceId]);
    const [second] = await claim(1);
    await test.owner.query(`update engine.instances set status = 'active'`);
    expect(keys(await claim(2, second?.next_from))).toEqual(['due-1', 'due-3']);
  });

  it('leaves to a look from the beginning what was given back before it', async () => {
    const due = await dueBy(4);
    const taken = await claim(2);
    const next = (await claim(1, taken[0]?.next_from))[0]?.next_from;
    await test.app.get(Database).system((tx) => outbox.release(tx, 'worker_1', taken));
    expect(keys(await claim(4, next))).toEqual(due.slice(3));
    expect(keys(await claim(4))).toEqual(due.slice(0, 2));
  });

  it('takes timers in the order in which they fell due', async () => {
    for (const dueMs of [1_000, 2_000, 3_000]) await test.start({ dueMs });
    await test.owner.query(
      `update engine.timers set due_at = engine.now() - interval '1 h' + generation * interval '1 min', retry_at = null`,
    );
    const before = await timers.claim(test.app.get(Database), 1, 60_000);
    const after = await timers.claim(test.app.get(Database), 9, 60_000, before[0]?.next_from);
    const all = await test.rows<{ count: number }>(`select count(*)::int as count from engine.timers`);
    expect(before.length + after.length).toBe(all[0]?.count);
  });
});

describe('where the next look begins', () => {
  it('is where the last one found something, as long as there is more than can be taken', () => {
    const beginnings = new Beginnings();
    expect(beginnings.look()('a')).toBeUndefined();
    beginnings.found([{ name: 'a', next: 7 }], true);
    expect([beginnings.look()('a'), beginnings.look()('b')]).toEqual([7, undefined]);
  });

  it('is the beginning, when there was less', () => {
    const beginnings = new Beginnings();
    beginnings.look();
    beginnings.found([{ name: 'a', next: 7 }], false);
    expect(beginnings.look()('a')).toBeUndefined();
  });
});
