import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Matches, Min } from 'class-validator';
import { Digits, PageQuery } from '../../platform/paging.js';
import { LOG_OUTCOMES, type LogOutcome } from './logs.js';

const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'dead'] as const;
/** How far a job is (R001-76). */
export type JobStatus = (typeof STATUSES)[number];

class OfRule extends PageQuery {
  @ApiPropertyOptional({ type: 'integer' }) @IsOptional() @Digits() @IsInt() @Min(1) rule_id?: number;
  @IsOptional() @IsString() @Matches(/^[\w.:-]{1,200}$/) event_id?: string;
}

/** Query of `GET /api/automation/logs`. */
export class ListLogs extends OfRule {
  @IsOptional() @IsIn(LOG_OUTCOMES) outcome?: LogOutcome;
}

/** Query of `GET /api/automation/jobs`. */
export class ListJobs extends OfRule {
  @IsOptional() @IsIn(STATUSES) status?: JobStatus;
}

/** How a rule took an event, or how a job ended. */
export class LogView {
  log_id!: number;
  at!: Date;
  outcome!: LogOutcome;
  event_id!: string;
  event_type!: string;
  rule_id!: number | null;
  rule_name!: string | null;
  job_id!: number | null;
  /** Why: the account of the condition, the limit, the fault, the error. */
  @ApiProperty({ type: 'object', additionalProperties: true }) detail!: object;
}

/** Answer of `GET /api/automation/logs`, newest first. */
export class LogPage {
  @ApiProperty({ type: () => [LogView] }) data!: LogView[];
  nextCursor!: string | null;
}

/** An action that a rule has asked for, and how far it is. */
export class AutomationJobView {
  job_id!: number;
  idempotency_key!: string;
  rule_id!: number;
  event_id!: string;
  workflow_instance_id!: string;
  position!: number;
  action_type!: string;
  kind!: string;
  status!: JobStatus;
  attempts!: number;
  max_attempts!: number;
  /** The last one, also of a job that is tried again. */
  error!: { code: string; message: string } | null;
  /** What the action made. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) result!: object | null;
  created_at!: Date;
  finished_at!: Date | null;
}

/** Answer of `GET /api/automation/jobs`, newest first. */
export class JobPage {
  @ApiProperty({ type: () => [AutomationJobView] }) data!: AutomationJobView[];
  nextCursor!: string | null;
}
