import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';

/** A counter that says something else than the rows do. */
export interface Drift {
  tenant: string;
  key: string;
  counted: number;
  found: number;
}

/** Holds the counters against the rows; both change in the same transactions, so that any difference is a fault (R003-19). */
@Injectable()
export class Reconciling {
  constructor(
    private readonly database: Database,
    private readonly log: Log,
  ) {}

  /** Tells of every difference in the log, and answers them. */
  async compare(): Promise<Drift[]> {
    const drifts = await this.database.system((tx) => tx.query<Drift>(COMPARE));
    for (const { tenant, ...drift } of drifts)
      this.log.warn('event_counters_differ', {
        message: 'A counter says something else than the rows',
        tenant,
        context: drift,
      });
    return drifts;
  }
}

/** In one statement, which sees one moment. What was taken away was counted, too. */
const COMPARE = `
  with counted as (select tenant, substr(key, 16) as key, sum(value)::float8 as value from events.metric_counters group by tenant, key),
  found as (
    select tenant, status as key, count(*)::float8 as value from events.events where counted_at is not null group by tenant, status
    union all select tenant, substr(key, 9), value from counted where key like 'removed:%'
    union all select tenant, 'total', count(*) from events.events where counted_at is not null group by tenant
    union all select tenant, 'total', value from counted where key like 'removed:%')
  select coalesce(c.tenant, f.tenant) as tenant, coalesce(c.key, f.key) as key, coalesce(c.value, 0) as counted, coalesce(f.value, 0) as found
    from (select * from counted where key not like 'removed:%') c
    full join (select tenant, key, sum(value) as value from found group by tenant, key) f using (tenant, key)
   where coalesce(c.value, 0) <> coalesce(f.value, 0)`;
