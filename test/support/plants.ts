/** Bugs for the tests to find: planted between the engine and its database, never in the engine itself. */
import type pg from 'pg';

export interface Plant {
  name: string;
  /** Changes to functions of the database. */
  functions?: readonly (readonly [name: string, from: string, to: string])[];
  /** Changes to statements on their way. */
  statements?: readonly (readonly [from: string, to: string])[];
  /** Tables whose rows are written apart from the transition that wants them: in a transaction of their own, after its commit. */
  later?: readonly string[];
  /** A commit counts as done before the server has heard of it. */
  isHasty?: boolean;
}

/** Functions that write such rows. */
const WRITERS: Readonly<Record<string, readonly string[]>> = {
  outbox: ['record', 'advance', 'write_down'],
  idempotency: ['record', 'advance'],
};
const COMMIT = 'commit';

type Query = (...args: unknown[]) => Promise<unknown>;

/** Plants what belongs into the database. @throws Error when there is no place for it any more */
export async function plantFunctions(owner: pg.Client, { functions = [], later = [] }: Plant): Promise<void> {
  for (const [name, from, to] of functions) await change(owner, name, from, to);
  if (later.length === 0) return;
  await owner.query('create schema planted; grant usage on schema planted to public');
  for (const table of later) {
    await owner.query(`create table planted.${table} (like engine.${table} including defaults including identity)`);
    // What the real table computes cannot be written there.
    await owner.query(`alter table planted.${table} drop column if exists stage`);
    await owner.query(`grant all on planted.${table} to public`);
    for (const writer of WRITERS[table] ?? [])
      await change(owner, writer, `insert into engine.${table} (`, `insert into planted.${table} (`);
  }
}

async function change(owner: pg.Client, name: string, from: string, to: string): Promise<void> {
  const { rows } = await owner.query<{ text: string }>(
    `select pg_get_functiondef(oid) as text from pg_proc where pronamespace = 'engine'::regnamespace and proname = $1`,
    [name],
  );
  const [text] = rows.map((row) => row.text);
  if (!text?.includes(from)) throw new Error(`engine.${name} does not say ${from}`);
  await owner.query(text.replaceAll(from, to));
}

/** Plants what belongs on the way to the database. */
export function plantStatements(pool: pg.Pool, plant: Plant): void {
  const known = new WeakSet<pg.PoolClient>();
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    const query = client.query.bind(client) as Query;
    client.query = ((...args: unknown[]) => {
      const [text, ...others] = args;
      if (typeof text !== 'string') return query(...args);
      if (text === COMMIT) return commit(query, plant);
      return query(changed(text, plant), ...others);
    }) as typeof client.query;
  });
}

const changed = (text: string, { statements = [] }: Plant): string =>
  statements.reduce((said, [from, to]) => said.replaceAll(from, to), text);

async function commit(query: Query, { later = [], isHasty = false }: Plant): Promise<unknown> {
  const ended = query(COMMIT);
  if (isHasty) {
    ended.catch(() => undefined);
    return {};
  }
  const result = await ended;
  for (const table of later) await query(MOVES[table] ?? '');
  return result;
}

/** From where rows were put aside to where they belong. */
const MOVES: Readonly<Record<string, string>> = {
  outbox: `with moved as (delete from planted.outbox returning *)
    insert into engine.outbox overriding system value select * from moved`,
  idempotency: `with moved as (delete from planted.idempotency returning *)
    insert into engine.idempotency select * from moved on conflict do nothing`,
};
