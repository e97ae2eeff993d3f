import { query } from '../postgres.mjs';

/** From here on it is faster to take indexes away and make them anew. */
const MANY = 50_000;

/**
 * Makes many rows of one that the product has written itself, so that they stay right when its tables change: every column is
 * copied, unless it is said how it differs. Hashes are copied as they are, so the copies prove nothing to an audit.
 * @param {string} url @param {string} table @param {string} which one row, as a condition @param {number} count
 * @param {Record<string, string>} different SQL by column, with `n` from 1 to count
 * @param {string} [from] where the one row is, when it is not in the table itself
 */
export async function copyRows(url, table, which, count, different, from = table) {
  const columns = await query(
    url,
    `select attname as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = '' order by attnum`,
    [table],
  );
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const values = columns.map(({ name }) => different[name] ?? `one."${name}"`).join(', ');
  const indexes = count >= MANY ? await secondary(url, table) : [];
  await query(
    url,
    [
      "set synchronous_commit = off; set maintenance_work_mem = '256MB'",
      ...indexes.map(({ name }) => `drop index ${name}`),
      `insert into ${table} (${names}) select ${values} from ${from} one, generate_series(1, ${count}) n where one.${which}`,
      ...indexes.map(({ definition }) => definition),
    ].join(';\n'),
  );
}

/** Indexes that no rule hangs on. */
const secondary = (url, table) =>
  query(
    url,
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
       from pg_index where indrelid = $1::regclass and not indisunique`,
    [table],
  );
