import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config.js';
import type { Seen } from '../store/advance.js';

/** What an instance takes of the heap. Measured with the lifecycles of this service: 2.3 KB where the snapshot is a text of 1,160 characters. */
const BYTES_PER_CHARACTER = 2;
const BYTES_BESIDE_SNAPSHOT = 512;

/**
 * Instances as this process saw them last. Any of them may be out of date: what is decided on one is only written if the row is still the
 * same version. Those not used for longest make room.
 */
@Injectable()
export class KnownInstances {
  private readonly known = new Map<string, { seen: Seen; bytes: number }>();
  private bytes = 0;

  constructor(private readonly config: Config) {}

  /** Takes the instance out as it was seen last, if this tenant saw it. Who takes it may do with it what it wants; it is put back only after a commit. */
  take(tenant: string, id: string): Seen | undefined {
    const found = this.known.get(id);
    // Ids are unique among all tenants, but nothing here relies on it.
    if (found?.seen.tenant !== tenant) return undefined;
    this.forget(id);
    return found.seen;
  }

  /** @param length of the snapshot as text */
  keep(seen: Seen, length: number): void {
    this.forget(seen.id);
    const bytes = length * BYTES_PER_CHARACTER + BYTES_BESIDE_SNAPSHOT;
    this.known.set(seen.id, { seen, bytes });
    this.bytes += bytes;
    for (const id of this.known.keys()) {
      if (this.bytes <= this.config.instanceCacheBytes) break;
      this.forget(id);
    }
  }

  forget(id: string): void {
    const found = this.known.get(id);
    if (!found) return;
    this.known.delete(id);
    this.bytes -= found.bytes;
  }
}
