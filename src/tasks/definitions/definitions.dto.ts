import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { TASK_PRIORITIES, type Origin, type TaskPriority } from '../../../machines/task.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { NAME } from '../forms/forms.dto.js';

const STATUSES = ['active', 'deprecated'] as const;

/** A kind of task; what is left out is as it usually is. */
export class SaveDefinition {
  @IsString() @MinLength(1) @MaxLength(200) name!: string;
  @MayBeAbsent() @IsString() @MaxLength(2_000) description?: string;
  /** The form it is answered in, by name: always the version that is active when the task is made. */
  @IsString() @Matches(NAME) form_name!: string;
  @MayBeAbsent() @IsIn(TASK_PRIORITIES) default_priority: TaskPriority = 'medium';
  @MayBeAbsent() @IsInt() @Min(1) @Max(3_650) default_sla_days: number = 3;
  /** Whether a task is over when its time has come; else it stays, overdue. */
  @MayBeAbsent() @IsBoolean() expire_on_due: boolean = false;
  /** No tasks are made of a kind that is deprecated. */
  @MayBeAbsent() @IsIn(STATUSES) status: (typeof STATUSES)[number] = 'active';
}

/** A kind of task, and whose it is. */
export class DefinitionView {
  task_type!: string;
  @ApiProperty({ enum: ['system', 'tenant'] }) definition_type!: Origin;
  name!: string;
  description!: string | null;
  form_name!: string;
  @ApiProperty({ enum: ['system', 'tenant'] }) form_origin!: Origin;
  @ApiProperty({ enum: TASK_PRIORITIES }) default_priority!: TaskPriority;
  default_sla_days!: number;
  expire_on_due!: boolean;
  @ApiProperty({ enum: STATUSES }) status!: (typeof STATUSES)[number];
}
export class DefinitionPage {
  data!: DefinitionView[];
  nextCursor!: string | null;
}
