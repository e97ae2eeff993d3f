import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';

const LOOK_MS = 3_600_000;
/** Rows taken away in one transaction. */
const CHUNK = 1_000;

/** Takes away what is known of deliveries that are older than EVENT_RETENTION_DAYS. */
@Injectable()
export class DeliveriesRetention implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly sweeps: Sweeps,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('webhook-deliveries', LOOK_MS, () => this.turn());
  }

  /** Takes one chunk away. Answers true when there may be more. */
  async turn(): Promise<boolean> {
    const gone = await this.database.system((tx) =>
      tx.run(
        `delete from events.webhook_deliveries where (tenant, webhook_id, event_id) in (
           select tenant, webhook_id, event_id from events.webhook_deliveries
            where last_at < engine.now() - $1 * interval '1 day' order by last_at limit $2 for update skip locked)`,
        [this.config.eventRetentionDays, CHUNK],
      ),
    );
    return gone === CHUNK;
  }
}
