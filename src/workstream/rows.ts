/** SQL that every table of the pipeline needs: pages with true totals, changes of named columns. */
import type { Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { decodeCursor, encodeCursor, type CursorKind } from '../platform/paging.js';

/** A page of a list, and how many rows there are altogether (R001-46). */
export interface Page<Row> {
  data: Row[];
  pagination: { page: number; limit: number; total: number };
}

/**
 * One page. `from` is everything from the FROM on, without order; its parameters are `filter`, from $1.
 * @param order a list of columns that tells every row from every other
 */
export async function pageOf<Row>(
  tx: Tx,
  { columns, from, order }: { columns: string; from: string; order: string },
  filter: readonly unknown[],
  { page, limit }: { page: number; limit: number },
): Promise<Page<Row>> {
  const next = filter.length + 1;
  const data = await tx.query<Row>(`select ${columns} ${from} order by ${order} limit $${next} offset $${next + 1}`, [
    ...filter,
    limit,
    (page - 1) * limit,
  ]);
  const counted = await tx.one<{ total: number }>(`select count(*) as total ${from}`, filter);
  return { data, pagination: { page, limit, total: counted?.total ?? 0 } };
}

/** A page with the way to the next one, which stays right while rows come and go. */
export interface CursorPage<Row> extends Page<Row> {
  /** Null on the last page. */
  nextCursor: string | null;
}

/** A column that a list is ordered by: one that is never null. */
export interface OrderKey {
  sql: string;
  kind: CursorKind;
}

/** The newest first: with `down`. */
export const newest = (id: string): OrderKey[] => [
  { sql: 'created_at', kind: 'time' },
  { sql: id, kind: 'number' },
];

const AS_TEXT: Readonly<Record<CursorKind, (sql: string) => string>> = {
  id: (sql) => sql,
  number: (sql) => `${sql}::text`,
  time: (sql) => `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  day: (sql) => `${sql}::text`,
};
const TYPES: Readonly<Record<CursorKind, string>> = { id: 'text', number: 'bigint', time: 'timestamptz', day: 'date' };

/**
 * One page, by its number or behind a cursor: with a cursor the database begins where the last page ended, however far that is.
 * @param keys tell every row from every other, all in one direction; their index makes it fast
 */
export async function pageBehind<Row>(
  tx: Tx,
  { columns, from, keys, down = false }: { columns: string; from: string; keys: readonly OrderKey[]; down?: boolean },
  filter: readonly unknown[],
  { page, limit, cursor }: { page: number; limit: number; cursor?: string },
): Promise<CursorPage<Row>> {
  const behind = decodeCursor(cursor, Object.fromEntries(keys.map(({ kind }, index) => [`k${index}`, kind])));
  const next = filter.length + 1;
  const listed = keys.map(({ sql }) => sql).join(', ');
  const given = keys.map(({ kind }, index) => `$${next + 2 + index}::${TYPES[kind]}`).join(', ');
  const rows = await tx.query<Row & { at: Record<string, string> }>(
    `select ${columns}, json_build_object(${keys.map(({ sql, kind }, index) => `'k${index}', ${AS_TEXT[kind](sql)}`).join(', ')}) as at
       ${from} ${behind ? `and (${listed}) ${down ? '<' : '>'} (${given})` : ''}
      order by ${keys.map(({ sql }) => `${sql} ${down ? 'desc' : 'asc'}`).join(', ')} limit $${next} offset $${next + 1}`,
    [...filter, limit + 1, behind ? 0 : (page - 1) * limit, ...keys.flatMap((_, index) => behind?.[`k${index}`] ?? [])],
  );
  const counted = await tx.one<{ total: number }>(`select count(*) as total ${from}`, filter);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    data: rows.slice(0, limit).map(({ at: _, ...row }) => row as Row),
    pagination: { page, limit, total: counted?.total ?? 0 },
    nextCursor: last ? encodeCursor(last.at) : null,
  };
}

/** The named columns with their new values, ready for an UPDATE; `first` is the number of the first parameter. */
export function assignments(
  changes: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  first: number,
): { sql: string; values: unknown[] } {
  // The names come from the list, never from the request.
  const named = columns.filter((column) => changes[column] !== undefined);
  return {
    sql: named.map((column, index) => `${column} = $${first + index}`).join(', '),
    values: named.map((column) => changes[column]),
  };
}

/** @throws WF006 when a change changes nothing (R001-34) */
export function insistOnChanges(body: object): void {
  if (Object.values(body).every((value) => value === undefined))
    throw refuse('WF006', { detail: 'At least one field required' });
}

/** @throws STATE_READ_ONLY: a state is changed by its own command only (R001-23) */
export function refuseState(given: unknown, field: string, command: string): void {
  if (given !== undefined)
    throw refuse('STATE_READ_ONLY', {
      detail: `${field} is changed with ${command}.`,
      errors: [{ field, message: 'read-only' }],
    });
}

/** The item's number is the caller's own to know, or it does not exist. @throws NOT_FOUND */
export function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw refuse('NOT_FOUND');
  return row;
}
