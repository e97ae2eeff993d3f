/** Figures of workflows and what they did (R002-74, R002-75). */
import type { Tx } from '../../platform/database.js';
import type { Page } from '../envelope.js';
import type { AuditView, AutomationDashboard } from './monitoring.dto.js';

/** The dashboard of the time up to now. @param ms how long that time is */
export async function dashboardOf(tx: Tx, timeRange: string, ms: number): Promise<AutomationDashboard> {
  const row = await tx.one<Omit<AutomationDashboard, 'timeRange'>>(
    `with since as (select engine.now() - $1 * interval '1 millisecond' as at),
     heard as (
       select count(*)::int as total, count(distinct type)::int as types, count(distinct user_id)::int as users
         from automation.delivered e, since where e.tenant = engine.tenant() and e."timestamp" >= since.at),
     known as (
       select count(*)::int as total, (count(*) filter (where enabled))::int as enabled, coalesce(sum(execution_count), 0)::float8 as executions
         from automation.workflows where tenant = engine.tenant() and deleted_at is null),
     ran as (
       select count(*)::int as total,
              (count(*) filter (where status = 'completed'))::int as completed,
              (count(*) filter (where status = 'failed'))::int as failed,
              (count(*) filter (where status in ('pending', 'running')))::int as running,
              round(avg(extract(epoch from completed_at - started_at) * 1000))::float8 as duration,
              (count(distinct workflow_id) filter (where status = 'failed'))::int as affected
         from automation.executions x, since where x.tenant = engine.tenant() and x.started_at >= since.at)
     select json_build_object('total', heard.total, 'uniqueTypes', heard.types, 'uniqueUsers', heard.users) as events,
            json_build_object('total', known.total, 'enabled', known.enabled, 'totalExecutions', known.executions) as workflows,
            json_build_object('total', ran.total, 'completed', ran.completed, 'failed', ran.failed, 'running', ran.running,
                              'avgDuration', ran.duration) as executions,
            json_build_object('total', ran.failed, 'affectedWorkflows', ran.affected) as errors
       from heard, known, ran`,
    [ms],
  );
  if (!row) throw new Error('there are no figures');
  return { timeRange, ...row };
}

/** What the audit is narrowed by; null is everything. */
export interface AuditFilter {
  executionId: string | null;
  workflowId: string | null;
  actionType: string | null;
}

/** One page of what was tried, newest first. */
export async function listAudit(tx: Tx, filter: AuditFilter, page: number, limit: number): Promise<Page<AuditView>> {
  const where = `where tenant = engine.tenant() and ($1::text is null or execution_id = $1) and ($2::text is null or workflow_id = $2)
                   and ($3::text is null or action_type = $3)`;
  const values = [filter.executionId, filter.workflowId, filter.actionType];
  const rows = await tx.query<AuditView>(
    `select audit_id as id, execution_id as "executionId", workflow_id as "workflowId", step_id as "stepId", attempt, action_type as "actionType",
            action_config as "actionConfig", status, result, error, started_at as "startedAt", completed_at as "completedAt", duration_ms as duration
       from automation.action_audit ${where} order by audit_id desc limit $4 offset $5`,
    [...values, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(
    `select count(*)::int as total from automation.action_audit ${where}`,
    values,
  );
  return { rows, total: counted?.total ?? 0 };
}
