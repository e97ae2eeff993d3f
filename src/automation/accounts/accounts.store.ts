/** What an account may have and what it uses of it (R002-7, R002-77). */
import type { Tx } from '../../platform/database.js';
import type { Page } from '../envelope.js';
import type { AccountView, UsageReportView } from './account.dto.js';

interface Row {
  plan: string | null;
  email: string | null;
  max_workflows: number | null;
  max_executions_per_month: number | null;
  max_events_per_month: number | null;
  workflows: number;
  executions: number;
  events: number | null;
  month: string;
  resets_at: Date;
  last_activity: Date | null;
}

/** The account of the tenant as it is now. */
export async function accountOf(tx: Tx): Promise<AccountView> {
  const row = await tx.one<Row>(
    `select a.plan, a.email, a.max_workflows, a.max_executions_per_month, a.max_events_per_month,
            (select count(*)::int from automation.workflows w where w.tenant = engine.tenant() and w.deleted_at is null) as workflows,
            (select count(*)::int from automation.executions x where x.tenant = engine.tenant() and x.started_at >= this.month) as executions,
            case when a.tenant is not null then coalesce(u.events, 0) end as events, to_char(this.month at time zone 'UTC', 'YYYY-MM') as month,
            (this.month at time zone 'UTC' + interval '1 month') at time zone 'UTC' as resets_at,
            greatest(u.last_at, (select max(x.started_at) from automation.executions x where x.tenant = engine.tenant())) as last_activity
       from (select date_trunc('month', engine.now(), 'UTC') as month) this
       left join automation.accounts a on a.tenant = engine.tenant()
       left join automation.usage u on u.tenant = engine.tenant() and u.month = (this.month at time zone 'UTC')::date`,
  );
  if (!row) throw new Error('there is no month');
  return {
    id: tx.tenant,
    plan: row.plan,
    email: row.email,
    maxWorkflows: row.max_workflows,
    maxExecutionsPerMonth: row.max_executions_per_month,
    maxEventsPerMonth: row.max_events_per_month,
    currentWorkflows: row.workflows,
    currentExecutions: row.executions,
    currentEvents: row.events,
    month: row.month,
    resetsAt: row.resets_at,
    lastActivity: row.last_activity,
  };
}

/** One page, the newest month first. */
export async function listReports(tx: Tx, page: number, limit: number): Promise<Page<UsageReportView>> {
  const rows = await tx.query<UsageReportView>(
    `select to_char(month, 'YYYY-MM') as month, plan, max_workflows as "maxWorkflows", max_executions_per_month as "maxExecutionsPerMonth",
            max_events_per_month as "maxEventsPerMonth", workflows, executions, completed, failed, events, made_at as "createdAt"
       from automation.usage_reports r where tenant = engine.tenant() order by r.month desc limit $1 offset $2`,
    [limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(
    'select count(*)::int as total from automation.usage_reports where tenant = engine.tenant()',
  );
  return { rows, total: counted?.total ?? 0 };
}

/**
 * Writes the reports of months that are over, for all accounts, and takes away what they report, in one transaction: a report says what was
 * used, not what is left after counting began anew (R002-77). An event of the last moment that comes behind its report is added to it.
 */
export const reportMonths = (tx: Tx): Promise<number> =>
  tx.run(
    `with this as (select date_trunc('month', engine.now() at time zone 'UTC')::date as month),
     over as (
       select u.tenant, u.month from automation.usage u, this where u.month < this.month
       union
       select a.tenant, (this.month - interval '1 month')::date from automation.accounts a, this
        where not exists (select 1 from automation.usage_reports r where r.tenant = a.tenant and r.month = (this.month - interval '1 month')::date)),
     used as (delete from automation.usage u using over o where u.tenant = o.tenant and u.month = o.month returning u.tenant, u.month, u.events)
     insert into automation.usage_reports as r (tenant, month, plan, max_workflows, max_executions_per_month, max_events_per_month, workflows, executions,
                                                completed, failed, events, made_at)
     select o.tenant, o.month, a.plan, a.max_workflows, a.max_executions_per_month, a.max_events_per_month,
            (select count(*) from automation.workflows w where w.tenant = o.tenant and w.deleted_at is null),
            ran.all, ran.completed, ran.failed, coalesce(u.events, 0), engine.now()
       from over o
       join automation.accounts a on a.tenant = o.tenant
       left join used u on u.tenant = o.tenant and u.month = o.month
       cross join lateral (
         select count(*) as all, count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed
           from automation.executions x
          where x.tenant = o.tenant and x.started_at >= o.month at time zone 'UTC' and x.started_at < (o.month + interval '1 month') at time zone 'UTC') ran
     on conflict (tenant, month) do update set events = r.events + excluded.events`,
  );
