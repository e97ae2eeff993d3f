import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Database } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { Metrics } from '../../platform/metrics.js';

const NAME = 'workstream-figures';
/** Prometheus asks every 15 to 60 seconds; it need not be answered anew each time. */
const EVERY_MS = 30_000;

type Figures = Record<string, Record<string, number>>;

/** What operators watch of the pipeline, over all organisations (R001-83). */
@Injectable()
export class WorkstreamFigures implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private figures: Figures = {};

  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    private readonly scheduler: SchedulerRegistry,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    const read = (name: string) => () => this.figures[name] ?? {};
    this.metrics.gauge(
      'statewright_workstream_signals',
      'Signals that came in, by span of time.',
      'span',
      read('signals'),
    );
    this.metrics.gauge(
      'statewright_workstream_sla_compliance_percent',
      'SLA clocks of the last 30 days that were met, of those that were due.',
      'metric',
      read('compliance'),
    );
    this.metrics.gauge(
      'statewright_workstream_sla_open_breaches',
      'SLA breaches that nobody has dealt with.',
      'metric',
      read('breaches'),
    );
    this.metrics.gauge(
      'statewright_workstream_conversion_percent',
      'Items that went on to the next kind.',
      'step',
      read('conversion'),
    );
    this.metrics.gauge(
      'statewright_workstream_gate_pass_percent',
      'Pursuits that came through a gate with their list done, of those that wait before it no more.',
      'gate',
      read('gates'),
    );
    this.metrics.gauge(
      'statewright_workstream_events',
      'Effects of the pipeline that are not done, dead ones apart.',
      'state',
      read('queue'),
    );
    this.metrics.gauge(
      'statewright_workstream_event_lag_seconds',
      'Age of the oldest effect of the pipeline that is due; alert at 60.',
      'queue',
      read('lag'),
    );
    this.scheduler.addInterval(NAME, setInterval(() => void this.refresh(), EVERY_MS).unref());
    void this.refresh();
  }

  beforeApplicationShutdown(): void {
    this.scheduler.deleteInterval(NAME);
  }

  /** Reads everything anew. A failure leaves the figures as they were. */
  async refresh(): Promise<void> {
    try {
      const row = await this.database.system((tx) => tx.one<{ figures: Figures }>(FIGURES));
      this.figures = withoutNothing(row?.figures ?? {});
    } catch (error) {
      this.log.error('workstream_figures_failed', error, {});
    }
  }
}

/** What cannot be divided has no figure. */
const withoutNothing = (figures: Record<string, Record<string, number | null> | null>): Figures =>
  Object.fromEntries(
    Object.entries(figures).map(([name, values]) => [
      name,
      Object.fromEntries(
        Object.entries(values ?? {}).flatMap(([label, value]) => (value === null ? [] : [[label, value]])),
      ),
    ]),
  );

const PIPELINE = `from engine.outbox e join engine.instances i on i.tenant = e.tenant and i.id = e.instance_id and i.lifecycle in ('signal', 'candidate', 'pursuit', 'sla', 'spotlight', 'bulk')`;

const FIGURES = `
  select json_build_object(
    'signals', (select json_build_object('hour', count(*) filter (where created_at > (select engine.now()) - interval '1 hour'), 'day', count(*))
                  from workstream.signals where created_at > (select engine.now()) - interval '1 day'),
    'compliance', (select json_object_agg(metric, pct) from (
        select metric, round(100.0 * count(*) filter (where state = 'met') / nullif(count(*), 0), 2)::float8 as pct
          from workstream.sla_clocks where due_at > (select engine.now()) - interval '30 days' and due_at <= (select engine.now()) and state in ('met', 'breached', 'resolved') group by metric) c),
    'breaches', (select json_object_agg(metric, open) from (
        select k.metric, count(*) as open from workstream.sla_breaches b join workstream.sla_clocks k on k.tenant = b.tenant and k.clock_id = b.clock_id
         where b.resolved_at is null group by k.metric) b),
    'gates', (select json_object_agg(gate, pct) from (
        select g.gate, round(100.0 * count(*) filter (where g.passed_at is not null and not g.is_forced) / nullif(count(*), 0), 2)::float8 as pct
          from workstream.gate_passages g join workstream.pursuits p on p.tenant = g.tenant and p.pursuit_id = g.pursuit_id
         where g.passed_at is not null or p.closed_at is not null group by g.gate) g),
    'conversion', json_build_object(
        'signal_to_candidate', (select round(100.0 * (select count(distinct (tenant, signal_id)) from workstream.candidate_signals) / nullif(count(*), 0), 2)::float8 from workstream.signals),
        'candidate_to_pursuit', (select round(100.0 * count(promoted_at) / nullif(count(*), 0), 2)::float8 from workstream.candidates),
        'pursuit_to_won', (select round(100.0 * count(*) filter (where pursuit_stage = 'won') / nullif(count(*), 0), 2)::float8 from workstream.pursuits where closed_at is not null)),
    'queue', json_build_object(
        'waiting', (select count(*) ${PIPELINE} where e.stage = 'open'),
        'dead', (select count(*) ${PIPELINE} where e.stage = 'dead')),
    'lag', json_build_object('outbox', (select greatest(0, coalesce(extract(epoch from (select engine.now()) - min(e.next_attempt_at)), 0))::float8 ${PIPELINE} where e.stage = 'open' and e.status = 'pending'))
  ) as figures`;
