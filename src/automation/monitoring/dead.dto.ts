import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { Digits } from '../../platform/paging.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { PageMetadata, Paged } from '../envelope.js';

/** What lies there: events that were to be shown to patterns and rules, or steps of executions and actions of rules (R002-23). */
export const QUEUES = ['events-dlq', 'workflows-dlq'] as const;
export type Queue = (typeof QUEUES)[number];

/** Query of `GET /api/automation/monitoring/dlq`. */
export class ListDead extends Paged {
  @ApiPropertyOptional({ enum: QUEUES }) @IsOptional() @IsIn(QUEUES) queue?: Queue;
}

/** Address of one of them. */
export class DeadId {
  @Digits() @IsInt() @Min(1) @Max(Number.MAX_SAFE_INTEGER) id!: number;
}

/** Body of `POST /api/automation/monitoring/dlq/{id}/replay`; may be left out. */
export class ReplayDead {
  /** Why, for the audit. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(1_000) reason?: string;
}

/** Something that was given up. */
export class DeadView {
  id!: number;
  @ApiProperty({ enum: QUEUES }) queue!: Queue;
  /** What was to be done. */
  type!: string;
  /** Of what: an execution, a firing of a rule, the run of an event. */
  instanceId!: string;
  /** With what, without secrets. */
  @ApiProperty({ type: 'object', additionalProperties: true }) payload!: Json;
  @ApiProperty({ nullable: true }) error!: Json;
  attempts!: number;
  createdAt!: Date;
  failedAt!: Date | null;
}

/** Answer of `GET /api/automation/monitoring/dlq`, newest first. */
export class DeadPage {
  success!: boolean;
  @ApiProperty({ type: () => [DeadView] }) data!: DeadView[];
  metadata!: PageMetadata;
}

export class DeadReplay {
  id!: number;
  status!: 'replaying';
}

/** Answer of `POST /api/automation/monitoring/dlq/{id}/replay`. */
export class DeadReplayed {
  success!: boolean;
  data!: DeadReplay;
}
