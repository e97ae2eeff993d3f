import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
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
import type { Fields, Origin, Value } from '../../../machines/task.js';
import { PageQuery } from '../../platform/paging.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { FORM_STATUSES, type FormStatus } from './form.js';

/** What forms and kinds of task can be called. */
export const NAME = /^[A-Za-z][\w.-]{0,99}$/;
const VERSION = /^\d{1,5}(\.\d{1,5}){0,2}$/;

/** A JSON object, for the API document. */
const AnyFields = (): PropertyDecorator => ApiPropertyOptional({ type: 'object', additionalProperties: true });

export class FormActionDto {
  @IsString() @Matches(NAME) id!: string;
  @IsString() @MinLength(1) @MaxLength(100) label!: string;
  @MayBeAbsent() @IsBoolean() primary?: boolean;
  @MayBeAbsent() @IsString() @MaxLength(50) variant?: string;
  @MayBeAbsent() @IsInt() @Min(0) @Max(1_000) order?: number;
  /** A condition as in `ui:displayIf`: under it the button does nothing, or is not there. */
  @AnyFields() @IsOptional() @IsObject() disabled?: Value;
  @AnyFields() @IsOptional() @IsObject() hidden?: Value;
}

class FormParts {
  @MayBeAbsent() @IsString() @MaxLength(2_000) description?: string;
  @MayBeAbsent() @IsString() @MaxLength(100) category?: string;
  @MayBeAbsent() @IsArray() @ArrayMaxSize(20) @IsString({ each: true }) @MaxLength(50, { each: true }) tags?: string[];
  /** A task whose prefilled values miss something is not made. */
  @MayBeAbsent() @IsBoolean() is_strict?: boolean;
  /** JSON schema (draft 7) of an object; `${contextData.…}` in defaults is filled in from the task. */
  @AnyFields() @MayBeAbsent() @IsObject() json_schema?: Fields;
  /** How it looks; `ui:displayIf` shows a field only where others are filled in so. */
  @AnyFields() @MayBeAbsent() @IsObject() ui_schema?: Fields;
  @AnyFields() @MayBeAbsent() @IsObject() default_values?: Fields;
  @ApiPropertyOptional({ type: [FormActionDto] })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => FormActionDto)
  actions?: FormActionDto[];
}

/** A form in its first version, or in a further one. */
export class CreateForm extends FormParts {
  @IsString() @Matches(NAME) name!: string;
  @MayBeAbsent() @IsString() @Matches(VERSION) version: string = '1.0';
  @MayBeAbsent() @IsIn(['draft', 'active']) status: 'draft' | 'active' = 'draft';
  /** Forms whose fields come first, by name, each as it is active now. No two may have a field of the same name. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @Matches(NAME, { each: true })
  compose?: string[];
}

/** What is to be otherwise. The fields of a form that is no draft stay as they are: tasks are answered in them. */
export class ChangeForm extends FormParts {
  @MayBeAbsent() @IsIn(FORM_STATUSES) status?: FormStatus;
}

export class FormQuery extends PageQuery {
  /** In the name or the description. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(100) text?: string;
  @IsOptional() @IsString() @MaxLength(100) category?: string;
  @IsOptional() @IsString() @MaxLength(50) tag?: string;
  @IsOptional() @IsIn(FORM_STATUSES) status?: FormStatus;
  @IsOptional() @IsString() @Matches(NAME) name?: string;
}

export class VersionQuery {
  /** The active one when left out. */
  @IsOptional() @IsString() @Matches(VERSION) version?: string;
}

/** A form in one version. */
export class FormView {
  name!: string;
  version!: string;
  @ApiProperty({ enum: ['system', 'tenant'] }) form_type!: Origin;
  description!: string | null;
  category!: string | null;
  tags!: string[];
  @ApiProperty({ enum: FORM_STATUSES }) status!: FormStatus;
  is_strict!: boolean;
  @ApiProperty({ type: 'object', additionalProperties: true }) json_schema!: Fields;
  @ApiProperty({ type: 'object', additionalProperties: true }) ui_schema!: Fields;
  @ApiProperty({ type: 'object', additionalProperties: true }) default_values!: Fields;
  @ApiProperty({ type: [FormActionDto] }) actions!: readonly FormActionDto[];
}
export class FormPage {
  data!: FormView[];
  nextCursor!: string | null;
}
