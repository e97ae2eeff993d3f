/** The rows of the catalogues: what prospects need, and what we offer (R001-13). */
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { assignments, found, pageBehind, type CursorPage } from '../rows.js';
import type { CreateSolution, ChangeSolution, ListEntries } from './catalog.dto.js';

/** A catalogue: its table, its key, and the columns that people write. */
export interface Catalog {
  table: string;
  id: 'problem_id' | 'solution_id';
  columns: readonly string[];
  /** What an entry is called. */
  name: string;
}

const WORDS = ['name', 'category', 'description', 'is_active'];
export const PROBLEMS: Catalog = {
  table: 'workstream.problem_taxonomy',
  id: 'problem_id',
  columns: WORDS,
  name: 'problem',
};
export const SOLUTIONS: Catalog = {
  table: 'workstream.solution_catalog',
  id: 'solution_id',
  columns: [...WORDS, 'problem_id'],
  name: 'solution',
};

const shown = ({ id, columns }: Catalog): string =>
  `${id}, (select org_id from workstream.orgs where tenant = engine.tenant()) as org_id, ${columns.join(', ')}, created_at, created_by, updated_at`;

/** One page, in the order in which they were written. */
export const listEntries = <Row>(tx: Tx, catalog: Catalog, query: ListEntries): Promise<CursorPage<Row>> =>
  pageBehind<Row>(
    tx,
    {
      columns: shown(catalog),
      from: `from ${catalog.table} where tenant = engine.tenant() and ($1::boolean is null or is_active = $1)`,
      keys: [{ sql: catalog.id, kind: 'number' }],
    },
    [query.active === undefined ? null : query.active === 'true'],
    query,
  );

/** An entry. @throws NOT_FOUND */
export const readEntry = async <Row>(tx: Tx, catalog: Catalog, id: number): Promise<Row> =>
  found(
    await tx.one<Row>(
      `select ${shown(catalog)} from ${catalog.table} where tenant = engine.tenant() and ${catalog.id} = $1`,
      [id],
    ),
  );

/** Writes an entry. @throws IN_USE when the name is taken, WF006 when it is for a problem that is not there */
export async function addEntry<Row>(tx: Tx, catalog: Catalog, by: string, entry: CreateSolution): Promise<Row> {
  await insistOnChoice(tx, entry);
  const { table, columns } = catalog;
  const given: Readonly<Record<string, unknown>> = { ...entry, is_active: entry.is_active ?? true };
  const row = await tx.one<Row>(
    `insert into ${table} (tenant, ${columns.join(', ')}, created_at, created_by, updated_at)
     values (engine.tenant(), ${columns.map((_, index) => `$${index + 2}`).join(', ')}, engine.now(), $1, engine.now())
     on conflict (tenant, lower(name)) do nothing returning ${shown(catalog)}`,
    [by, ...columns.map((column) => given[column] ?? null)],
  );
  if (!row) throw nameTaken(catalog, entry.name);
  return row;
}

/** Changes what is named. @throws NOT_FOUND, IN_USE, WF006 */
export async function changeEntry(tx: Tx, catalog: Catalog, id: number, changes: ChangeSolution): Promise<void> {
  await insistOnChoice(tx, changes);
  const { table, id: key, columns } = catalog;
  const { sql, values } = assignments({ ...changes }, columns, 2);
  if (changes.name !== undefined) {
    const other = await tx.one(
      `select 1 from ${table} where tenant = engine.tenant() and lower(name) = lower($2) and ${key} <> $1`,
      [id, changes.name],
    );
    if (other) throw nameTaken(catalog, changes.name);
  }
  found(
    await tx.one(
      `update ${table} set ${sql}, updated_at = engine.now() where tenant = engine.tenant() and ${key} = $1 returning 1`,
      [id, ...values],
    ),
  );
}

/** Takes an entry away that nobody has chosen. @throws NOT_FOUND, IN_USE */
export async function removeEntry(tx: Tx, { table, id: key, name }: Catalog, id: number): Promise<void> {
  // Locked first, so that nobody chooses it meanwhile.
  found(await tx.one(`select 1 from ${table} where tenant = engine.tenant() and ${key} = $1 for update`, [id]));
  const user = await tx.one(
    `select 1 from workstream.candidates where tenant = engine.tenant() and ${key} = $1
     union all select 1 from workstream.solution_catalog where tenant = engine.tenant() and problem_id = $1 and $2 limit 1`,
    [id, key === 'problem_id'],
  );
  if (user) throw refuse('IN_USE', { detail: `The ${name} has been chosen; take it out of use with is_active.` });
  await tx.run(`delete from ${table} where tenant = engine.tenant() and ${key} = $1`, [id]);
}

/** What is chosen is there, and in use. @throws WF006 naming what is not */
export async function insistOnChoice(
  tx: Tx,
  chosen: { problem_id?: number | null; solution_id?: number | null },
): Promise<void> {
  for (const { table, id, name } of [PROBLEMS, SOLUTIONS]) {
    const number = chosen[id];
    if (number === undefined || number === null) continue;
    const row = await tx.one<{ is_active: boolean }>(
      `select is_active from ${table} where tenant = engine.tenant() and ${id} = $1 for key share`,
      [number],
    );
    if (!row?.is_active)
      throw refuse('WF006', {
        errors: [{ field: id, message: `there is no ${name} ${number} ${row ? 'in use' : ''}`.trim() }],
      });
  }
}

const nameTaken = ({ name }: Catalog, given: string) =>
  refuse('IN_USE', { detail: `There is a ${name} called ${given} already.` });
