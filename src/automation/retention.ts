import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Sweeps } from '../engine/workers/sweeps.js';
import { Config } from '../platform/config.js';
import { Database } from '../platform/database.js';

const LOOK_MS = 3_600_000;
/** Events taken away in one transaction. */
const CHUNK = 500;

/**
 * Takes away events that are older than `EVENT_RETENTION_DAYS`, with their jobs and their log, executions that have been over for as long,
 * with what they tried (R002-22), and values that have run out. What is under way stays, and histories do.
 */
@Injectable()
export class Retention implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly sweeps: Sweeps,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('automation-retention', LOOK_MS, () => this.turn());
  }

  /** Takes one chunk away. Answers true when there may be more. */
  async turn(): Promise<boolean> {
    const counts = [await this.events(), await this.executions(), await this.values()];
    return counts.includes(CHUNK);
  }

  private executions(): Promise<number> {
    return this.database.system((tx) =>
      tx.run(
        `delete from automation.executions where (tenant, execution_id) in (
           select tenant, execution_id from automation.executions
            where completed_at < engine.now() - $1 * interval '1 day' order by completed_at limit $2 for update skip locked)`,
        [this.config.eventRetentionDays, CHUNK],
      ),
    );
  }

  private values(): Promise<number> {
    return this.database.system((tx) =>
      tx.run(
        `delete from automation.kept_values where (tenant, key) in (
           select tenant, key from automation.kept_values where expires_at < engine.now() order by expires_at limit $1 for update skip locked)`,
        [CHUNK],
      ),
    );
  }

  private async events(): Promise<number> {
    return this.database.system((tx) =>
      tx.run(
        `with old as (
           select e.tenant, e.event_id from automation.events e
            where e.received_at < engine.now() - $1 * interval '1 day'
              and not exists (select 1 from automation.jobs j join engine.instances i on i.tenant = j.tenant and i.id = j.workflow_instance_id
                               where j.tenant = e.tenant and j.event_id = e.event_id and i.status in ('active', 'paused'))
            order by e.received_at limit $2 for update of e skip locked),
         jobs as (delete from automation.jobs j using old where j.tenant = old.tenant and j.event_id = old.event_id),
         logs as (delete from automation.logs l using old where l.tenant = old.tenant and l.event_id = old.event_id)
         delete from automation.events e using old where e.tenant = old.tenant and e.event_id = old.event_id`,
        [this.config.eventRetentionDays, CHUNK],
      ),
    );
  }
}
