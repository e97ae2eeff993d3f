import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { Config } from '../../platform/config.js';
import { Database, type Tx } from '../../platform/database.js';

const LOOK_MS = 3_600_000;
/** Rows of one table taken away in one transaction. */
const CHUNK = 500;

/** What goes when it is old: its key besides the tenant, and how old it is. */
const TABLES = [
  { table: 'automation.pattern_events', key: 'event_id', age: 'happened_at' },
  { table: 'automation.pattern_matches', key: 'match_id', age: 'matched_at' },
  { table: 'automation.pattern_states', key: 'pattern_id, version, key', age: 'updated_at' },
] as const;

/** Takes away what patterns have seen, found and remembered longer than `EVENT_RETENTION_DAYS` ago (R002-22). */
@Injectable()
export class PatternsRetention implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly sweeps: Sweeps,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('patterns-retention', LOOK_MS, () => this.turn());
  }

  /** Takes a chunk of each away. Answers true when there may be more. */
  turn(): Promise<boolean> {
    return this.database.system(async (tx) => {
      let isMore = false;
      for (const table of TABLES) isMore = (await this.clear(tx, table)) === CHUNK || isMore;
      return isMore;
    });
  }

  private clear(tx: Tx, { table, key, age }: (typeof TABLES)[number]): Promise<number> {
    return tx.run(
      `delete from ${table} where (tenant, ${key}) in (
         select tenant, ${key} from ${table} where ${age} < engine.now() - $1 * interval '1 day' order by ${age} limit $2 for update skip locked)`,
      [this.config.eventRetentionDays, CHUNK],
    );
  }
}
