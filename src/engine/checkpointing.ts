import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';
import * as checkpoints from './store/checkpoints.js';
import type { Checkpoint } from './store/checkpoints.js';

/** Longer than any transaction lives, so that no row can still appear below a checkpoint. */
const LAG_MS = 90_000;
const PAGE = 500;

/**
 * Rolls the heads of all histories into one hash per tenant and minute. Whoever keeps these hashes elsewhere can show later that
 * no history was changed, cut or taken away as a whole: every chain's head is in a root, and every root in the next.
 */
@Injectable()
export class Checkpointing {
  constructor(private readonly database: Database) {}

  /** Takes the checkpoints that are due. Answers how many. @param lagMs how old a row has to be to be covered */
  take(lagMs = LAG_MS): Promise<number> {
    return this.database.system(async (tx) => {
      if (!(await checkpoints.claim(tx))) return 0;
      const due = await checkpoints.due(tx, lagMs);
      for (const { tenant, number, since, until, root } of due) {
        const heads = await checkpoints.heads(tx, tenant, since, until);
        await checkpoints.add(tx, tenant, {
          number: number + 1,
          until,
          instances: heads.length,
          root: rootOf(root, heads),
        });
      }
      return due.length;
    });
  }

  /** Oldest first, behind `after`. */
  list(tenant: string, after: number, limit: number): Promise<Checkpoint[]> {
    return this.database.transaction(tenant, (tx) => checkpoints.list(tx, tenant, after, limit));
  }

  /** Computes every root again from the histories; names the first that does not come out. */
  verify(tenant: string): Promise<{ ok: boolean; checkpoints: number; badNumber?: number; reason?: string }> {
    return this.database.transaction(tenant, async (tx) => {
      let before = { number: 0, until: Number.NEGATIVE_INFINITY as number | Date, root: '' };
      for (;;) {
        const page = await checkpoints.list(tx, tenant, before.number, PAGE);
        for (const checkpoint of page) {
          const bad = (reason: string) => ({
            ok: false,
            checkpoints: before.number,
            badNumber: before.number + 1,
            reason,
          });
          if (checkpoint.number !== before.number + 1) return bad(`checkpoint ${before.number + 1} is missing`);
          const heads = await checkpoints.heads(tx, tenant, before.until, checkpoint.until);
          if (rootOf(before.root, heads) !== checkpoint.root)
            return bad(`histories up to ${checkpoint.until.toISOString()} are not what they were`);
          before = checkpoint;
        }
        if (page.length < PAGE) return { ok: true, checkpoints: before.number };
      }
    });
  }
}

const rootOf = (before: string, heads: readonly { instance_id: string; seq: number; hash: string }[]): string => {
  const hash = createHash('sha256').update(before);
  for (const { instance_id, seq, hash: head } of heads) hash.update(`\n${instance_id}:${seq}:${head}`);
  return hash.digest('hex');
};
