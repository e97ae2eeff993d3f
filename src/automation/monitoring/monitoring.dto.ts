import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { PageMetadata, Paged } from '../envelope.js';
import { ListExecutions } from '../executions/execution.dto.js';

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Query of `GET /api/automation/monitoring/dashboard`. */
export class DashboardQuery {
  /** Whose figures: one's own account, which needs no naming. */
  @IsOptional() @IsString() @MaxLength(64) accountId?: string;
  /** The time up to now: `24h` unless said otherwise; 90 days at most. */
  @IsOptional() @IsString() @Matches(/^\d{1,4}[smhd]$/) timeRange?: string;
}

/** Query of `GET /api/automation/monitoring/executions`. */
export class MonitoredExecutions extends ListExecutions {
  @IsOptional() @IsString() @MaxLength(64) accountId?: string;
}

/** Query of `GET /api/automation/monitoring/audit`. */
export class AuditQuery extends Paged {
  override limit: number = 100;
  @IsOptional() @IsString() @MaxLength(64) accountId?: string;
  @IsOptional() @IsString() @Matches(ID) executionId?: string;
  @IsOptional() @IsString() @Matches(ID) workflowId?: string;
  @IsOptional() @IsString() @Matches(/^[\w.]{1,64}$/) actionType?: string;
}

class AutomationEventFigures {
  total!: number;
  uniqueTypes!: number;
  uniqueUsers!: number;
}
class WorkflowFigures {
  total!: number;
  enabled!: number;
  /** Executions that have completed, ever. */
  totalExecutions!: number;
}
class ExecutionFigures {
  total!: number;
  completed!: number;
  failed!: number;
  running!: number;
  /** Milliseconds, of those that are over; null when none is. */
  avgDuration!: number | null;
}
class ErrorFigures {
  /** Executions that have failed. */
  total!: number;
  affectedWorkflows!: number;
}

/** What has happened in a time (R002-74). */
export class AutomationDashboard {
  timeRange!: string;
  events!: AutomationEventFigures;
  workflows!: WorkflowFigures;
  executions!: ExecutionFigures;
  errors!: ErrorFigures;
}

export class DashboardAnswer {
  success!: boolean;
  data!: AutomationDashboard;
}

/** A try of a call (R002-6). */
export class AuditView {
  id!: number;
  executionId!: string;
  workflowId!: string;
  stepId!: string;
  attempt!: number;
  actionType!: string;
  /** Without secrets. */
  @ApiProperty({ type: 'object', additionalProperties: true }) actionConfig!: object;
  /** `retry`: it failed, and may have been tried again. */
  @ApiProperty({ enum: ['success', 'failure', 'retry'] }) status!: string;
  @ApiProperty({ nullable: true }) result!: unknown;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) error!: object | null;
  startedAt!: Date;
  completedAt!: Date;
  /** Milliseconds. */
  duration!: number;
}

export class AuditPage {
  success!: boolean;
  @ApiProperty({ type: () => [AuditView] }) data!: AuditView[];
  metadata!: PageMetadata;
}
