import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { alarms, type Work } from './deals.alarms.js';
import type {
  Bucket,
  Dashboard,
  DashboardStep,
  KindTotals,
  Series,
  StateCount,
  TimeToGoal,
  UsualDuration,
} from './deals.dashboard.dto.js';
import { funnel, share, timeInState } from './deals.figures.js';
import { DEAL_KINDS, DEAL_TYPES, quoted, type DealKind } from './deals.kinds.js';

const KEPT_MS = 5 * 60_000;
/** Everything of a tenant that began in the last 30 days; older deals say little about how it goes. */
const RECENT = `d.created_at > engine.now() - interval '30 days'`;
const KINDS = DEAL_TYPES.map((type) => DEAL_KINDS[type]);

/** How the deals of a tenant are going (R000-96). Counted from the tables, and kept for five minutes. */
@Injectable()
export class DealDashboard {
  private readonly kept = new Map<string, { until: number; dashboard: Promise<Dashboard> }>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async read(tenant: string): Promise<Dashboard> {
    const now = await this.clock.now();
    const known = this.kept.get(tenant);
    if (known && now < known.until) return known.dashboard;
    // What is over makes room: as many are kept as tenants have looked within these minutes.
    for (const [name, { until }] of this.kept) if (until <= now) this.kept.delete(name);
    const dashboard = this.database.transaction(tenant, (tx) => count(tx));
    this.kept.set(tenant, { until: now + KEPT_MS, dashboard });
    // A failure is nobody's answer for five minutes.
    dashboard.catch(() => this.kept.delete(tenant));
    return dashboard;
  }
}

async function count(tx: Tx): Promise<Dashboard> {
  const now = await tx.one<{ now: Date }>('select engine.now()');
  const byType = await tx.query<KindTotals>(`${KINDS.map(totalsOf).join(' union all ')} order by type`);
  const byState = await tx.query<StateCount>(
    `${KINDS.map(({ type, table }) => `select '${type}' as type, status, count(*) as count from ${table} where tenant = engine.tenant() group by status`).join(' union all ')} order by type, count desc, status`,
  );
  const stays = await timeInState(tx, KINDS, RECENT, []);
  const steps: DashboardStep[] = [];
  for (const kind of KINDS) {
    const reached = await funnel(tx, kind, RECENT, []);
    const begun = Math.max(0, ...reached.map((step) => step.count));
    for (const { status, count: come } of reached) {
      const stay = stays.find(({ type, state }) => type === kind.type && state === status);
      steps.push({
        type: kind.type,
        status,
        count: come,
        conversion: share(come, begun),
        averageMs: stay?.averageMs ?? null,
      });
    }
  }
  const timeToGoal = await goals(tx);
  const durations = await tx.query<UsualDuration>(
    `${KINDS.flatMap(durationsOf).join(' union all ')} order by type, way`,
  );
  const work = await tx.one<Work>(
    `select count(*) filter (where status = 'done') as done, count(*) filter (where status = 'dead') as dead
       from engine.outbox where tenant = engine.tenant() and finished_at > engine.now() - interval '24 hours'`,
  );
  return {
    at: (now?.now ?? new Date(0)).toISOString(),
    byType,
    byState,
    series: await series(tx),
    timeToGoal,
    durations,
    timeInState: stays,
    funnel: steps,
    alerts: alarms({ byType, timeToGoal }, work ?? { done: 0, dead: 0 }),
  };
}

const totalsOf = ({ type, table, over }: DealKind): string => `
  select '${type}' as type, count(*) as total, count(*) filter (where d.status not in (${quoted(over)})) as live,
         count(*) filter (where d.status in (${quoted(over)})) as ended, count(*) filter (where i.status = 'failed') as failed
    from ${table} d join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
   where d.tenant = engine.tenant()`;

/** From the beginning of a deal to the first time it was where it was meant to come. */
const arrivalsOf = ({ table, goal }: DealKind, where = 'true'): string => `
  select (extract(epoch from min(h.at) - d.created_at) * 1000)::float8 as ms
    from ${table} d join engine.history h on h.tenant = d.tenant and h.instance_id = d.workflow_instance_id
   where d.tenant = engine.tenant() and h.to_state in (${quoted(goal)}) and ${where}
   group by d.id, d.created_at having min(h.at) > engine.now() - interval '30 days'`;

const goalsOf = (kind: DealKind): string => `
  select '${kind.type}' as type, count(*) as count,
         ${[50, 95, 99].map((nth) => `coalesce(round(percentile_cont(0.${nth}) within group (order by ms)), 0) as "p${nth}Ms"`).join(', ')}
    from (${arrivalsOf(kind)}) arrived`;

const durationsOf = (kind: DealKind): string[] =>
  kind.ways.map(
    ({ name, where, usualMs: [from, to] }) => `
  select '${kind.type}' as type, ${name === null ? 'null' : `'${name}'`} as way, count(*) as count, round(avg(ms))::float8 as "averageMs",
         ${from}::float8 as "usualFromMs", ${to}::float8 as "usualToMs" from (${arrivalsOf(kind, where)}) arrived`,
  );

async function goals(tx: Tx): Promise<TimeToGoal[]> {
  const rows = await tx.query<Omit<TimeToGoal, 'slowAfterMs'>>(
    `${KINDS.map(goalsOf).join(' union all ')} order by type`,
  );
  return rows.map((row) => ({ ...row, slowAfterMs: DEAL_KINDS[row.type].slowAfterMs }));
}

const series = async (tx: Tx): Promise<Series> => ({
  hours: await buckets(tx, 'hour', 24),
  days: await buckets(tx, 'day', 7),
  weeks: await buckets(tx, 'week', 4),
});

/** Deals begun and ended in each of the last spans. */
const buckets = (tx: Tx, span: 'hour' | 'day' | 'week', many: number): Promise<Bucket[]> =>
  tx.query<Bucket>(
    `with deals as (${KINDS.map(momentsOf).join(' union all ')})
     select span.at, (select count(*) from deals where begun_at >= span.at and begun_at < span.at + interval '1 ${span}') as begun,
            (select count(*) from deals where ended_at >= span.at and ended_at < span.at + interval '1 ${span}') as ended
       from generate_series(date_trunc('${span}', engine.now()) - ${many - 1} * interval '1 ${span}', date_trunc('${span}', engine.now()), interval '1 ${span}') as span(at)
      order by span.at`,
  );

const momentsOf = ({ table, over }: DealKind): string => `
  select d.created_at as begun_at, case when d.status in (${quoted(over)}) then d.updated_at end as ended_at
    from ${table} d where d.tenant = engine.tenant() and (d.created_at > engine.now() - interval '28 days' or d.updated_at > engine.now() - interval '28 days')`;
