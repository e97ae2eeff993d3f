import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CannotStart } from '../cannot.start.js';

/**
 * Claims a data folder for this process until `release` or death, however sudden: the claim is a listening socket, which the
 * kernel takes back. A file with a process id would outlive a kill -9 and then name a stranger.
 * @throws CannotStart while another process holds it.
 */
export async function claimFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const address = addressOf(folder);
  const server = createServer((socket) => socket.end(String(process.pid)).on('error', () => undefined));
  server.unref();
  for (let attempt = 1; ; attempt++) {
    try {
      server.listen(address);
      await once(server, 'listening');
      break;
    } catch {
      const holder = await holderOf(address);
      if (holder !== undefined || attempt > 1) {
        throw new CannotStart(
          `The data folder ${folder} is in use by process ${holder ?? 'unknown'}. Stop that one first, or set STATEWRIGHT_DATA_DIR to another folder.`,
        );
      }
      // Only a socket that is a file can be left behind.
      rmSync(address, { force: true });
    }
  }
  return { release: async () => void (await new Promise((resolve) => server.close(resolve))) };
}

function addressOf(folder: string): string {
  // The folder itself may be yet to be made.
  const path = join(realpathSync(dirname(folder)), basename(folder));
  const name = `statewright-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`;
  switch (process.platform) {
    case 'linux':
      return `\0${name}`;
    case 'win32':
      return `\\\\.\\pipe\\${name}`;
    default:
      return join(tmpdir(), `${name}.sock`);
  }
}

async function holderOf(address: string): Promise<string | undefined> {
  try {
    return await text(connect(address));
  } catch {
    return undefined;
  }
}
