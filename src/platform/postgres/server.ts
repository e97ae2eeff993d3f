import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { CannotStart } from '../cannot.start.js';
import { freePort } from '../free.port.js';
import type { Binaries } from './binaries.js';
import { serverProcess } from './cluster.js';
import type { ServerUser } from './user.js';

/** Recovery after a crash can take a while; longer than this and something is wrong. */
const START_LIMIT_MS = 60_000;
const POLL_MS = 20;
/** How long a fast shutdown may take before the server is told to drop everything. */
const STOP_LIMIT_MS = 10_000;
/** How much of what the server says is kept, to say why it did not start. */
const LOG_TAIL = 4_000;
/** 103 bytes on the strictest system, less the name of the socket. */
const LONGEST_SOCKET_FOLDER = 80;

/** One run of the Postgres server. */
export interface Server {
  port: number;
  process: ChildProcess;
}

/** How a server is to be run. */
export interface ServerSettings {
  folder: string;
  user: ServerUser;
  binaries: Binaries;
  /** False trades safety for speed: a crash may lose everything. */
  durable: boolean;
  /** The address of a database in it. */
  url(port: number): string;
}

/** Starts the server and waits until it answers. @param port the port it had before, or a free one. @throws CannotStart */
export async function startServer(settings: ServerSettings, port?: number): Promise<Server> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const server = launch(settings, port ?? (await freePort()));
    const said = await answers(server, settings.url(server.port), deadline);
    if (said === undefined) return server;
    // Children of a server that was killed hold its memory a moment longer; a port may be taken between choosing and using it.
    if (!/shared memory|could not create any TCP|Address already in use/i.test(said) || performance.now() > deadline) {
      throw new CannotStart(`The embedded database in ${settings.folder} did not start: ${lastWords(said)}`);
    }
    await pause(10 * POLL_MS);
  }
}

/** Ends the server: open transactions are rolled back, everything committed is written. */
export async function stopServer({ process: child }: Server): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const impatience = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(impatience);
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

function launch({ folder, user, binaries, durable }: ServerSettings, port: number): Server {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: durable ? '' : socketsIn(folder),
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', folder, '-p', String(port), ...options], {
    ...serverProcess(user),
    stdio: ['ignore', 'ignore', 'pipe'],
    // Out of the terminal's process group: Ctrl-C reaches this process only, which stops the server when its own work is done.
    detached: true,
  });
  // The last chance to take the server along when this process ends without having stopped it.
  const stopAtExit = () => void child.kill('SIGINT');
  process.once('exit', stopAtExit);
  child.once('exit', () => process.removeListener('exit', stopAtExit));
  return { port, process: child };
}

/** A throw-away server is asked much by one machine, and a socket takes half the time that TCP does. Its name may not be long. */
const socketsIn = (folder: string): string =>
  process.platform !== 'win32' && Buffer.byteLength(folder) <= LONGEST_SOCKET_FOLDER ? folder : '';

/** Waits until the server takes connections; answers what it said when it ended instead. */
async function answers({ process: child }: Server, url: string, deadline: number): Promise<string | undefined> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-LOG_TAIL)));
  child.on('error', (error) => (said += error.message));
  const closed = new Promise((resolve) => child.once('close', resolve));
  for (;;) {
    if (child.pid === undefined || hasEnded(child)) {
      await closed;
      return said || 'it said nothing';
    }
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return undefined;
    } catch (error) {
      if (performance.now() < deadline) await pause(POLL_MS);
      else {
        child.kill('SIGQUIT');
        await closed;
        return `${String(error)}\n${said}`;
      }
    }
  }
}

const lastWords = (said: string): string =>
  said
    .trim()
    .split('\n')
    .findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? said.trim();
