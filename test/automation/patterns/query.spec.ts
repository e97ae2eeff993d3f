import { objectionToQuery } from '../../../src/automation/sandbox/query.check.js';
import { Database } from '../../../src/platform/database.js';
import { Patterns } from '../../support/patterns.js';
import { workstream } from '../../support/workstream.js';

const service = workstream();
const patterns = new Patterns(service);

beforeAll(async () => {
  await patterns.happens('user.signup', { plan: 'free', age: 30 }, { user_id: 'u1', source: 'web' });
  await patterns.happens('user.signup', { plan: 'pro', age: 40 }, { user_id: 'u2', session_id: 's2' });
  await patterns.happens('order.placed', { total: 12.5, text: "it's -- no comment; select" }, { user_id: 'u1' });
  // The same words from another tenant.
  await service.rows(`insert into events.events (tenant, event_id, payload, metadata, status, created_at, updated_at, stored_at, correlation_id, payload_hash, instance_id)
    select 'elsewhere', event_id || '-theirs', '{"secret":"of others","age":"many"}', metadata, status, created_at, updated_at, stored_at, correlation_id, payload_hash, instance_id
      from events.events`);
});

describe('a query about events', () => {
  it('sees id, type, source, user_id, session_id, timestamp, data and metadata of delivered events (R002-19, R002-21)', async () => {
    const { status, body } = await patterns.query(`select * from events where user_id = 'u2'`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      data: [{ type: 'user.signup', source: 'api', session_id: 's2', data: { plan: 'pro', age: 40 } }],
    });
    expect(Object.keys(body.data[0] ?? {}).sort()).toEqual(
      ['data', 'id', 'metadata', 'session_id', 'source', 'timestamp', 'type', 'user_id'].sort(),
    );
  });

  it.each([
    ['counts', 'select type, count(*)::int as n from events group by type order by n desc', [{ n: 2 }, { n: 1 }]],
    [
      'reckons',
      `select round(avg((data->>'age')::numeric), 1) as age from events where type = 'user.signup'`,
      [{ age: 35 }],
    ],
    [
      'joins',
      `with s as (select user_id from events where type = 'user.signup') select e.id is not null as there from events e join s on s.user_id = e.user_id where e.type = 'order.placed'`,
      [{ there: true }],
    ],
    [
      'ranks',
      `select row_number() over (partition by type order by "timestamp") as n from events where type = 'user.signup' order by n`,
      [{ n: 1 }, { n: 2 }],
    ],
    [
      'knows the time',
      `select count(*)::int as n from events where "timestamp" > now() - interval '1 hour'`,
      [{ n: 3 }],
    ],
    [
      'reads texts as texts',
      `select data->>'text' as t from events where data->>'text' = 'it''s -- no comment; select' -- a comment`,
      [{ t: "it's -- no comment; select" }],
    ],
  ])('%s (R002-19)', async (_, query, rows) => {
    expect((await patterns.query(query)).body.data).toMatchObject(rows);
  });

  it('means business time by now(), whatever the clock of the machine says', async () => {
    await service.done('POST', '/admin/clock', { advance: '1d' }, 'admin');
    const { body } = await patterns.query(
      `select count(*)::int as n from events where "timestamp" > now() - interval '1 hour'`,
    );
    expect(body.data).toEqual([{ n: 0 }]);
  });

  it('has at most 1,000 rows (R002-19)', async () => {
    const many = Array.from({ length: 7 }, (_, n) => `events e${n}`).join(', ');
    expect((await patterns.query(`select e0.id from ${many}`)).body.data).toHaveLength(1_000);
  });

  it('may name its own account, and no other (R002-18)', async () => {
    expect((await patterns.query('select 1 as one', { accountId: 'demo' })).body.data).toEqual([{ one: 1 }]);
    expect((await patterns.query('select 1 as one', { accountId: 'elsewhere' })).status).toBe(404);
  });

  it('ends after 5 seconds (R002-19)', async () => {
    const many = Array.from({ length: 40 }, (_, n) => `events e${n}`).join(', ');
    const { status, body } = await patterns.query(`select count(*) from ${many}`);
    expect({ status, ...body }).toMatchObject({
      status: 400,
      code: 'QUERY_ERROR',
      detail: 'The query took longer than 5 s.',
    });
  }, 15_000);
});

/** Every way out that its words would have. */
const REFUSED = [
  ['another statement', 'select 1; drop table events.events'],
  ['a statement that is no SELECT', 'delete from events'],
  ['an update in a WITH', 'with x as (delete from events returning *) select * from x'],
  ['an INSERT', `insert into events (id) values ('x')`],
  ['a parenthesis that closes what is around it', 'select 1) q; select pg_sleep(1); select * from (select 1'],
  ['a table of the product', 'select * from engine.instances'],
  ['the table behind the view', 'select * from events.events'],
  ['the rows that tell the tenant', 'select * from sandbox.running'],
  ['keys', 'select * from auth.api_keys'],
  ['the catalogue', 'select * from pg_roles'],
  ['the catalogue by its schema', 'select * from pg_catalog.pg_class'],
  ['the catalogue in quotes', 'select * from "pg_authid"'],
  ['the information schema', 'select * from information_schema.tables'],
  ['another tenant', `select set_config('engine.tenant', 'elsewhere', true), id from events`],
  ['another role', `select set_config('role', 'none', true)`],
  ['a query in a text', `select query_to_xml('select * from engine.instances', true, true, '')`],
  ['a table as XML', `select table_to_xml('engine.instances', true, true, '')`],
  ['a file', `select pg_read_file('/etc/passwd')`],
  ['a large object', `select lo_import('/etc/passwd')`],
  ['a program', `copy events to program 'id'`],
  ['another database', `select * from dblink('dbname=postgres', 'select 1') as t(a int)`],
  ['sleep', 'select pg_sleep(100)'],
  ['the end of others', 'select pg_terminate_backend(1)'],
  ['a lock', 'select pg_advisory_lock(1)'],
  ['a lock of rows', 'select * from events for update'],
  ['a new table', 'select * into copy_of_events from events'],
  ['TABLE', 'table engine.instances'],
  ['VALUES', 'values (1)'],
  ['a function in quotes', 'select "pg_sleep"(100)'],
  ['a function by its schema', "select pg_catalog.set_config('role', 'none', true)"],
  ['an operator by its function', 'select 1 operator(pg_catalog.+) 1'],
  ['a function in a comment’s shadow', 'select pg_/**/sleep(100)'],
  ['a comment that ends the line for one of two readers', 'select 1 --\r, pg_sleep(100)'],
  ['an escape', `select E'\\' , pg_sleep(100) -- '`],
  ['a name in Unicode', `select U&"pg\\005fsleep"(100)`],
  ['a text in dollars', 'select $$x$$, pg_sleep(1)'],
  ['a letter of another alphabet', 'select рg_sleep(1)'],
  ['a blank that is none', 'select abs\u00a0(1)'],
  ['who is asking', 'select session_user'],
  ['what is set', `select current_setting('engine.tenant')`],
  ['a recursion without end', 'with recursive t as (select 1 union all select 1 from t) select * from t'],
  ['a series without end', 'select generate_series(1, 1000000000)'],
  ['a text without end', `select repeat('x', 1000000000)`],
  ['a random number', 'select random()'],
  ['the name of a table by its number', `select 'engine.instances'::regclass`],
  ['nothing', '-- nothing'],
  ['half a sentence', 'select from where'],
  ['half a parenthesis', 'select (1'],
  ['half a text', `select 'x`],
  ['a column that there is not', 'select tenant from events'],
  ['a view of the product', 'select * from delivered'],
  ['a value that is no number', `select (data->>'plan')::int from events`],
] as const;

describe('a query that wants more is refused, and so is', () => {
  it.each(REFUSED)('%s (R002-19)', async (_, query) => {
    const { status, body } = await patterns.query(query);
    expect({ status, ...body }).toMatchObject({ status: 400, code: 'QUERY_ERROR' });
    expect(JSON.stringify(body)).not.toMatch(/elsewhere|of others|violates|syntax error|\brelation\b/);
  });

  it('a query that nobody who looks at its words would stop: the database itself lets it see no more', async () => {
    const ways = [
      [`select set_config('role', 'none', true)`, /cannot set parameter "role"/],
      [`select set_config('session_authorization', 'default', true)`, /cannot set parameter/],
      [`select id from events where set_config('engine.tenant', 'elsewhere', true) <> ''`, null],
      ['select * from engine.instances', /permission denied for schema engine/],
      ['select * from events.events', /permission denied for schema events/],
      ['select * from sandbox.running', /permission denied for table running/],
      ['select sandbox.tenant() as id', null],
      [`select query_to_xml('select * from engine.instances', true, true, '')`, /permission denied/],
      [
        'with x as (delete from sandbox.events returning *) select * from x',
        /data-modifying|permission denied|read-only|not allowed/,
      ],
      ['select 1) q; delete from engine.instances; select * from (select 1', /multi-query|permission denied/],
      ['select * from events for update', /not allowed|permission denied/],
      [`select lo_from_bytea(0, 'x')`, /read-only|not allowed/],
    ] as const;
    for (const [query, expected] of ways) {
      const rows = await asSandbox(query).catch((error: Error) => error.message);
      if (expected) expect(rows).toMatch(expected);
      else expect(JSON.stringify(rows)).not.toMatch(/elsewhere|theirs/);
    }
    // No query has left anything behind in the sessions that others use next.
    expect((await patterns.query('select count(*)::int as n from events')).body.data).toEqual([{ n: 3 }]);
    expect(await service.rows('select * from sandbox.running')).toEqual([]);
  });

  it('a filter that fails on a row of somebody else, whose words would show in the error', async () => {
    const rows = await asSandbox(
      `select id from events where case when type = 'order.placed' then true else (data->>'age')::int > 0 end`,
    );
    expect(rows).toHaveLength(3);
  });

  it('everything that does not begin right, without a word to the database', () => {
    expect(objectionToQuery('explain select 1')).toBe('must begin with SELECT or WITH');
    expect(objectionToQuery('select pg_sleep(1)')).toBe('must not use pg_sleep; it is one SELECT over events');
    expect(objectionToQuery('select md5(id) from events')).toBe('must not call md5');
  });
});

/** Asks past the first lock, as the sandbox itself does. */
async function asSandbox(query: string): Promise<unknown[]> {
  let rows: unknown[] = [];
  await service.live.app
    .get(Database)
    .transaction('demo', async (tx) => {
      await tx.run('insert into sandbox.running (tenant, xid) values (engine.tenant(), pg_current_xact_id())');
      await tx.run('set transaction read only');
      rows = await tx.query('select row from sandbox.run($1, 1000, 1000000) as row', [query]);
      throw new Error('over');
    })
    .catch((error: Error) => {
      if (error.message !== 'over') throw error;
    });
  return rows;
}
