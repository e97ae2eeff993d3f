import { Injectable } from '@nestjs/common';
import type { Json } from '../../engine/core/driver.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Turnstile } from '../../platform/turnstile.js';
import { objectionToQuery } from './query.check.js';

/** Rows of one answer. */
export const MOST_ROWS = 1_000;
const MOST_BYTES = 1_048_576;
const LIMIT_MS = 5_000;
/** Queries of users that one process has run at once: they may take long, and connections are few. */
const AT_ONCE = 2;
const MOST_WAITING = 16;

/** A row of an answer. */
export type QueryRow = { [column: string]: Json };

/** Asks queries of users about the events of their tenant, and nothing else (R002-19). */
@Injectable()
export class Sandbox {
  private readonly turnstile = new Turnstile(AT_ONCE);
  private waiting = 0;

  constructor(private readonly database: Database) {}

  /** The rows, the first 1,000. @throws QUERY_ERROR; OVERLOADED when too many are waiting */
  async ask(tenant: string, query: string, most = MOST_ROWS): Promise<QueryRow[]> {
    const objection = objectionToQuery(query);
    if (objection !== undefined) throw wrong(`The query ${objection}.`);
    if (this.waiting >= MOST_WAITING) throw refuse('OVERLOADED', { retryAfter: LIMIT_MS / 1_000 });
    this.waiting += 1;
    try {
      return await this.turnstile.pass(() => this.run(tenant, query, most));
    } finally {
      this.waiting -= 1;
    }
  }

  /** The transaction is always rolled back: whatever a query has done to its session is undone. */
  private async run(tenant: string, query: string, most: number): Promise<QueryRow[]> {
    try {
      await this.database.transaction(tenant, async (tx) => {
        throw new Over(await rowsOf(tx, query, most));
      });
    } catch (error) {
      if (error instanceof Over) return error.rows;
      throw refusalOf(error);
    }
    return [];
  }
}

/** Ends a transaction with its rows. */
class Over extends Error {
  constructor(readonly rows: QueryRow[]) {
    super('over');
  }
}

async function rowsOf(tx: Tx, query: string, most: number): Promise<QueryRow[]> {
  await tx.run('insert into sandbox.running (tenant, xid) values (engine.tenant(), pg_current_xact_id())');
  await tx.run('set transaction read only');
  await tx.run(`set local statement_timeout = ${LIMIT_MS}`);
  const rows = await tx.query<{ row: QueryRow }>('select row from sandbox.run($1, $2, $3) as row', [
    query,
    most,
    MOST_BYTES,
  ]);
  return rows.map(({ row }) => row);
}

const wrong = (detail: string) => refuse('QUERY_ERROR', { detail, errors: [{ field: 'query', message: detail }] });

/** What Postgres says of a query by code: its own words may tell of more than the query. */
const REASONS: readonly [RegExp, string][] = [
  [/^57014$/, `The query took longer than ${LIMIT_MS / 1_000} s.`],
  [/^54000$/, `The rows have more than ${MOST_BYTES / 1_048_576} MB.`],
  [/^(42501|25006|0A000)$/, 'The query asks for what it may not.'],
  [/^42P01$/, 'The query reads something else than events.'],
  [
    /^42703$/,
    'The query names a column that there is not: id, type, source, user_id, session_id, timestamp, data, metadata.',
  ],
  [/^42883$/, 'The query calls a function or an operator that there is not for these types.'],
  [/^42/, 'The query is not well-formed.'],
  [/^22/, 'The query meets a value that it cannot reckon with.'],
  [/^(53|54|XX)/, 'The query needs more than it may have.'],
  [/^21/, 'A subquery has more than one row.'],
];

/** The fault of a query is the asker's; everything else is ours. */
function refusalOf(error: unknown): unknown {
  const code = (error as { code?: string } | null)?.code ?? '';
  const reason = REASONS.find(([codes]) => codes.test(code))?.[1];
  return reason === undefined ? error : wrong(reason);
}
