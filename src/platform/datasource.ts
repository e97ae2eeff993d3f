import { types } from 'node:util';
import pg from 'pg';
import { DataSource, QueryFailedError } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { migrations } from '../../migrations/index.js';
import { CannotStart } from './cannot.start.js';
import { heard } from './heard.connection.js';

/** The oldest Postgres that has everything the migrations use. */
const OLDEST_SERVER = 14;
/** A statement of a request that takes longer is stuck. */
const STATEMENT_LIMIT_MS = 30_000;
/** A transaction that nobody goes on with holds locks that others wait for. */
const IDLE_LIMIT_MS = 60_000;
const CONNECT_LIMIT_MS = 10_000;
/** PgBouncer knows no settings of a session. */
const REFUSED_BY_POOLER = /unsupported startup parameter/i;
/** A user named like one of our schemas would otherwise find a table of that name first, and the migrations' own table is unqualified. */
const SESSION = { options: '-c search_path=public' };
/** Postgres's code for what a role may not do. */
const INSUFFICIENT_PRIVILEGE = '42501';
/** Any number that nobody else locks in this database: processes that start together migrate one after the other. */
const MIGRATION_LOCK = 7_281_946_310;

/**
 * How the service connects. @param onPoolError told of connections that broke while nobody used them; the pool replaces them
 * @param pooled the address leads to a pooler in transaction mode. It refuses settings of a session; its own limits stand in for them.
 */
export const dataSourceOptions = (
  url: string,
  poolSize: number,
  onPoolError: (error: unknown) => void,
  pooled = false,
): PostgresDataSourceOptions => ({
  ...common(url),
  poolSize,
  applicationName: 'statewright',
  poolErrorHandler: onPoolError,
  extra: {
    keepAlive: true,
    ...heard,
    ...(pooled
      ? {}
      : {
          ...SESSION,
          statement_timeout: STATEMENT_LIMIT_MS,
          idle_in_transaction_session_timeout: IDLE_LIMIT_MS,
        }),
  },
});

/**
 * Brings the database to the newest schema, one process at a time; answers the names of the migrations it ran.
 * @param url not of a pooler: the lock belongs to the session @param variable where the operator has written it
 * @throws CannotStart when the server cannot be reached or is too old.
 */
export async function migrate(url: string, variable = 'DATABASE_URL'): Promise<string[]> {
  const guard = await connect(url, variable);
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    // No statement limit here: building an index may take as long as it takes.
    const source = new DataSource({
      ...common(url),
      poolSize: 1,
      applicationName: 'statewright migrate',
      extra: { ...SESSION, ...heard },
      migrations,
    });
    await source.initialize();
    try {
      const ran = await source.runMigrations({ transaction: 'each' });
      return ran.map(({ name }) => name);
    } catch (error) {
      throw forbidden(error)
        ? new CannotStart(`The user in ${variable} may not prepare the database: ${error.message}.`)
        : error;
    } finally {
      await source.destroy();
    }
  } finally {
    await guard.end();
  }
}

const common = (url: string) =>
  ({
    type: 'postgres',
    driver: pg,
    url,
    connectTimeoutMS: CONNECT_LIMIT_MS,
    installExtensions: false,
    logger: 'debug',
  }) as const;

async function connect(url: string, variable: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    application_name: 'statewright migrate',
    // Also for its refusal: a pooler that does not know it must not be given a lock that it would keep.
    ...SESSION,
  });
  // A connection that breaks shows in the query that needs it.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    if (REFUSED_BY_POOLER.test(reason(error))) {
      throw new CannotStart(
        `${variable} leads to a pooler at ${client.host}:${client.port}, which cannot migrate. Set DATABASE_DIRECT_URL to the address of the database itself.`,
      );
    }
    throw new CannotStart(
      `The database at ${client.host}:${client.port} cannot be used: ${reason(error)}. Start it, or correct ${variable}.`,
    );
  }
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  const version = rows[0]?.server_version ?? '';
  if (Number.parseInt(version) >= OLDEST_SERVER) return client;
  await client.end();
  throw new CannotStart(`The database is Postgres ${version}; at least ${OLDEST_SERVER} is needed.`);
}

const forbidden = (error: unknown): error is QueryFailedError<Error & { code?: string }> =>
  error instanceof QueryFailedError && (error.driverError as { code?: string }).code === INSUFFICIENT_PRIVILEGE;

/** What went wrong, without the address's password. An unreachable host with several addresses has one error for each. */
function reason(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return types.isNativeError(first) ? first.message : String(first);
}
