import { readFileSync } from 'node:fs';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '../support/database.js';

/** The same for every tenant; on a cluster each node has a copy. */
const REFERENCE = [
  'automation.action_catalog',
  'engine.clock',
  'engine.definitions',
  'engine.reconciled',
  'engine.workers',
  'functions.system_event_catalog',
  'functions.system_workflow_registration_versions',
  'functions.system_workflow_registrations',
  'tasks.system_definitions',
  'tasks.system_forms',
  'workstream.lost_reasons',
];
/** Asked before anybody knows the tenant, and why. */
const NAMED = {
  'engine.inbox': 'a message of a provider names its instance at most',
  'auth.api_keys (hash)': 'a key tells its tenant',
  'workstream.orgs (org_id)': 'the number that stands for a tenant',
};

let test: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  test = await testDatabase();
  owner = new pg.Client({ connectionString: test.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await test.drop();
});

const TABLES = `
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'public')`;

interface Key {
  table: string;
  columns: string[];
}

/** What would have to be unique over all nodes if its first column were not the tenant. */
async function uniqueKeys(): Promise<Key[]> {
  const { rows } = await owner.query<Key>(`
    select t.name as table, array(
             select a.attname::text from unnest(i.indkey) with ordinality k (number, place)
               join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number order by k.place) as columns
      from pg_index i join (select c.oid, n.nspname || '.' || c.relname as name ${TABLES}) t on t.oid = i.indrelid
     where i.indisunique order by 1, 2`);
  return rows;
}

const nameOf = ({ table, columns }: Key): string => `${table} (${columns.join(', ')})`;

describe('every table of the product', () => {
  it('has the tenant as the first column of its primary key and of all its unique indexes, with the named exceptions', async () => {
    const keys = await uniqueKeys();
    expect(keys.length).toBeGreaterThan(20);
    const others = keys
      .filter(({ columns }) => columns[0] !== 'tenant')
      .filter(({ table }) => !REFERENCE.includes(table))
      .map((key) => (key.table in NAMED ? key.table : nameOf(key)));
    expect(others.sort()).toEqual(Object.keys(NAMED).sort());
  });

  it('has a primary key, and a tenant that is always known, with the named exceptions', async () => {
    const { rows } = await owner.query<{ name: string; keyed: boolean; tenant: boolean }>(`
      select n.nspname || '.' || c.relname as name,
             exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary) as keyed,
             exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and a.attnotnull) as tenant
      ${TABLES} order by 1`);
    expect(rows.filter(({ keyed }) => !keyed)).toEqual([]);
    const withoutTenant = rows.filter(({ tenant }) => !tenant).map(({ name }) => name);
    expect(withoutTenant).toEqual([...REFERENCE, 'engine.inbox'].sort());
  });

  it('refers to others within its tenant only, or to what is the same for all', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `
      select c.conrelid::regclass || ' ' || c.conname as name from pg_constraint c
       where c.contype = 'f' and c.confrelid <> all ($1::regclass[]) and not exists (
         select from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any(c.conkey) and a.attname = 'tenant')`,
      [REFERENCE],
    );
    expect(rows).toEqual([]);
  });

  it('is told about in docs/scaling.md when it is an exception', () => {
    const page = readFileSync('docs/scaling.md', 'utf8');
    for (const name of [...REFERENCE, ...Object.keys(NAMED).map((key) => key.replace(/ .*/, ''))])
      expect(page).toContain(`\`${name}\``);
  });
});
