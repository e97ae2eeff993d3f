import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
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
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { TASK_PRIORITIES, type Fields, type Origin, type TaskPriority } from '../../machines/task.js';
import { ROLES, type Role } from '../auth/caller.js';
import { Digits } from '../platform/paging.js';
import { IsMoment, MayBeAbsent } from '../platform/validation.js';
import { FormActionDto, NAME } from './forms/forms.dto.js';

export const TASK_STATUSES = ['pending', 'claimed', 'completed', 'canceled', 'expired'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

const USER = /^(?!role:)[\w.:@-]{1,128}$/;
const AnyFields = (): PropertyDecorator => ApiProperty({ type: 'object', additionalProperties: true });
/** One, or a list of them. */
const OneOrMore = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value));

/** An object of at most this many characters as JSON. */
const AtMost = (most: number): PropertyDecorator =>
  ValidateBy({
    name: 'atMost',
    validator: {
      validate: (value) => JSON.stringify(value ?? null).length <= most,
      defaultMessage: () => `$property may have at most ${most} characters`,
    },
  });
/** Characters. */
const LARGEST = 65_536;

export class AssignTo {
  /** Everybody with one of these roles. */
  @ApiPropertyOptional({ oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] })
  @MayBeAbsent()
  @OneOrMore()
  @IsArray()
  @ArrayMaxSize(ROLES.length)
  @IsIn(ROLES, { each: true })
  roles?: Role[];
  @ApiPropertyOptional({ oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] })
  @MayBeAbsent()
  @OneOrMore()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Matches(USER, { each: true })
  users?: string[];
}

/** A task for people (R004-61). */
export class CreateTask {
  /** One of the tenant's own kinds, else one of the product's. */
  @IsString() @Matches(NAME) taskType!: string;
  @IsString() @MinLength(1) @MaxLength(200) title!: string;
  @MayBeAbsent() @IsString() @MaxLength(5_000) description?: string;
  /** As its kind has it when left out. */
  @MayBeAbsent() @IsIn(TASK_PRIORITIES) priority?: TaskPriority;
  /** `2026-03-01T12:00:00Z`, or a time from now: `2 days`. */
  @MayBeAbsent() @IsString() @MaxLength(40) dueDate?: string;
  /** Nobody: a task for administrators. */
  @MayBeAbsent() @IsObject() @ValidateNested() @Type(() => AssignTo) assignTo?: AssignTo;
  /** What the form is filled with beforehand, and what its templates speak of. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  @AtMost(LARGEST)
  contextData?: Fields;
  /** The instance that it is for. */
  @MayBeAbsent() @IsString() @Matches(/^[\w-]{1,64}$/) executionId?: string;
}
export class TaskCreated {
  success!: boolean;
  taskId!: string;
}

export class Nothing {}

export class DraftAnswer {
  @AnyFields() @IsObject() @AtMost(LARGEST) formData!: Fields;
}
export class CompleteTask extends DraftAnswer {
  @MayBeAbsent() @IsString() @MaxLength(5_000) comments?: string;
}
export class CancelTask {
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(1_000) reason?: string;
}

/** What an inbox shows (R004-70). */
export class InboxQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 10_000, default: 1 })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(10_000)
  page: number = 1;
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 20 })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 20;
  /** Comma separated; what is open when left out. */
  @ApiPropertyOptional({ type: 'string', example: 'pending,claimed' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @ArrayMaxSize(TASK_STATUSES.length)
  @IsIn(TASK_STATUSES, { each: true })
  status: TaskStatus[] = ['pending', 'claimed'];
  @IsOptional() @IsIn(TASK_PRIORITIES) priority?: TaskPriority;
  @IsOptional() @IsString() @Matches(NAME) type?: string;
  @IsOptional() @IsMoment() due_before?: string;
  @IsOptional() @IsMoment() due_after?: string;
  /** A user: what he has taken, or was given by name. */
  @IsOptional() @IsString() @Matches(USER) assignee?: string;
  @IsOptional() @IsString() @Matches(/^[\w-]{1,64}$/) execution_id?: string;
  /** `all` shows the tasks of everybody to those who oversee the tenant. */
  @IsOptional() @IsIn(['mine', 'all']) scope: 'mine' | 'all' = 'mine';
}

export class TaskRow {
  task_id!: string;
  task_type!: string;
  @ApiProperty({ enum: ['system', 'tenant'] }) task_definition_type!: Origin;
  title!: string;
  description!: string | null;
  @ApiProperty({ enum: TASK_STATUSES }) status!: TaskStatus;
  @ApiProperty({ enum: TASK_PRIORITIES }) priority!: TaskPriority;
  due_date!: Date;
  is_overdue!: boolean;
  assigned_users!: string[];
  assigned_roles!: string[];
  execution_id!: string | null;
  created_by!: string;
  created_at!: Date;
  claimed_at!: Date | null;
  claimed_by!: string | null;
  completed_at!: Date | null;
  completed_by!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) response_data!: Fields | null;
}
export class TaskPage {
  data!: TaskRow[];
  page!: number;
  limit!: number;
  total!: number;
  hasMore!: boolean;
}

/** The form of a task, filled in as far as it is (R004-78). */
export class RenderedForm {
  name!: string;
  version!: string;
  @ApiProperty({ enum: ['system', 'tenant'] }) form_type!: Origin;
  @AnyFields() json_schema!: Fields;
  @AnyFields() ui_schema!: Fields;
  @ApiProperty({ type: [FormActionDto] }) actions!: readonly FormActionDto[];
  @AnyFields() data!: Fields;
  /** What its templates ask for and the task does not say. */
  unresolved!: string[];
}
export class TaskView extends TaskRow {
  @AnyFields() context_data!: Fields;
  form!: RenderedForm;
  /** What the caller may do with it now. */
  allowed_events!: string[];
}
