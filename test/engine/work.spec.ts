import { jest } from '@jest/globals';
import { Finishing } from '../../src/engine/finishing.js';
import { Proving } from '../../src/engine/proving.js';
import * as outbox from '../../src/engine/store/outbox.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { Database } from '../../src/platform/database.js';
import { BUYER, testEngine, type TestEngine } from '../support/engine.js';
import { DAY } from '../support/toy.js';

let test: TestEngine;
beforeEach(async () => {
  test = await testEngine();
});
afterEach(() => test.stop());

/** How often the database was asked to write steps while the work ran. */
async function writes(work: () => Promise<unknown>): Promise<number> {
  const call = jest.spyOn(test.app.get(Database), 'call');
  await work();
  const asked = call.mock.calls.filter(([sql]) => sql.includes('engine.advance')).length;
  call.mockRestore();
  return asked;
}
const started = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await test.start()).instanceId));
const messages = (count: number, id: string, type = 'shop.notify') =>
  test.owner.query(
    `insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, ordered, next_attempt_at, correlation_id, created_at)
     select 'acme', $1, case when $3 = 'shop.notify' then 900 else 901 end, n, 'command', $3, '{}', $3 || n, false, engine.now() - interval '1 h', 'c', engine.now() from generate_series(1, $2) n`,
    [id, count, type],
  );

describe('timers that are due at once', () => {
  it('fire together, each once, and every history stays provable', async () => {
    const ids = await started(60);
    expect(await writes(() => test.advance(DAY))).toBeLessThan(12);
    const fired = await test.rows<{ instance_id: string; fired: number }>(
      `select instance_id, count(*)::int as fired from engine.history where kind = 'timer' group by instance_id`,
    );
    expect(fired).toHaveLength(60);
    expect(new Set(fired.map((row) => row.fired))).toEqual(new Set([1]));
    for (const id of ids.slice(0, 5))
      expect(await test.app.get(Proving).replay('acme', id)).toMatchObject({ ok: true });
  });
});

describe('answers of effects', () => {
  it('land together, each with its receipt', async () => {
    const ids = await started(30);
    for (const id of ids) await test.engine.send(BUYER, id, { type: 'pay' });
    expect(await writes(() => test.app.get(OutboxWorker).turn())).toBeLessThan(8);
    const rows = await test.rows<{ state: string; status: string; receipts: number }>(
      `select i.state, o.status, (select count(*)::int from engine.attempts a where a.outbox_id = o.id) as receipts
         from engine.instances i join engine.outbox o on o.instance_id = i.id and o.type = 'shop.charge'`,
    );
    expect(rows).toHaveLength(30);
    for (const row of rows) expect(row).toEqual({ state: 'PACKING', status: 'done', receipts: 1 });
    expect(await test.app.get(Proving).chain('acme', ids[0] ?? '')).toMatchObject({ ok: true });
  });
});

describe('effects that nobody waits for', () => {
  it('are not held up by a backlog of another type', async () => {
    const [id = ''] = await started(1);
    await messages(2_000, id, 'nobody.runs.this');
    await messages(3, id);
    await test.work();
    expect(await test.rows(`select 1 from engine.outbox where type = 'shop.notify' and status = 'done'`)).toHaveLength(
      3,
    );
    expect(
      await test.rows(`select 1 from engine.outbox where type = 'nobody.runs.this' and status <> 'pending'`),
    ).toEqual([]);
  });

  it('are ended by the worker that holds the claim, and by no other', async () => {
    const [id = ''] = await started(1);
    await messages(1, id);
    const database = test.app.get(Database);
    const claim = async (worker: string) =>
      (await outbox.claim(database, worker, [{ type: 'shop.notify', room: 1, leaseMs: 1 }], 1))[0];
    const lost = await claim('lost');
    await untilLeaseEnds();
    const held = await claim('held');
    if (!lost || !held) throw new Error('nothing was claimed');
    const attempt = { kind: 'done', durationMs: 1, requestHash: 'h' } as const;
    await test.app.get(Finishing).add(lost, { ok: true, output: null }, attempt);
    const [row] = await test.rows(`select status, claimed_by, fence::int from engine.outbox where seq = 900`);
    expect(row).toEqual({ status: 'claimed', claimed_by: 'held', fence: 2 });
    await test.app.get(Finishing).add(held, { ok: true, output: null }, attempt);
    expect(await test.rows(`select status from engine.outbox where seq = 900`)).toEqual([{ status: 'done' }]);
    const receipts = await test.rows('select attempt from engine.attempts where instance_id = $1 order by attempt', [
      id,
    ]);
    expect(receipts).toEqual([{ attempt: 1 }, { attempt: 2 }]);
  });
});

describe('a claim', () => {
  const NAMES = ['shop.notify', 'shop.label'];
  const claim = (most: number, leases: readonly number[] = [5_000, 5_000]) =>
    outbox.claim(
      test.app.get(Database),
      'me',
      NAMES.map((type, at) => ({ type, room: most, leaseMs: leases[at] ?? 0 })),
      most,
    );

  it('has a share of every type of which something is due, the oldest of each', async () => {
    const [id = ''] = await started(1);
    await messages(50, id);
    await messages(4, id, 'shop.label');
    const rows = await claim(10);
    expect(rows.filter(({ type }) => type === 'shop.label').map(({ key }) => key)).toEqual([
      'shop.label1',
      'shop.label2',
      'shop.label3',
      'shop.label4',
    ]);
    expect(rows.filter(({ type }) => type === 'shop.notify').map(({ key }) => key)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `shop.notify${n}`),
    );
  });

  it('lasts as long as its type says, and is kept for as long again (X-4)', async () => {
    const [id = ''] = await started(1);
    await messages(1, id);
    await messages(1, id, 'shop.label');
    const rows = await claim(2, [60_000, 600_000]);
    const leases = () =>
      test.rows<{ type: string; minutes: number }>(
        `select type, ceil(extract(epoch from claimed_until - clock_timestamp()) / 60)::int as minutes from engine.outbox where claimed_by = 'me' order by type`,
      );
    const granted = [
      { type: 'shop.label', minutes: 10 },
      { type: 'shop.notify', minutes: 1 },
    ];
    expect(await leases()).toEqual(granted);
    const longer = rows.map((row) => ({ ...row, leaseMs: row.type === 'shop.label' ? 1_200_000 : 120_000 }));
    await test.app.get(Database).system((tx) => outbox.heartbeat(tx, 'me', longer));
    expect(await leases()).toEqual(granted.map(({ type, minutes }) => ({ type, minutes: 2 * minutes })));
  });

  it('is kept without waiting for an end that is just being written, and given back by nobody meanwhile', async () => {
    const [id = ''] = await started(1);
    await messages(2, id);
    const rows = await claim(2, [1, 1]);
    await test.owner.query('begin');
    await test.owner.query('select from engine.outbox where seq = 900 and idx = 1 for update');
    const running = rows.map((row) => ({ ...row, leaseMs: 60_000 }));
    const held = await test.app.get(Database).system((tx) => outbox.heartbeat(tx, 'me', running));
    expect(held.map(({ id: effect }) => effect).sort()).toEqual(rows.map(({ id: effect }) => effect).sort());
    expect(
      await outbox.claim(test.app.get(Database), 'other', [{ type: 'shop.notify', room: 2, leaseMs: 1 }], 2),
    ).toEqual([]);
    await test.owner.query('commit');
  });
});

describe('an end that the database refuses', () => {
  it('is no concern of those that come with it', async () => {
    const [id = ''] = await started(1);
    await messages(9, id);
    // No text of the database's can hold this character.
    test.world.effects['shop.notify'] = async (_, { key }) =>
      key.endsWith('5') ? { kind: 'failed', code: 'ODD', reason: '\u0000' } : { kind: 'done' };
    await expect(test.app.get(OutboxWorker).turn()).rejects.toThrow('1 effects could not be settled');
    const open = await test.rows(`select idx from engine.outbox where seq = 900 and status <> 'done'`);
    expect(open).toEqual([{ idx: 5 }]);
  });
});

async function untilLeaseEnds(): Promise<void> {
  const until = Date.now() + 5_000;
  const ended = `select 1 from engine.outbox where claimed_until < clock_timestamp()`;
  while (Date.now() < until) if ((await test.rows(ended)).length > 0) return;
  throw new Error('the lease never ended');
}
