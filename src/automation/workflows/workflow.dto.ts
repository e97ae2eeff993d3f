import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type { Fields, OnError } from '../../../machines/execution.types.js';
import { MayBeAbsent, VISIBLE } from '../../platform/validation.js';
import { PageMetadata, Paged } from '../envelope.js';

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const MOST_STEPS = 1_000;
const MOST_TAGS = 20;
const MOST_TRIGGERS = 5;
const ON_ERROR = ['stop', 'continue', 'retry'] as const;

/** What becomes of an execution whose step has failed (R002-56). */
export class ErrorHandlingBody {
  @MayBeAbsent() @IsIn(ON_ERROR) onError?: OnError;
  /** Whether an event `workflow.failed` is told; it is, unless said otherwise. */
  @MayBeAbsent() @IsBoolean() notifyOnError?: boolean;
}

/** When a workflow starts by itself (R002-79). */
export class WorkflowTriggerBody {
  @IsIn(['schedule']) type!: 'schedule';
  /** Minute, hour, day of the month, month, day of the week: `0 9 * * 1-5`. */
  @IsString() @MinLength(9) @MaxLength(200) cron!: string;
  /** IANA name; UTC when left out. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(64) timezone?: string;
}

/** How a workflow is run (R002-39). */
export class WorkflowConfigBody {
  /** Time that steps may take, without delays: `1h` unless said otherwise. */
  @MayBeAbsent() @IsString() @MaxLength(20) maxExecutionTime?: string;
  @MayBeAbsent() @IsInt() @Min(1) @Max(1_000) maxSteps?: number;
  @MayBeAbsent() @IsObject() @ValidateNested() @Type(() => ErrorHandlingBody) errorHandling?: ErrorHandlingBody;
}

const Steps = (): PropertyDecorator =>
  ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true }, minItems: 1 });

/** A workflow, as it is written (R002-39). */
export class CreateWorkflow {
  /** A name of one's own; made up when left out (R002-10). */
  @MayBeAbsent() @IsString() @Matches(ID) id?: string;
  @IsString() @MinLength(1) @MaxLength(200) @Matches(VISIBLE) name!: string;
  @MayBeAbsent() @IsString() @MaxLength(2_000) description?: string;
  @MayBeAbsent() @IsBoolean() enabled?: boolean;
  /** `{id, name?, type, next?, [type]: {…}}`; eight types: action, condition, loop, parallel, delay, webhook, transform, ai. */
  @Steps()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_STEPS)
  @IsObject({ each: true })
  steps!: Fields[];
  @IsString() @Matches(ID) startStep!: string;
  @MayBeAbsent() @IsObject() @ValidateNested() @Type(() => WorkflowConfigBody) config?: WorkflowConfigBody;
  @ApiPropertyOptional({ type: () => [WorkflowTriggerBody], maxItems: MOST_TRIGGERS })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_TRIGGERS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => WorkflowTriggerBody)
  triggers?: WorkflowTriggerBody[];
  @ApiPropertyOptional({ type: [String], maxItems: MOST_TAGS })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_TAGS)
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  tags?: string[];
}

/** What is to be changed; steps and all that goes with them make a new version (R002-11). */
export class ChangeWorkflow {
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(200) @Matches(VISIBLE) name?: string;
  @MayBeAbsent() @IsString() @MaxLength(2_000) description?: string;
  @MayBeAbsent() @IsBoolean() enabled?: boolean;
  @ApiPropertyOptional({ type: 'array', items: { type: 'object', additionalProperties: true } })
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_STEPS)
  @IsObject({ each: true })
  steps?: Fields[];
  @MayBeAbsent() @IsString() @Matches(ID) startStep?: string;
  @MayBeAbsent() @IsObject() @ValidateNested() @Type(() => WorkflowConfigBody) config?: WorkflowConfigBody;
  @ApiPropertyOptional({ type: () => [WorkflowTriggerBody], maxItems: MOST_TRIGGERS })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_TRIGGERS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => WorkflowTriggerBody)
  triggers?: WorkflowTriggerBody[];
  @ApiPropertyOptional({ type: [String], maxItems: MOST_TAGS })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_TAGS)
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  tags?: string[];
}

/** Query of `GET /api/automation/workflows`. */
export class ListWorkflows extends Paged {
  @IsOptional() @IsIn(['true', 'false']) enabled?: 'true' | 'false';
  @IsOptional() @IsString() @MaxLength(64) tag?: string;
}

/** Query of `DELETE /api/automation/workflows/:id`. */
export class RemoveWorkflow {
  /** `true`: what is running is called off. */
  @IsOptional() @IsIn(['true', 'false']) force?: 'true' | 'false';
}

/** A workflow as it is answered. Secrets are hidden; left so in a change they stay what they were. */
export class WorkflowView {
  id!: string;
  name!: string;
  description!: string | null;
  enabled!: boolean;
  version!: number;
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } }) steps!: object[];
  startStep!: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) config!: object;
  @ApiProperty({ type: () => [WorkflowTriggerBody] }) triggers!: WorkflowTriggerBody[];
  @ApiProperty({ type: [String] }) tags!: string[];
  executionCount!: number;
  lastExecuted!: Date | null;
  createdAt!: Date;
  updatedAt!: Date;
  /** What is odd about it, and no reason to refuse it; of an answer to a write only. */
  @ApiPropertyOptional({ type: [String] }) warnings?: string[];
}

export class WorkflowAnswer {
  success!: boolean;
  data!: WorkflowView;
}

export class WorkflowPage {
  success!: boolean;
  @ApiProperty({ type: () => [WorkflowView] }) data!: WorkflowView[];
  metadata!: PageMetadata;
}

/** A version of a workflow. */
export class WorkflowVersionView {
  version!: number;
  @ApiProperty({ type: 'object', additionalProperties: true }) definition!: object;
  createdBy!: string;
  createdAt!: Date;
}

export class WorkflowVersionPage {
  success!: boolean;
  @ApiProperty({ type: () => [WorkflowVersionView] }) data!: WorkflowVersionView[];
  metadata!: PageMetadata;
}

export class Removed {
  id!: string;
  deleted!: boolean;
  /** Executions that are called off. */
  cancelled!: number;
}

export class WorkflowRemoved {
  success!: boolean;
  data!: Removed;
}
