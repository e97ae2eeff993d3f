/** What the rows of a query are: a match, unless they are those that were there before (R002-30). Pure. */
import { createHash } from 'node:crypto';
import type { Json } from '../../engine/core/driver.js';
import { canonicalText } from '../../engine/core/json.js';
import type { Found } from './matches.js';

/** Rows that a match has. */
export const MOST_MATCHED_ROWS = 100;
/** Columns by which rows are known again; all of them when there is none of these. */
const KEY_COLUMNS = ['dedupeKey', 'dedupekey', 'dedupe_key'];

/** The match; undefined without rows. In whatever order the same rows come, they are the same. */
export function foundRows(rows: readonly { [column: string]: Json }[]): Found | undefined {
  if (rows.length === 0) return undefined;
  const column = KEY_COLUMNS.find((name) => rows.every((row) => Object.hasOwn(row, name)));
  const texts = rows.map((row) => canonicalText(column === undefined ? row : row[column]));
  const key = createHash('sha256')
    .update(JSON.stringify([...new Set(texts)].sort()))
    .digest('hex');
  return {
    key: `rows:${key}`,
    events: [],
    rows,
    detail: { rows: rows.length },
    input: { patternResults: [...rows] },
  };
}
