import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import type { Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { Settings } from '../platform/settings.js';
import { isAgent } from './agents.js';
import { DealSettings } from './deals.settings.dto.js';

const WORDS = { start: 'start', event: 'move' } as const;

/** How fast people go (R000-99): so many deals in any minute, and so many events. What is refused, for whatever reason, does not count. */
@Injectable()
export class Pace {
  constructor(private readonly settings: Settings) {}

  /** Counts what a user does, in its own transaction, so that all processes count together. @throws RATE_LIMITED */
  async keep(tx: Tx, caller: Caller, wanted: 'start' | 'event'): Promise<void> {
    if (isAgent(caller)) return;
    const { creationsPerMinute, transitionsPerMinute } = await this.settings.read(tx, 'deals', DealSettings);
    const most = wanted === 'start' ? creationsPerMinute : transitionsPerMinute;
    if (most === 0 || (await count(tx, caller.userId, wanted, most))) return;
    throw refuse('RATE_LIMITED', {
      detail: `You may ${WORDS[wanted]} deals ${most} times a minute.`,
      retryAfter: await secondsLeft(tx, caller.userId, wanted, most),
    });
  }
}

const LAST_MINUTE = `m > engine.now() - interval '1 minute'`;

/** False when it would be one too many. The row stays locked, so whoever comes at the same time is counted after this one. */
const count = async (tx: Tx, userId: string, wanted: string, most: number): Promise<boolean> =>
  (await tx.run(
    `insert into deals.pace as p (tenant, user_id, wanted, moments) values (engine.tenant(), $1, $2, array[engine.now()])
     on conflict (tenant, user_id, wanted) do update
       set moments = array(select m from unnest(p.moments) m where ${LAST_MINUTE}) || engine.now()
     where (select count(*) from unnest(p.moments) m where ${LAST_MINUTE}) < $3`,
    [userId, wanted, most],
  )) > 0;

/** Until the oldest of the last so many is a minute ago. */
async function secondsLeft(tx: Tx, userId: string, wanted: string, most: number): Promise<number> {
  const row = await tx.one<{ seconds: number }>(
    `select ceil(extract(epoch from m + interval '1 minute' - engine.now()))::int as seconds
       from deals.pace, unnest(moments) m where tenant = engine.tenant() and user_id = $1 and wanted = $2
      order by m desc offset $3 - 1 limit 1`,
    [userId, wanted, most],
  );
  return Math.max(1, row?.seconds ?? 1);
}
