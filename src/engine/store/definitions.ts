/** Published definitions: what each version of a lifecycle looked like when its instances started. */
import type { Tx } from '../../platform/database.js';
import type { Description } from '../core/driver.js';

export const published = (tx: Tx, lifecycle: string, version: number): Promise<{ fingerprint: string } | undefined> =>
  tx.one(`select fingerprint from engine.definitions where lifecycle = $1 and version = $2 for update`, [
    lifecycle,
    version,
  ]);

export const liveInstances = async (tx: Tx, lifecycle: string, version: number): Promise<number> =>
  (
    await tx.one<{ count: number }>(
      `select count(*) as count from engine.instances where lifecycle = $1 and version = $2 and status in ('active', 'paused')`,
      [lifecycle, version],
    )
  )?.count ?? 0;

export const publish = (tx: Tx, description: Description): Promise<number> =>
  tx.run(
    `insert into engine.definitions (lifecycle, version, fingerprint, description) values ($1, $2, $3, $4)
     on conflict (lifecycle, version) do update set fingerprint = excluded.fingerprint, description = excluded.description, published_at = clock_timestamp()`,
    [description.name, description.version, description.fingerprint, JSON.stringify(description)],
  );
