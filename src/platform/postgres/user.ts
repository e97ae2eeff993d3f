import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CannotStart } from '../cannot.start.js';

/** Whom the server runs as. Without uid it runs as whoever runs this process. */
export interface ServerUser {
  name: string;
  uid?: number;
  gid?: number;
}

/** Postgres refuses to run as root, so root hands it to the first of these that exists. */
const UNPRIVILEGED = ['postgres', 'nobody'];

/** The user the server has to run as. @throws CannotStart when root finds nobody to hand it to. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return { name: 'the current user' };
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n').map(parseAccount);
  for (const name of UNPRIVILEGED) {
    const account = accounts.find((candidate) => candidate.name === name);
    if (account) return account;
  }
  throw new CannotStart(
    'Postgres does not run as root, and there is neither a user "postgres" nor "nobody" to run it as. Start as another user or set DATABASE_URL.',
  );
}

/** Whether the user can walk down to `path`. The path must exist. */
export function canReach(user: ServerUser, path: string): boolean {
  if (user.uid === undefined) return true;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const searchable = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (!searchable) return false;
    if (folder === dirname(folder)) return true;
  }
}

function parseAccount(line: string): Required<ServerUser> {
  const [name = '', , uid, gid] = line.split(':');
  return { name, uid: Number(uid), gid: Number(gid) };
}
