import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { audit } from '../../engine/store/audit.js';
import { businessTime } from '../../engine/store/instances.js';
import { Database, type Tx } from '../../platform/database.js';
import type { CleanedUp } from './metrics.dto.js';

/** Rows taken away in one transaction. */
const CHUNK = 1_000;
const KEEP_HOURS = 24;

/** Takes away what was processed long ago; it stays counted, and its ids are not taken again. */
@Injectable()
export class Cleaning {
  constructor(private readonly database: Database) {}

  /** Cleans up for one tenant, chunk by chunk. */
  async cleanUp({ tenant, userId: actor }: Caller, reason: string): Promise<CleanedUp> {
    const taken = { delivered: 0, failed: 0 };
    for (let last = CHUNK; last === CHUNK;) {
      const chunk = await this.database.transaction(tenant, takeAway);
      taken.delivered += chunk.delivered;
      taken.failed += chunk.failed;
      last = chunk.delivered + chunk.failed;
    }
    const deleted = taken.delivered + taken.failed;
    return this.database.transaction(tenant, async (tx) => {
      const details = { deleted, ...taken };
      await audit(tx, { actor, action: 'events.cleanup', target: 'events', reason, details });
      return { ...details, timestamp: new Date(await businessTime(tx)).toISOString() };
    });
  }
}

async function takeAway(tx: Tx): Promise<{ delivered: number; failed: number }> {
  const row = await tx.one<{ delivered: number; failed: number }>(
    `with old as (
       select event_id from events.events
        where tenant = engine.tenant() and status in ('delivered', 'failed') and updated_at < (select engine.now()) - $1 * interval '1 hour'
        order by updated_at limit $2 for update skip locked),
     gone as (delete from events.events e using old where e.tenant = engine.tenant() and e.event_id = old.event_id returning e.event_id, e.status),
     added as (select events.add((select array_agg(('removed:' || status, hashtext(event_id) & 15, 1)::events.change) from gone)) as done)
     select (select count(*)::int from gone where status = 'delivered') as delivered, (select count(*)::int from gone where status = 'failed') as failed
       from added`,
    [KEEP_HOURS, CHUNK],
  );
  return row ?? { delivered: 0, failed: 0 };
}
