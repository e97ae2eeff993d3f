import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../dist/src/platform/postgres/launcher.js';
import { migrate } from '../../dist/src/platform/datasource.js';

const PREFIX = `sw_bench_${process.pid}_`;
const TEMPLATE = 'product';

/** The database server all contestants share: the product's own, durable, or the one that BENCH_DATABASE_URL names. */
export class Server {
  /** @param {string} url of its maintenance database, as somebody who may create databases @param {string} kind for the report */
  constructor(url, kind) {
    this.url = url;
    this.kind = kind;
  }

  /** @param {import('./processes.mjs').Cleanup} cleanup */
  static async start(cleanup) {
    const given = process.env.BENCH_DATABASE_URL;
    const server = given ? new Server(given, 'the one BENCH_DATABASE_URL names') : await embedded(cleanup);
    cleanup.add(() => server.#dropAll());
    await migrate(await server.#create(TEMPLATE));
    return server;
  }

  /** A fresh database. @param {string} name @param {{ product?: boolean }} options with the product's schema, or empty */
  async database(name, { product = false } = {}) {
    await this.drop(name);
    return this.#create(name, product ? `template ${PREFIX}${TEMPLATE}` : '');
  }

  /** @param {string} name */
  async drop(name) {
    await this.query(`drop database if exists ${PREFIX}${name} with (force)`);
  }

  /** @param {string} sql @returns {Promise<any[]>} rows */
  query(sql) {
    return query(this.url, sql);
  }

  /** What the figures depend on. */
  async facts() {
    const names = ['server_version', 'fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size'];
    const rows = await this.query(`select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`);
    const { server_version: version, ...settings } = rows[0];
    const set = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
    return { database: `Postgres ${version}, ${this.kind}`, settings: set.join(', ') };
  }

  async #create(name, template = '') {
    await this.query(`create database ${PREFIX}${name} ${template}`);
    const url = new URL(this.url);
    url.pathname = `/${PREFIX}${name}`;
    return url.href;
  }

  async #dropAll() {
    const rows = await this.query(`select datname from pg_database where starts_with(datname, '${PREFIX}')`);
    for (const { datname } of rows) await this.query(`drop database if exists ${datname} with (force)`);
  }
}

/** Runs statements on a connection of their own; answers the rows of the last. @param {string} url @param {string} sql @param {unknown[]} [values] */
export async function query(url, sql, values) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query(sql, values);
    return (Array.isArray(result) ? result.at(-1) : result).rows;
  } finally {
    await client.end();
  }
}

async function embedded(cleanup) {
  const home = mkdtempSync(join(tmpdir(), 'statewright-bench-'));
  // The server's user has to get in, who is not root.
  chmodSync(home, 0o755);
  cleanup.add(() => rmSync(home, { recursive: true, force: true }));
  const database = await startPostgres({
    folder: join(home, 'pg'),
    durable: true,
    log: () => undefined,
    onLost: (error) => console.error(error),
  });
  cleanup.add(() => database.stop());
  return new Server(database.url, "the product's embedded one");
}
