import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CannotStart } from '../cannot.start.js';
import { canReach, type ServerUser } from './user.js';

/** Where root keeps what the server's user cannot reach elsewhere. */
const SHARED_PLACES = ['/var/lib/statewright', '/var/tmp/statewright'];

/** A folder for `wanted` that the server's user can reach: `wanted` itself where possible. */
export function reachablePlace(user: ServerUser, wanted: string): string {
  const path = resolve(wanted);
  mkdirSync(dirname(path), { recursive: true });
  if (canReach(user, dirname(path))) return path;
  const name = `${basename(dirname(dirname(path)))}-${createHash('sha256').update(path).digest('hex').slice(0, 8)}`;
  const place = join(sharedPlace(), name);
  mkdirSync(place, { recursive: true, mode: 0o755 });
  return join(place, basename(path));
}

/** A folder that everybody can search and only we can write to. @throws CannotStart when there is none. */
export function sharedPlace(): string {
  for (const place of SHARED_PLACES) {
    try {
      mkdirSync(place, { recursive: true, mode: 0o755 });
    } catch {
      continue;
    }
    const { uid, mode } = statSync(place);
    // In /var/tmp somebody else could have been there first, with programs of their own.
    if (uid === process.getuid?.() && (mode & 0o022) === 0) return place;
  }
  throw new CannotStart(
    `Postgres runs as an unprivileged user who can reach neither this project nor ${SHARED_PLACES.join(' nor ')}. Start as another user or set DATABASE_URL.`,
  );
}
