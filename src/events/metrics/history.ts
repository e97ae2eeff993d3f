import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/database.js';
import { Requests, type Measured } from './requests.js';

/** Nobody asks for what is older than a day; a second one is kept to compare. */
const KEEP_HOURS = 48;

/** A figure of the past. */
export interface PastFigure extends Omit<Measured, 'tenant'> {
  metric_id: number;
  timestamp: Date;
}

/** Keeps figures for later: those of requests by the process that answered them, those of the pipeline by one of all (R003-46). */
@Injectable()
export class History {
  constructor(
    private readonly database: Database,
    private readonly requests: Requests,
  ) {}

  /** Writes down what there is to say at this moment, and forgets what is old. */
  async take(): Promise<void> {
    const measured = this.requests.measured(Date.now());
    await this.database.system(async (tx) => {
      if (measured.length > 0) await tx.run(KEEP, [JSON.stringify(measured)]);
      // Of several processes that come at once the first does it for all.
      if (
        !(await tx.one<{ mine: boolean }>(`select pg_try_advisory_xact_lock(hashtext('events.history')) as mine`))?.mine
      )
        return;
      await tx.run(PIPELINE);
      await tx.run(`delete from events.metrics_history where "timestamp" < engine.now() - $1 * interval '1 hour'`, [
        KEEP_HOURS,
      ]);
    });
  }
}

/** One page, newest first, continued behind `before`. */
export const pastFigures = (
  tx: Tx,
  hours: number,
  type: string | null,
  before: number | null,
  limit: number,
): Promise<PastFigure[]> =>
  tx.query(
    `select metric_id, metric_type, endpoint, value, unit, "timestamp", data_points, confidence from events.metrics_history
      where tenant = engine.tenant() and "timestamp" > (select engine.now()) - $1 * interval '1 hour'
        and ($2::text is null or metric_type = $2) and ($3::bigint is null or metric_id < $3)
      order by metric_id desc limit $4`,
    [hours, type, before, limit],
  );

const KEEP = `
  insert into events.metrics_history (tenant, metric_type, endpoint, value, unit, "timestamp", data_points, confidence)
  select tenant, metric_type, endpoint, value, unit, engine.now(), data_points, confidence
    from json_to_recordset($1::json) as g (tenant text, metric_type text, endpoint text, value float8, unit text, data_points int, confidence float8)`;

/** At most once in 25 seconds, for every tenant that has events. */
const PIPELINE = `
  insert into events.metrics_history (tenant, metric_type, endpoint, value, unit, "timestamp", data_points, confidence)
  select tenant, metric_type, 'pipeline', value, 'events', engine.now(), 1, 1 from (
    select tenant, 'events_' || substr(key, 16) as metric_type, sum(value)::float8 as value from events.metric_counters
     where key in ('metrics:events:total', 'metrics:events:pending', 'metrics:events:delivered', 'metrics:events:failed') group by tenant, key
    union all
    select tenant, 'dlq_count', count(*)::float8 from events.dead_letters where replayed_at is null and closed_at is null group by tenant) figures
   where not exists (select from events.metrics_history where endpoint = 'pipeline' and "timestamp" > engine.now() - interval '25 seconds')`;
