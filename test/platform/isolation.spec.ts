import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/platform/datasource.js';
import { startPostgres } from '../../src/platform/postgres/launcher.js';
import { onServer, testDatabase, testServer } from '../support/database.js';

const cleanUp: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const step of cleanUp) await step();
});

/** A database that belongs to somebody who is no superuser, as hosted databases do. */
async function ownersDatabase(server: string, rights: string): Promise<string> {
  const name = `sw_owner_${randomUUID().slice(0, 8)}`;
  await onServer(`create role ${name} login ${rights} password '${name}'`, server);
  await onServer(`create database ${name} owner ${name}`, server);
  cleanUp.unshift(
    () => onServer(`drop database ${name} with (force)`, server),
    () => onServer(`drop role ${name}`, server),
  );
  return Object.assign(new URL(server), { pathname: `/${name}`, username: name, password: name }).href;
}

async function whereTheRolesExist(): Promise<string> {
  const url = await ownersDatabase(testServer(), '');
  await expect(migrate(url)).rejects.toThrow('an administrator has to run "grant statewright_app to');
  await onServer(`grant statewright_app, statewright_system, statewright_query to ${new URL(url).username}`);
  await migrate(url);
  return url;
}

async function whereTheRolesAreYetToBeMade(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'statewright-owner-'));
  chmodSync(home, 0o755);
  const server = await startPostgres({
    folder: join(home, 'pg'),
    durable: false,
    log: () => undefined,
    onLost: () => undefined,
  });
  cleanUp.push(() => server.stop().then(() => rmSync(home, { recursive: true })));
  const url = await ownersDatabase(server.url, 'createrole');
  await migrate(url);
  return url;
}

async function superusersDatabase(): Promise<string> {
  const database = await testDatabase();
  cleanUp.push(() => database.drop());
  return database.url;
}

describe.each([
  ['a superuser', superusersDatabase],
  ['an owner who was granted the roles', whereTheRolesExist],
  ['an owner who makes the roles', whereTheRolesAreYetToBeMade],
])('with the address of %s', (_, open) => {
  let client: pg.Client;

  beforeAll(async () => {
    client = new pg.Client({ connectionString: await open() });
    await client.connect();
    for (const tenant of ['left', 'right']) {
      await asTenant(tenant, () => client.query(someRows(tenant)));
    }
  });
  afterAll(() => client.end());

  async function transaction<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await client.query(`begin; ${begin}`);
    try {
      const result = await work();
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  }
  const asTenant = <T>(tenant: string, work: () => Promise<T>) =>
    transaction(`set local role statewright_app; set local engine.tenant = '${tenant}'`, work);
  const asNobody = <T>(work: () => Promise<T>) => transaction('set local role statewright_app', work);
  const asSystem = <T>(work: () => Promise<T>) => transaction('set local role statewright_system', work);
  const tenants = async (table: string) =>
    (await client.query<{ tenant: string }>(`select distinct tenant from ${table} order by tenant`)).rows.map(
      ({ tenant }) => tenant,
    );
  const TABLES = [
    'engine.settings',
    'engine.instances',
    'engine.history',
    'statewright.sw_instances',
    'statewright.sw_history',
  ];

  it.each(TABLES)('shows a tenant its own rows of %s only', async (table) => {
    expect(await asTenant('left', () => tenants(table))).toEqual(['left']);
    expect(await asTenant('right', () => tenants(table))).toEqual(['right']);
  });

  it.each(TABLES)('shows nothing of %s when no tenant is named', async (table) => {
    expect(await asNobody(() => tenants(table))).toEqual([]);
  });

  it.each(TABLES)('shows the system and the owner all of %s', async (table) => {
    expect(await asSystem(() => tenants(table))).toEqual(['left', 'right']);
    expect(await tenants(table)).toEqual(['left', 'right']);
  });

  it('lets a tenant write no row of another', async () => {
    const insert = asTenant('left', () =>
      client.query(`insert into engine.settings (tenant, area, value, updated_by) values ('right', 'b', '{}', 'u')`),
    );
    await expect(insert).rejects.toThrow('row-level security');
    const { rowCount } = await asTenant('left', () =>
      client.query(`update engine.instances set state = 'X' where tenant = 'right'`),
    );
    expect(rowCount).toBe(0);
  });

  it('lets the system claim work of every tenant', async () => {
    const { rowCount } = await asSystem(() =>
      client.query(`update engine.outbox set claimed_by = 'w' where status = 'pending'`),
    );
    expect(rowCount).toBe(2);
  });

  it.each([
    `update engine.history set type = 'x'`,
    'delete from engine.history',
    'truncate engine.history',
    'delete from engine.audit',
  ])('lets nobody rewrite what happened: %s (R000-4)', async (sql) => {
    await expect(asTenant('left', () => client.query(sql))).rejects.toMatchObject({ code: '42501' });
    await expect(asSystem(() => client.query(sql))).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses even the owner to rewrite what happened (R000-4)', async () => {
    await expect(client.query(`update engine.history set type = 'x'`)).rejects.toThrow('history is append-only');
    await expect(client.query('truncate engine.history')).rejects.toThrow('history is append-only');
  });

  it('lets only the system move time', async () => {
    await expect(asTenant('left', () => client.query('update engine.clock set offset_ms = 1'))).rejects.toMatchObject({
      code: '42501',
    });
    expect((await asSystem(() => client.query('update engine.clock set offset_ms = 0'))).rowCount).toBe(1);
  });
});

/** A setting, and an instance that has started and wants one effect. */
const someRows = (tenant: string): string => `
  insert into engine.settings (tenant, area, value, updated_by) values ('${tenant}', 'a', '{}', 'u');
  insert into engine.instances (tenant, id, lifecycle, version, fingerprint, status, state, tags, snapshot, revision, head_hash, parties, created_at, updated_at)
    values ('${tenant}', 'wf_1', 'order', 1, 'f', 'active', 'OPEN', '{open}', '{}', 1, 'h', '{}', engine.now(), engine.now());
  insert into engine.history (tenant, instance_id, seq, kind, type, payload, facts, to_state, actor, roles, cause, correlation_id, at, hash, prev_hash)
    values ('${tenant}', 'wf_1', 1, 'start', 'start', '{}', '{}', 'OPEN', 'u', '{admin}', 'request', 'c', engine.now(), 'h', 'g');
  insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, next_attempt_at, correlation_id, created_at)
    values ('${tenant}', 'wf_1', 1, 0, 'command', 'notify', '{}', '${tenant}:wf_1:1:0', engine.now(), 'c', engine.now());`;
