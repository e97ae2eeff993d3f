import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { CannotStart } from '../cannot.start.js';
import type { Binaries } from './binaries.js';
import type { ServerUser } from './user.js';

/** The database role that owns everything in the embedded database. */
const OWNER = 'statewright';

const run = promisify(execFile);

/** Makes the folder into a database cluster unless it is one; answers the password of its owner. */
export async function ensureCluster(
  folder: string,
  user: ServerUser,
  binaries: Binaries,
  durable: boolean,
): Promise<string> {
  if (existsSync(folder)) return passwordOf(folder);
  const secret = `${folder}.password`;
  const password = randomBytes(24).toString('base64url');
  // A start that is killed half-way leaves a draft and no database, so that the next one begins again.
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(secret, password, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined)
    for (const path of [draft, secret]) chownSync(path, user.uid, user.gid);
  await initialise(binaries.initdb, draft, secret, user, durable);
  renameSync(draft, folder);
  return password;
}

/** The address of the database; for connections from this machine only. */
export const databaseAddress = (password: string, port: number): string =>
  `postgres://${OWNER}:${password}@127.0.0.1:${port}/postgres`;

/** The password of the cluster's owner. @throws CannotStart when it was lost */
export function passwordOf(folder: string): string {
  const secret = `${folder}.password`;
  if (existsSync(secret)) return readFileSync(secret, 'utf8');
  throw new CannotStart(
    `${secret} is missing, without which the database in ${folder} cannot be opened. Put it back, or remove ${folder} to start afresh.`,
  );
}

/** What the server's programs need of the environment: the same language and time zone on every machine. */
export const serverProcess = ({ uid, gid }: ServerUser) => ({
  ...(uid === undefined ? {} : { uid }),
  ...(gid === undefined ? {} : { gid }),
  cwd: '/',
  env: { PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], LC_ALL: 'C', TZ: 'UTC' },
});

async function initialise(
  initdb: string,
  folder: string,
  secret: string,
  user: ServerUser,
  durable: boolean,
): Promise<void> {
  const options = [
    ...['-D', folder, '-U', OWNER, '--pwfile', secret, '--auth', 'scram-sha-256', '--encoding', 'UTF8'],
    // Sorts the same on every machine, whatever languages it has.
    ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ...(durable ? [] : ['--no-sync']),
  ];
  try {
    await run(initdb, options, serverProcess(user));
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    throw new CannotStart(`The embedded database could not be created in ${folder}: ${said ?? String(error)}`);
  }
}
