/** One throw-away database server for the whole run, with a migrated template that each test file clones. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../dist/src/platform/datasource.js';
import { startPostgres } from '../../dist/src/platform/postgres/launcher.js';
import { claimFolder } from '../../dist/src/platform/postgres/lock.js';
import { stopOrphan } from '../../dist/src/platform/postgres/orphan.js';

const RUNS = join(tmpdir(), `statewright-test-${userInfo().username}`);
/** A run that is just starting has not claimed its folder yet. */
const STARTING_MS = 10_000;
/** Databases of a run carry its name, and one of its connections as long as it lives: what has none is left over. */
const PREFIX = 'sw_test_';

export default async function setUp() {
  const run = PREFIX + randomUUID().slice(0, 8);
  const given = process.env.TEST_DATABASE_URL;
  const server = given ? { url: given, stop: async () => undefined } : await throwAwayServer(run);
  const keeper = new pg.Client({ connectionString: server.url, application_name: run });
  // The server may be stopped while the connection is open.
  keeper.on('error', () => undefined);
  await keeper.connect();
  await sweep(keeper);
  const template = `${run}_template`;
  await keeper.query(`create database ${template}`);
  await migrate(databaseAt(server.url, template));
  process.env.STATEWRIGHT_TEST_SERVER = server.url;
  process.env.STATEWRIGHT_TEST_TEMPLATE = template;
  // A server of somebody else's may have its sockets on another machine.
  const { rows } = given ? { rows: [] } : await keeper.query('show unix_socket_directories');
  process.env.STATEWRIGHT_TEST_SOCKETS = rows[0]?.unix_socket_directories ?? '';
  globalThis.tearDown = async () => {
    await dropAll(keeper, run);
    await keeper.end();
    await server.stop();
  };
}

async function throwAwayServer(run) {
  mkdirSync(RUNS, { recursive: true, mode: 0o755 });
  await removeLeftovers();
  const home = join(RUNS, run);
  const server = await startPostgres({
    folder: join(home, 'pg'),
    durable: false,
    log: () => undefined,
    onLost: (error) => console.error(error),
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Runs that were killed leave a server and its files; runs that are going on hold the claim of their folder. */
async function removeLeftovers() {
  for (const run of readdirSync(RUNS)) {
    if (Date.now() - statSync(join(RUNS, run)).ctimeMs < STARTING_MS) continue;
    const folder = join(RUNS, run, 'pg');
    const claim = await claimFolder(folder).catch(() => undefined);
    if (!claim) continue;
    if (existsSync(folder)) await stopOrphan(folder);
    rmSync(join(RUNS, run), { recursive: true, force: true });
    await claim.release();
  }
}

async function sweep(client) {
  const { rows } = await client.query(
    `select distinct left(datname, ${PREFIX.length + 8}) as run from pg_database
      where starts_with(datname, $1) and left(datname, ${PREFIX.length + 8}) not in (select application_name from pg_stat_activity)`,
    [PREFIX],
  );
  for (const { run } of rows) await dropAll(client, run);
}

async function dropAll(client, run) {
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [run]);
  for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
}

function databaseAt(server, name) {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
