import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findBinaries } from './binaries.js';
import { databaseAddress, ensureCluster, passwordOf } from './cluster.js';
import { claimFolder } from './lock.js';
import { runningPort, stopOrphan } from './orphan.js';
import { reachablePlace } from './places.js';
import { startServer, stopServer, type Server, type ServerSettings } from './server.js';
import { serverUser } from './user.js';

/** The embedded Postgres while it runs. */
export interface EmbeddedPostgres {
  /** Address of its database, password included; for connections from this machine only. */
  url: string;
  /** Where it keeps its files: the folder asked for, or one that the server's user can reach. */
  folder: string;
  /** Process id of the server. */
  pid(): number | undefined;
  /** Stops it and gives the folder free. May be called again. */
  stop(): Promise<void>;
}

/** What can be chosen about the embedded Postgres. */
export interface EmbeddedOptions {
  folder: string;
  /** False only for throw-away databases: a crash may lose everything. */
  durable: boolean;
  /** Told in one sentence what is worth knowing. */
  log: (sentence: string) => void;
  /** Told when the server died and could not be started again. */
  onLost: (error: unknown) => void;
}

/** Pause before a server that died is started again. */
const RESTART_PAUSE_MS = 100;

/**
 * Runs Postgres 18 from its npm package on a free port of this machine, as an unprivileged user, and keeps it running until `stop`.
 * @throws CannotStart with the reason.
 */
export async function startPostgres({
  folder: wanted,
  durable,
  log,
  onLost,
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const user = serverUser();
  const folder = reachablePlace(user, wanted);
  if (folder !== resolve(wanted))
    log(`The database's user ${user.name} cannot reach ${wanted}; the database is in ${folder}.`);
  const claim = await claimFolder(folder);
  try {
    const binaries = await findBinaries(user);
    if ((await stopOrphan(folder)) === 'stopped') log('Stopped a database that an earlier process had left running.');
    const password = await ensureCluster(folder, user, binaries, durable);
    const settings: ServerSettings = {
      folder,
      user,
      binaries,
      durable,
      url: (port) => databaseAddress(password, port),
    };
    return keepRunning(settings, await startServer(settings), () => claim.release(), { log, onLost });
  } catch (error) {
    await claim.release();
    throw error;
  }
}

/** The address of the embedded database that another process runs for the folder, or undefined. */
export function runningPostgres(wanted: string): string | undefined {
  const folder = reachablePlace(serverUser(), wanted);
  const port = runningPort(folder);
  return port === undefined ? undefined : databaseAddress(passwordOf(folder), port);
}

function keepRunning(
  settings: ServerSettings,
  first: Server,
  release: () => Promise<void>,
  { log, onLost }: Pick<EmbeddedOptions, 'log' | 'onLost'>,
): EmbeddedPostgres {
  let server = first;
  let restarting = Promise.resolve();
  let stopping: Promise<void> | undefined;

  const restart = async () => {
    log('The database stopped unexpectedly; starting it again.');
    await pause(RESTART_PAUSE_MS);
    server = await startServer(settings, server.port);
    watch();
  };
  const watch = () => {
    server.process.once('exit', () => {
      if (!stopping) restarting = restart().catch(onLost);
    });
  };
  const stop = async () => {
    await restarting;
    await stopServer(server);
    await release();
  };
  watch();
  return {
    url: settings.url(first.port),
    folder: settings.folder,
    pid: () => server.process.pid,
    stop: () => (stopping ??= stop()),
  };
}
