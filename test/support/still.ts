/** A database whose clock stands still until it is moved, so that a test decides when leases end and deadlines fall due. */
import type pg from 'pg';

/** The moment at which the clock stands in the beginning, milliseconds. */
export const DAWN = Date.UTC(2030, 0, 1);

/** A function of the first schema hides the server's own of the same name. */
const PATH = 'still,pg_catalog,public';
/** Every name under which SQL asks for the time. */
const CLOCKS = ['clock_timestamp', 'statement_timestamp', 'transaction_timestamp', 'now'];

const INSTALL = `
  create schema still;
  grant usage on schema still to public;
  create table still.clock (now timestamptz not null);
  grant select on still.clock to public;
  insert into still.clock values (to_timestamp(${DAWN / 1000}));
  ${CLOCKS.map((name) => `create function still.${name}() returns timestamptz language sql volatile as 'select now from still.clock';`).join('\n')}
  do $$
    declare stamp record;
    begin
      for stamp in
        select attrelid::regclass as place, quote_ident(attname) as name
          from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum
         where pg_get_expr(adbin, adrelid) = 'clock_timestamp()'
      loop
        execute format('alter table %s alter column %s set default still.clock_timestamp()', stamp.place, stamp.name);
      end loop;
    end $$;`;

/** Stops the clock of a migrated database, for this session of its owner too. @returns the address under which sessions see it stand */
export async function stopClock(owner: pg.Client, url: string): Promise<string> {
  await owner.query(INSTALL);
  await owner.query(`set search_path = ${PATH}`);
  const still = new URL(url);
  still.searchParams.set('options', `-c search_path=${PATH}`);
  return still.href;
}

/** Moves it ahead: leases and business time alike. */
export const moveClock = (owner: pg.Client, ms: number): Promise<unknown> =>
  owner.query(`update still.clock set now = now + $1 * interval '1 millisecond'`, [ms]);

const TABLES = [
  'instances',
  'history',
  'outbox',
  'attempts',
  'timers',
  'inbox',
  'idempotency',
  'failures',
  'audit',
].map((name) => `engine.${name}`);
/** Those whose rows have a number of their own. */
const NUMBERED = ['engine.outbox', 'engine.failures', 'engine.audit'];

/** What was deleted stays in the way of those who read until it is cleared away; too seldom is as slow as too often. */
const CLEAR_AWAY_EVERY = 50;
let forgotten = 0;

/**
 * Forgets everything that was stored, as if nothing had ever been, and sets the clock back. Rows are deleted, not truncated: truncating
 * gives every table new files, and every session forgets the plans it has made. Rows then lie now here, now there: whatever reads them
 * without an order of its own shows.
 */
export async function forget(owner: pg.Client): Promise<void> {
  await owner.query(`
    begin;
    set local session_replication_role = replica;
    lock table ${TABLES.join()} in exclusive mode;
    ${TABLES.map((table) => `delete from ${table};`).join('\n    ')}
    ${NUMBERED.map((table) => `select setval(pg_get_serial_sequence('${table}', 'id'), 1, false);`).join('\n    ')}
    update still.clock set now = to_timestamp(${DAWN / 1000});
    update engine.clock set offset_ms = 0;
    commit`);
  if (++forgotten % CLEAR_AWAY_EVERY === 0) await owner.query(`vacuum ${TABLES.join()}, still.clock, engine.clock`);
}
