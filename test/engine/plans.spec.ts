import { jest } from '@jest/globals';
import pg from 'pg';
import { Starting } from '../../src/engine/starting.js';
import { Proving } from '../../src/engine/proving.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { Database } from '../../src/platform/database.js';
import { BUYER, testEngine, type TestEngine } from '../support/engine.js';

const MANY = 3_000;

let test: TestEngine;
let session: pg.Client;
beforeEach(async () => {
  test = await testEngine();
  const { host, port, user, password, database } = test.owner;
  session = new pg.Client({ host, port, user, password, database });
  await session.connect();
});
afterEach(async () => {
  await session.end();
  await test.stop();
});

/** Rows that the session reads of these tables while `work` has all its calls made there. */
async function rowsRead(tables: string[], work: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    const { rows } = await session.query<{ rows: number }>(
      `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_xact_user_tables where schemaname || '.' || relname = any($1)`,
      [tables],
    );
    return rows[0]?.rows ?? 0;
  };
  const call = jest
    .spyOn(test.app.get(Database), 'call')
    .mockImplementation(async (sql, params) => (await session.query(sql, [...params])).rows as never[]);
  await session.query('begin');
  const before = await read();
  await work();
  const after = await read();
  await session.query('commit');
  call.mockRestore();
  return after - before;
}

/** Copies of a row, with other values in these columns. */
async function copies(table: string, changed: Record<string, string>): Promise<void> {
  const columns = await test.rows<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = ''`,
    [table],
  );
  const names = columns.map(({ name }) => name);
  const values = names.map((name) => changed[name] ?? `one.${name}`);
  await test.owner.query(
    `insert into ${table} (${names.join(', ')}) select ${values.join(', ')} from (select * from ${table} limit 1) one, generate_series(1, ${MANY}) n`,
  );
}

describe('a session that has planned its work in an empty database', () => {
  const paid = async (count: number): Promise<string[]> => {
    const ids = await Promise.all(Array.from({ length: count }, async () => (await test.start()).instanceId));
    for (const id of ids) await test.engine.send(BUYER, id, { type: 'pay' });
    return ids;
  };

  it('looks every row of a step up by its whole key when there are many', async () => {
    const tables = ['engine.instances', 'engine.outbox', 'engine.timers'];
    const ids = await paid(2);
    await rowsRead(tables, () => test.app.get(OutboxWorker).turn());
    await copies('engine.instances', { id: `'wf_copy_' || n` });
    await copies('engine.outbox', { instance_id: `'wf_copy_' || n`, key: `'copy_' || n`, status: `'done'` });
    await copies('engine.timers', { instance_id: `'wf_copy_' || n` });
    await paid(8);
    expect(await rowsRead(tables, () => test.app.get(OutboxWorker).turn())).toBeLessThan(MANY / 10);
    for (const id of ids) expect(await test.app.get(Proving).replay('acme', id)).toMatchObject({ ok: true });
  });
});

describe('instances that are started together', () => {
  it('come to be in one call, each with its history, its effects and its timers, and those that nobody wants do not', async () => {
    const [cause, database] = [
      { kind: 'start' as const, cause: 'many', actor: 'buyer_1', roles: [], correlationId: 'c' },
      test.app.get(Database),
    ];
    const acks = await database.transaction('acme', (tx) =>
      test.app
        .get(Starting)
        .all(tx, 'order', [cause, cause, cause], async (ids) =>
          ids.map((_, index) =>
            index === 1 ? undefined : { parties: { buyer: 'buyer_1' }, input: { amount: 50, dueMs: 1_000 + index } },
          ),
        ),
    );
    expect(acks.map((ack) => ack?.seq)).toEqual([1, undefined, 1]);
    const one = (await test.start()).instanceId;
    const shape = `select state, revision::int, (select count(*)::int from engine.history h where h.instance_id = i.id) as history,
                          (select count(*)::int from engine.timers t where t.instance_id = i.id) as timers from engine.instances i`;
    const [alone] = await test.rows(`${shape} where id = $1`, [one]);
    expect(await test.rows(`${shape} where id <> $1`, [one])).toEqual([alone, alone]);
    for (const ack of acks.flatMap((found) => found ?? []))
      expect(await test.app.get(Proving).replay('acme', ack.instanceId)).toMatchObject({ ok: true });
  });
});
