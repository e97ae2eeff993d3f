import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { parseDuration } from '../../platform/duration.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { paged, succeeded } from '../envelope.js';
import { ExecutionPage } from '../executions/execution.dto.js';
import { Executions } from '../executions/executions.js';
import { READERS } from '../roles.js';
import { ownAccount } from '../sandbox/account.js';
import { dashboardOf, listAudit } from './figures.js';
import { AuditPage, AuditQuery, DashboardAnswer, DashboardQuery, MonitoredExecutions } from './monitoring.dto.js';

const LONGEST_MS = 90 * 86_400_000;

/** What workflows do, and how they fare (R002-74, R002-75). */
@ApiTags('workflows')
@Roles(...READERS)
@Controller('api/automation/monitoring')
export class MonitoringController {
  constructor(
    private readonly database: Database,
    private readonly executions: Executions,
  ) {}

  /** Figures of the time up to now. */
  @Get('dashboard')
  @ApiProblems('WF006', 'NOT_FOUND')
  async dashboard(
    @CurrentCaller() { tenant }: Caller,
    @Query() { accountId, timeRange = '24h' }: DashboardQuery,
  ): Promise<DashboardAnswer> {
    ownAccount(tenant, accountId);
    const ms = rangeMs(timeRange);
    return succeeded(await this.database.transaction(tenant, (tx) => dashboardOf(tx, timeRange, ms)));
  }

  /** Executions, newest first. */
  @Get('executions')
  @ApiProblems('NOT_FOUND')
  async list(@CurrentCaller() caller: Caller, @Query() query: MonitoredExecutions): Promise<ExecutionPage> {
    const { accountId, workflowId = null, status = null } = query;
    ownAccount(caller.tenant, accountId);
    return paged(query, await this.executions.list(caller, { workflowId, status }, query));
  }

  /** Every try of every call, newest first. */
  @Get('audit')
  @ApiProblems('NOT_FOUND')
  async audit(@CurrentCaller() { tenant }: Caller, @Query() query: AuditQuery): Promise<AuditPage> {
    const { accountId, executionId = null, workflowId = null, actionType = null, page, limit } = query;
    ownAccount(tenant, accountId);
    const filter = { executionId, workflowId, actionType };
    return paged(query, await this.database.transaction(tenant, (tx) => listAudit(tx, filter, page, limit)));
  }
}

/** @throws WF006 when it is nothing, or longer than 90 days */
function rangeMs(timeRange: string): number {
  const ms = parseDuration(timeRange);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  const message = 'timeRange must be like 24h, and at most 90d';
  throw refuse('WF006', { errors: [{ field: 'timeRange', message }] });
}
