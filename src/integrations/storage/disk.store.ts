import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DocumentStore, placeOf } from './document.store.js';

/** Documents as files below a folder. Processes that share the documents have to share the folder. */
export class DiskStore extends DocumentStore {
  constructor(private readonly folder: string) {
    super();
  }

  async put(tenant: string, key: string, bytes: Buffer): Promise<void> {
    const file = join(this.folder, placeOf(tenant, key));
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // A reader sees the old file or the new one, never half of one, whenever the process dies.
    const draft = `${file}.${randomUUID()}`;
    try {
      const handle = await open(draft, 'wx', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, file);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async get(tenant: string, key: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.folder, placeOf(tenant, key)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
