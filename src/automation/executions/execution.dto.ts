import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsObject, IsOptional, IsString, Matches, ValidateBy } from 'class-validator';
import type { Fields } from '../../../machines/execution.types.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { PageMetadata, Paged } from '../envelope.js';

/** How far an execution is (R002-4). */
export const EXECUTION_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** Characters of an input as JSON. */
const LARGEST = 65_536;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const AnyFields = (nullable = false): PropertyDecorator =>
  ApiProperty({ type: 'object', additionalProperties: true, nullable });

/** An object of at most so many characters as JSON. */
const AtMost = (most: number): PropertyDecorator =>
  ValidateBy({
    name: 'atMost',
    validator: {
      validate: (value) => JSON.stringify(value ?? null).length <= most,
      defaultMessage: () => `$property may have at most ${most} characters`,
    },
  });

/** What an execution is to work on. */
export class ExecuteWorkflow {
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  @AtMost(LARGEST)
  input?: Fields;
}

export class Started {
  executionId!: string;
  /** The same: an execution is an instance, and has its history, timers and effects at `/api/instances/:id`. */
  instanceId!: string;
}

export class ExecutionStarted {
  success!: boolean;
  data!: Started;
}

/** Query of `GET /api/automation/executions`. */
export class ListExecutions extends Paged {
  @IsOptional() @IsString() @Matches(ID) workflowId?: string;
  @ApiPropertyOptional({ enum: EXECUTION_STATUSES })
  @IsOptional()
  @IsIn(EXECUTION_STATUSES)
  status?: ExecutionStatus;
}

/** Where an execution failed, and why (R002-55). */
export class ExecutionErrorView {
  step!: string | null;
  code!: string;
  message!: string;
  timestamp!: string;
}

/** An execution, as lists show it. */
export class ExecutionSummary {
  id!: string;
  workflowId!: string;
  version!: number;
  @AnyFields() triggeredBy!: object;
  @ApiProperty({ enum: EXECUTION_STATUSES }) status!: ExecutionStatus;
  currentStep!: string | null;
  @ApiProperty({ type: [String] }) completedSteps!: string[];
  @ApiProperty({ type: ExecutionErrorView, nullable: true }) error!: ExecutionErrorView | null;
  startedAt!: Date;
  completedAt!: Date | null;
  /** Milliseconds; null until it is over. */
  duration!: number | null;
}

/** One execution, with what it works on and what came of it. */
export class ExecutionView extends ExecutionSummary {
  @AnyFields() input!: object;
  /** What came of each step, once all are done. */
  @AnyFields(true) output!: object | null;
  /** What came of each step so far. */
  @AnyFields() context!: object;
}

export class ExecutionAnswer {
  success!: boolean;
  data!: ExecutionView;
}

export class ExecutionPage {
  success!: boolean;
  @ApiProperty({ type: () => [ExecutionSummary] }) data!: ExecutionSummary[];
  metadata!: PageMetadata;
}
