import { EventEmitter, once } from 'node:events';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { Database } from '../../src/platform/database.js';
import { dataSourceOptions, migrate } from '../../src/platform/datasource.js';
import { migrations } from '../../migrations/index.js';
import { onServer, testDatabase, testServer, type TestDatabase } from '../support/database.js';

let test: TestDatabase;
let source: DataSource;
let database: Database;
const losses = new EventEmitter();

beforeAll(async () => {
  test = await testDatabase();
  source = new DataSource(dataSourceOptions(test.url, 4, () => losses.emit('loss')));
  await source.initialize();
  database = new Database(source);
});
afterAll(async () => {
  await source.destroy();
  await test.drop();
});

const ownPid = () => database.system((tx) => tx.one<{ pid: number }>('select pg_backend_pid() as pid'));

/** Ends connections of the pool from outside, as a failing server or an administrator would. */
async function terminate(where: string): Promise<void> {
  const admin = new pg.Client({ connectionString: test.url });
  await admin.connect();
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'statewright' and datname = current_database() and ${where}`,
  );
  await admin.end();
}

describe('the database', () => {
  it('survives that its idle connections are ended', async () => {
    const before = await ownPid();
    const noticed = once(losses, 'loss');
    await terminate('true');
    await noticed;
    const after = await ownPid();
    expect(after?.pid).not.toBe(before?.pid);
  });

  it('fails the transaction whose connection is ended while it thinks, and serves the next', async () => {
    const broken = database.system(async (tx) => {
      const row = await tx.one<{ pid: number }>('select pg_backend_pid() as pid');
      await terminate(`pid = ${row?.pid}`);
      return tx.one('select 1');
    });
    await expect(broken).rejects.toThrow();
    expect((await ownPid())?.pid).toBeGreaterThan(0);
  });

  it('runs a transaction again that lost against another (R000-9)', async () => {
    let tries = 0;
    const result = await database.system(async (tx) => {
      if (++tries < 3)
        await tx.run(`do $$ begin raise exception 'lost' using errcode = 'serialization_failure'; end $$`);
      return tries;
    });
    expect(result).toBe(3);
  });

  it('gives up after three tries (R000-9)', async () => {
    let tries = 0;
    const lost = database.system((tx) => {
      tries++;
      return tx.run(`do $$ begin raise exception 'lost' using errcode = 'deadlock_detected'; end $$`);
    });
    await expect(lost).rejects.toMatchObject({ code: '40P01' });
    expect(tries).toBe(3);
  });

  it('does what follows a commit after commits only', async () => {
    const done: string[] = [];
    await database.system(async (tx) => tx.afterCommit(() => done.push('committed')));
    await database
      .system(async (tx) => {
        tx.afterCommit(() => done.push('rolled back'));
        await tx.run('select 1 / 0');
      })
      .catch(() => undefined);
    expect(done).toEqual(['committed']);
  });

  it('takes no tenant name that could be more than a name', async () => {
    expect(() => database.transaction(`x'; drop schema engine; --`, () => Promise.resolve())).toThrow(
      'malformed tenant name',
    );
  });
});

describe('migrating', () => {
  it('runs every migration once when two processes start at the same time', async () => {
    const name = `${new URL(test.url).pathname.slice(1)}_fresh`;
    await onServer(`create database ${name}`);
    const url = Object.assign(new URL(testServer()), { pathname: `/${name}` }).href;
    const ran = await Promise.all([migrate(url), migrate(url)]);
    expect(ran.map(({ length }) => length).sort((a, b) => a - b)).toEqual([0, migrations.length]);
    expect(await migrate(url)).toEqual([]);
    await onServer(`drop database ${name} with (force)`);
  });

  it('says in one sentence that the server cannot be reached, without the password', async () => {
    await expect(migrate('postgres://app:secret@127.0.0.1:1/app')).rejects.toThrow(
      'The database at 127.0.0.1:1 cannot be used: connect ECONNREFUSED 127.0.0.1:1. Start it, or correct DATABASE_URL.',
    );
  });
});
