import { types } from 'node:util';
import pg from 'pg';
import { DataSource, QueryFailedError } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { migrations } from '../../migrations/index.js';
import { CannotStart } from './cannot.start.js';

/** The oldest Postgres that has everything the migrations use. */
const OLDEST_SERVER = 14;
/** A statement of a request that takes longer is stuck. */
const STATEMENT_LIMIT_MS = 30_000;
/** A transaction that nobody goes on with holds locks that others wait for. */
const IDLE_LIMIT_MS = 60_000;
const CONNECT_LIMIT_MS = 10_000;
/** A user named like one of our schemas would otherwise find a table of that name first, and the migrations' own table is unqualified. */
const SESSION = { options: '-c search_path=public' };
/** Postgres's code for what a role may not do. */
const INSUFFICIENT_PRIVILEGE = '42501';
/** Any number that nobody else locks in this database: processes that start together migrate one after the other. */
const MIGRATION_LOCK = 7_281_946_310;

/** How the service connects. @param onPoolError told of connections that broke while nobody used them; the pool replaces them */
export const dataSourceOptions = (
  url: string,
  poolSize: number,
  onPoolError: (error: unknown) => void,
): PostgresDataSourceOptions => ({
  ...common(url),
  poolSize,
  applicationName: 'statewright',
  poolErrorHandler: onPoolError,
  extra: {
    ...SESSION,
    keepAlive: true,
    statement_timeout: STATEMENT_LIMIT_MS,
    idle_in_transaction_session_timeout: IDLE_LIMIT_MS,
  },
});

/**
 * Brings the database to the newest schema, one process at a time; answers the names of the migrations it ran.
 * @throws CannotStart when the server cannot be reached or is too old.
 */
export async function migrate(url: string): Promise<string[]> {
  const guard = await connect(url);
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    // No statement limit here: building an index may take as long as it takes.
    const source = new DataSource({
      ...common(url),
      poolSize: 1,
      applicationName: 'statewright migrate',
      extra: SESSION,
      migrations,
    });
    await source.initialize();
    try {
      const ran = await source.runMigrations({ transaction: 'each' });
      return ran.map(({ name }) => name);
    } catch (error) {
      throw forbidden(error)
        ? new CannotStart(`The user in DATABASE_URL may not prepare the database: ${error.message}.`)
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

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    application_name: 'statewright migrate',
  });
  // A connection that breaks shows in the query that needs it.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new CannotStart(
      `The database at ${client.host}:${client.port} cannot be used: ${reason(error)}. Start it, or correct DATABASE_URL.`,
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
