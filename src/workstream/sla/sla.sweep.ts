import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ChunkDone } from '../../../machines/bulk.js';
import { ITEM_TYPES, type ItemType } from '../../../machines/sla.js';
import { Database, type Tx } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { Jobs } from '../jobs/jobs.js';
import { SlaCalendar } from './sla.calendar.js';
import { SlaClocks } from './sla.clocks.js';
import { plan } from './sla.plan.js';
import { endOfChunk, inRange } from './sla.waiting.js';

/** Items looked at in one go; those that are as they should be cost one row of one query. */
const CHUNK = 1_000;
const SWEEP = { actor: 'system:sla', correlationId: 'sla.sweep', why: 'sweep' };

/**
 * Looks every item over and brings its clocks to what they should be (R001-58): rules that came, changed or ended, changes of the
 * calendar, rows written past the service. Deadlines need no look, they are timers. Runs twice without harm, and beside everything else.
 */
@Injectable()
export class SlaSweep implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly clocks: SlaClocks,
    private readonly calendar: SlaCalendar,
    private readonly jobs: Jobs,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.jobs.entrust('sla.reconcile', (tenant, { after }) => this.chunk(tenant, after));
  }

  /** Looks over one tenant that nobody has looked over for an hour. Answers false when there is none. */
  async turn(): Promise<boolean> {
    const tenant = await this.database.system(takeTenant);
    if (tenant === undefined) return false;
    for (let after: string | null = null, more = true; more; more = after !== null) {
      const done: ChunkDone = await this.chunk(tenant, after);
      after = done.after;
    }
    return true;
  }

  /** Looks over the next items behind `after` (`signal:417`). */
  async chunk(tenant: string, after: string | null): Promise<ChunkDone> {
    const at = positionOf(after);
    const look = await this.database.transaction(tenant, async (tx) => {
      const last = await endOfChunk(tx, at.itemType, at.id, CHUNK);
      if (last === undefined) return undefined;
      const { hash } = await this.calendar.known(tx);
      const items = await inRange(tx, at.itemType, at.id + 1, last);
      const wrong = items.filter(({ waiting, running }) => plan(waiting, running, hash, SWEEP.why).length > 0);
      return { last, ids: wrong.map(({ item_id }) => item_id), processed: items.length };
    });
    if (look === undefined) {
      const next = ITEM_TYPES[ITEM_TYPES.indexOf(at.itemType) + 1];
      return { after: next === undefined ? null : `${next}:0`, processed: 0, failed: 0 };
    }
    const failed = await this.mend(tenant, at.itemType, look.ids);
    return { after: `${at.itemType}:${look.last}`, processed: look.processed, failed };
  }

  /** Each item in a transaction of its own: one that cannot be mended holds up no other. Answers how many those are. */
  private async mend(tenant: string, itemType: ItemType, ids: readonly number[]): Promise<number> {
    let failed = 0;
    for (const id of ids) {
      try {
        await this.database.transaction(tenant, (tx) => this.clocks.follow(tx, itemType, id, SWEEP));
      } catch (error) {
        failed += 1;
        this.log.error('sla_sweep_failed', error, { tenant, itemType, itemId: id });
      }
    }
    return failed;
  }
}

function positionOf(after: string | null): { itemType: ItemType; id: number } {
  const [type, id] = (after ?? 'signal:0').split(':');
  const itemType = ITEM_TYPES.find((name) => name === type);
  if (itemType === undefined) throw new Error(`${after} is no position`);
  return { itemType, id: Number(id) };
}

/** Of several workers that ask at once, one gets the tenant. */
async function takeTenant(tx: Tx): Promise<string | undefined> {
  const taken = await tx.one<{ tenant: string }>(
    `with due as (
       select o.tenant from workstream.orgs o left join workstream.sla_sweeps s on s.tenant = o.tenant
        where s.swept_at is null or s.swept_at <= engine.now() - interval '1 hour'
        order by s.swept_at nulls first limit 1)
     insert into workstream.sla_sweeps as s (tenant, swept_at) select tenant, engine.now() from due
     on conflict (tenant) do update set swept_at = excluded.swept_at where s.swept_at <= excluded.swept_at - interval '1 hour'
     returning tenant`,
  );
  return taken?.tenant;
}
