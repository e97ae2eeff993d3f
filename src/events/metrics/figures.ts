/** Figures of a tenant's events (R003-17, R003-46). */
import type { Tx } from '../../platform/database.js';
import { countersOf } from '../counters.js';

/** Everything there is to know at a glance; milliseconds, events per second, times in ISO 8601. */
export interface Figures {
  total_events: number;
  pending: number;
  delivered: number;
  failed: number;
  queue_depth: number;
  dlq_count: number;
  last_processed_at: Date | null;
  last_failure_at: Date | null;
  processing_rate: number;
  last_processing_time_ms: number | null;
  processing_time: { p50: number | null; p95: number | null; p99: number | null };
}

export async function figuresOf(tx: Tx): Promise<Figures> {
  const { total, pending, delivered, failed } = await countersOf(tx);
  const row = await tx.one<Read>(READ);
  if (!row) throw new Error('the database did not tell its figures');
  const { percentiles, ...rest } = row;
  const [p50 = null, p95 = null, p99 = null] = percentiles ?? [];
  return { total_events: total, pending, delivered, failed, ...rest, processing_time: { p50, p95, p99 } };
}

type Read = Omit<Figures, 'total_events' | 'pending' | 'delivered' | 'failed' | 'processing_time'> & {
  percentiles: number[] | null;
};

/** Percentiles are those of the last 1,000 that were delivered, the rate that of the last minute. */
const READ = `
  with latest as (
    select processing_ms, updated_at from events.events
     where tenant = engine.tenant() and status = 'delivered' and processing_ms is not null order by updated_at desc limit 1000)
  select (select count(*)::int from engine.instances
           where tenant = engine.tenant() and lifecycle = 'event' and state in ('received', 'validating', 'storing', 'counting', 'delivering')) as queue_depth,
         (select count(*)::int from events.dead_letters where tenant = engine.tenant() and replayed_at is null and closed_at is null) as dlq_count,
         (select max(updated_at) from events.metric_counters where tenant = engine.tenant() and key = 'metrics:events:total') as last_processed_at,
         (select max(failed_at) from events.dead_letters where tenant = engine.tenant()) as last_failure_at,
         (select round(count(*) / 60.0, 3)::float8 from events.events
           where tenant = engine.tenant() and status = 'delivered' and updated_at > (select engine.now()) - interval '1 minute') as processing_rate,
         (select processing_ms from latest order by updated_at desc limit 1) as last_processing_time_ms,
         (select percentile_disc(array[0.5, 0.95, 0.99]) within group (order by processing_ms) from latest) as percentiles`;
