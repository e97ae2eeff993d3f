import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsObject, IsOptional, IsString, Matches, MaxLength, MinLength, ValidateBy } from 'class-validator';
import type { Failure, Fields, Value } from '../../../machines/function.types.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';
import { PageQuery } from '../../platform/paging.js';
import { NAME } from '../library.js';
import { RUN_STATUSES, type RunStatus, type WorkflowType } from './runs.store.js';

/** Characters of an input or a payload as JSON. */
export const LARGEST = 65_536;
/** At most this many characters as JSON. */
export const AtMost = (most: number): PropertyDecorator =>
  ValidateBy({
    name: 'atMost',
    validator: {
      validate: (value) => JSON.stringify(value ?? null).length <= most,
      defaultMessage: () => `$property may have at most ${most} characters`,
    },
  });
const AnyFields = (): PropertyDecorator => ApiProperty({ type: 'object', additionalProperties: true });
const Anything = (): PropertyDecorator => ApiProperty({ type: 'object', additionalProperties: true, nullable: true });

/** A run to be started (R004-25). */
export class StartRun {
  /** The tenant's own workflow of this name, else the product's. */
  @IsString() @Matches(NAME) workflowName!: string;
  /** The current one when left out. */
  @MayBeAbsent() @IsString() @Matches(/^\w[\w.-]{0,39}$/) version?: string;
  /** What the function finds in `context.input`. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  @AtMost(LARGEST)
  initialData?: Fields;
  @MayBeAbsent() @IsString() @Matches(/^[\w.-]{1,100}$/) correlationId?: string;
}
export class RunStarted {
  executionId!: string;
}

/** Something a run is told (R004-27). */
export class EnqueueEvent {
  /** Exactly as the function waits for it. */
  @IsString() @MinLength(1) @MaxLength(255) event_name!: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  @IsOptional()
  @AtMost(LARGEST)
  payload?: Value;
  /** The same key: the same ids, and nothing twice. */
  @MayBeAbsent() @IsString() @Matches(/^[\x21-\x7e]{1,200}$/) idempotency_key?: string;
}
export class EventEnqueued {
  eventId!: string;
  processingId!: string;
}

/** The payload of `function.event`. */
export class FunctionEventPayload {
  @IsString() @MinLength(1) @MaxLength(255) name!: string;
  @IsOptional() @AtMost(LARGEST) payload?: Value;
}
export class CancelRun {
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(1_000) reason?: string;
}
export class TerminateRun {
  @IsString() @MinLength(1) @MaxLength(1_000) reason!: string;
}
/** Payloads that only the engine brings. */
export class Nothing {}

export class RunsQuery extends PageQuery {
  @IsOptional() @IsIn(RUN_STATUSES) status?: RunStatus;
  @IsOptional() @IsString() @Matches(NAME) workflow_name?: string;
}
export class AtQuery {
  /** The run as it was then (R004-3). */
  @IsOptional() @IsMoment() at?: string;
}

export class RunSummary {
  executionId!: string;
  workflowName!: string;
  workflowVersion!: string;
  @ApiProperty({ enum: ['system', 'tenant'] }) workflowType!: WorkflowType;
  /** The compiled function, `module@version`. */
  versionId!: string;
  /** As the function calls it. */
  currentState!: string;
  @ApiProperty({ enum: RUN_STATUSES }) status!: RunStatus;
  isComplete!: boolean;
  correlationId!: string;
  startedBy!: string | null;
  createdAt!: Date;
  updatedAt!: Date;
}
export class RunPage {
  data!: RunSummary[];
  nextCursor!: string | null;
}
export class RunView extends RunSummary {
  /** What its lifecycle is in: `waitingEvent`, `completed`, … */
  state!: string;
  @AnyFields() data!: Fields;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) error!: Failure | null;
}
export class RunEvent {
  event_id!: string;
  sequence!: number;
  event_name!: string;
  event_type!: string;
  from_state!: string | null;
  to_state!: string;
  user_id!: string | null;
  @Anything() payload!: Value;
  created_at!: Date;
}
export class RunEventPage {
  data!: RunEvent[];
  nextCursor!: string | null;
}
