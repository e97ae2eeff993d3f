import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CannotStart } from '../cannot.start.js';

/** How long a server may take to finish before it is told to drop everything. */
const PATIENCE_MS = 10_000;
const POLL_MS = 20;

/**
 * Stops a server that a killed process has left running on the folder, so that a new one can start.
 * The caller holds the folder's claim, so whatever runs there belongs to nobody.
 */
export async function stopOrphan(folder: string): Promise<'none' | 'stopped'> {
  const pid = Number(noted(folder)[0]);
  if (!(pid > 0) || !isRunning(pid)) return 'none';
  if (!isServerOf(pid, folder)) {
    // The number has gone to somebody else since; Postgres would take that one for itself and refuse to start.
    rmSync(join(folder, 'postmaster.pid'), { force: true });
    return 'none';
  }
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal);
    for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
      if (!isRunning(pid)) return 'stopped';
      await pause(POLL_MS);
    }
  }
  throw new CannotStart(
    `A Postgres that was left behind (process ${pid}) still runs on ${folder} and does not stop. Stop it and start again.`,
  );
}

/** The port of the server that runs on the folder, or undefined. */
export function runningPort(folder: string): number | undefined {
  const [pid, , , port] = noted(folder);
  return pid !== undefined && isRunning(Number(pid)) && isServerOf(Number(pid), folder) ? Number(port) : undefined;
}

/** What Postgres notes while it runs: process id, folder, start time, port, … */
function noted(folder: string): string[] {
  const file = join(folder, 'postmaster.pid');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A dead process that its parent has not collected yet; in containers nobody may ever do. */
function isZombie(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && /\) Z /.test(readFileSync(file, 'utf8'));
}

function isServerOf(pid: number, folder: string): boolean {
  try {
    const command = existsSync('/proc/self')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return command.includes('postgres') && command.includes(folder);
  } catch {
    return false;
  }
}
