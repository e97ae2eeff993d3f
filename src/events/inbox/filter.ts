/** What a page of the inbox is asked to be: filters, order, place (R003-43). Pure. */
import { refuse, type Refused } from '../../platform/errors.js';
import { decodeCursor, encodeCursor, type CursorKind } from '../../platform/paging.js';
import { isMoment } from '../../platform/validation.js';
import { parameter } from '../intake/submission.js';
import { STATUSES } from '../rows.js';

const MOST_FILTERS = 10;
const MOST = 1_000;
const USUAL = 50;
const FARTHEST = 100_000;
const MOST_RETRIES = 1_000_000;
const JSON_KEY = /^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/;
const LONGEST_KEY = 200;
const LONGEST_VALUE = 1_000;
const DAY_MS = 86_400_000;

/** What a list can be sorted by, and what its cursor then holds. */
const SORTS = { created_at: 'time', updated_at: 'time', retry_count: 'number' } as const satisfies Record<
  string,
  CursorKind
>;
/** A field the list can be sorted by. */
export type Sort = keyof typeof SORTS;

/** A condition on a row, with `?` where its values go. */
export interface Condition {
  /** As it was asked for. */
  name: string;
  sql: string;
  values: unknown[];
}

/** A page of the inbox. */
export interface InboxRequest {
  conditions: Condition[];
  sort: Sort;
  order: 'asc' | 'desc';
  limit: number;
  offset: number;
  /** The row that the page before ended with. */
  after: { value: string; id: string } | null;
}

/** @throws INVALID_PARAMETER, INVALID_CURSOR, TOO_MANY_FILTERS */
export function inboxRequest(query: Readonly<Record<string, string>>): InboxRequest {
  const { sort = 'created_at', order = 'desc', limit, offset, cursor, ...filters } = query;
  if (!isSort(sort)) throw parameter('sort', `must be one of ${Object.keys(SORTS).join(', ')}`);
  if (order !== 'asc' && order !== 'desc') throw parameter('order', 'must be asc or desc');
  if (Object.keys(filters).length > MOST_FILTERS) throw refuse('TOO_MANY_FILTERS');
  return {
    conditions: Object.entries(filters).map(([name, value]) => ({ name, ...conditionOf(name, value) })),
    sort,
    order,
    limit: limit === undefined ? USUAL : wholeNumber('limit', limit, 1, MOST),
    offset: offset === undefined || cursor !== undefined ? 0 : wholeNumber('offset', offset, 0, FARTHEST),
    after: cursor === undefined ? null : place(cursor, sort, order),
  };
}

/** The cursor behind a row. */
export const cursorBehind = ({ sort, order }: InboxRequest, value: string, id: string): string =>
  encodeCursor({ by: `${sort}-${order}`, value, id });

function place(cursor: string, sort: Sort, order: string): { value: string; id: string } {
  try {
    const row = decodeCursor(cursor, { by: 'id', value: SORTS[sort], id: 'id' });
    if (row?.by === `${sort}-${order}`) return row;
  } catch {
    // Which part of it is wrong is nobody's concern.
  }
  throw badCursor();
}

const badCursor = (): Refused => refuse('INVALID_CURSOR');

const isSort = (sort: string): sort is Sort => Object.hasOwn(SORTS, sort);

function conditionOf(name: string, value: string): { sql: string; values: unknown[] } {
  switch (name) {
    case 'status':
      return { sql: 'status = any(?::text[])', values: [statusesIn(value)] };
    case 'from':
      return { sql: 'created_at >= ?::timestamptz', values: [momentIn(name, value)] };
    case 'to':
      return { sql: 'created_at <= ?::timestamptz', values: [momentIn(name, value)] };
    case 'created_date':
      return { sql: 'created_at >= ?::timestamptz and created_at < ?::timestamptz', values: dayIn(value) };
    case 'min_retries':
      return { sql: 'retry_count >= ?::int', values: [wholeNumber(name, value, 0, MOST_RETRIES)] };
    case 'max_retries':
      return { sql: 'retry_count <= ?::int', values: [wholeNumber(name, value, 0, MOST_RETRIES)] };
    default:
      return jsonCondition(name, value);
  }
}

function jsonCondition(name: string, value: string): { sql: string; values: unknown[] } {
  const [, column, key] = /^(metadata|payload)\.(.+)$/.exec(name) ?? [];
  if (column === undefined || key === undefined) throw parameter(name.slice(0, 100), 'is no filter of this list');
  if (key.length > LONGEST_KEY || !JSON_KEY.test(key))
    throw parameter(name.slice(0, 100), 'must be letters, digits, _ and dots');
  if (value.length > LONGEST_VALUE) throw parameter(name, `must have at most ${LONGEST_VALUE} characters`);
  // What says nothing of its priority has the usual one.
  const found =
    name === 'metadata.priority' ? `coalesce(${column} #>> ?::text[], 'medium')` : `${column} #>> ?::text[]`;
  return { sql: `${found} = ?`, values: [key.split('.'), value] };
}

function statusesIn(value: string): string[] {
  const statuses = value.split(',').map((status) => status.trim());
  const known: readonly string[] = STATUSES;
  if (statuses.length > STATUSES.length || !statuses.every((status) => known.includes(status)))
    throw parameter('status', `must be some of ${STATUSES.join(', ')}, with commas between them`);
  return statuses;
}

function momentIn(name: string, value: string): string {
  if (!isMoment(value)) throw parameter(name, 'must be like 2026-03-01 or 2026-03-01T12:00:00Z');
  return new Date(value).toISOString();
}

function dayIn(value: string): [string, string] {
  if (!/^\d{4}-\d\d-\d\d$/.test(value) || !isMoment(value)) throw parameter('created_date', 'must be like 2026-03-01');
  const start = Date.parse(value);
  return [new Date(start).toISOString(), new Date(start + DAY_MS).toISOString()];
}

function wholeNumber(name: string, value: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most)) throw parameter(name, `must be a whole number from ${least} to ${most}`);
  return number;
}
