import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import type { Json } from './core/driver.js';
import { verifyChain } from './core/hash.js';
import { replay } from './core/replay.js';
import { Registry } from './registry.js';
import * as history from './store/history.js';
import * as instances from './store/instances.js';

export interface Proof {
  instanceId: string;
  ok: boolean;
  rows: number;
  /** The first row that is not what it was. */
  badSeq?: number;
  reason?: string;
}

/** Shows that the history is untampered, and that it leads to the stored snapshot. */
@Injectable()
export class Proving {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
  ) {}

  /** Checks the hash chain of one instance against the head kept with it. @throws WF001 */
  chain(tenant: string, instanceId: string): Promise<Proof> {
    return this.database.transaction(tenant, async (tx) => {
      const instance = await instances.find(tx, instanceId);
      const rows = await history.readStored(tx, instanceId);
      // Rows without their instance are no stranger's: somebody took it away.
      if (!instance && rows.length === 0) throw refuse('WF001');
      const base = { instanceId, rows: rows.length };
      const verdict = verifyChain(
        rows.map((row) => ({
          seq: row.seq,
          prevHash: row.prev_hash,
          hash: row.hash,
          fields: history.chained(tenant, row),
        })),
      );
      if (!verdict.ok) return { ...base, ok: false, badSeq: verdict.seq, reason: verdict.reason };
      if (instance?.head_hash !== verdict.head) {
        return {
          ...base,
          ok: false,
          badSeq: rows.length + 1,
          reason: 'the history does not end where the instance says it does',
        };
      }
      return { ...base, ok: true };
    });
  }

  /** Folds the history through the pinned definition and compares the result with the stored snapshot. @throws WF001 */
  replay(tenant: string, instanceId: string): Promise<Proof> {
    return this.database.transaction(tenant, async (tx) => {
      const instance = await instances.find(tx, instanceId);
      if (!instance) throw refuse('WF001');
      const rows = await history.readStored(tx, instanceId);
      const { driver } = this.registry.get(instance.lifecycle, instance.version);
      const entries = rows.map((row) => ({
        ...row,
        payload: JSON.parse(row.payload) as Json,
        facts: JSON.parse(row.facts) as Json,
      }));
      const outcome = await replay(driver, entries, instance.snapshot);
      return { instanceId, rows: rows.length, ok: outcome.ok, ...(outcome.ok ? {} : { reason: outcome.reason }) };
    });
  }

  /** Every instance there is, tenant by tenant, in batches behind `after`. */
  everything(after: { tenant: string; id: string } | null, limit: number): Promise<{ tenant: string; id: string }[]> {
    return this.database.system((tx) =>
      tx.query(
        `select tenant, id from engine.instances where ($1::text is null or (tenant, id) > ($1, $2)) order by tenant, id limit $3`,
        [after?.tenant ?? null, after?.id ?? null, limit],
      ),
    );
  }

  count(): Promise<number> {
    return this.database.system(
      async (tx) => (await tx.one<{ n: number }>('select count(*) as n from engine.instances'))?.n ?? 0,
    );
  }
}
