import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { MayBeAbsent } from '../../platform/validation.js';
import { NAME } from '../library.js';
import type { WorkflowType } from '../runs/runs.store.js';

const VERSION = /^\w[\w.-]{0,39}$/;
/** A compiled function and its version: `approval@1.0.0`. */
const MODULE = /^[A-Za-z][\w.-]{0,99}@\w[\w.-]{0,39}$/;

/** One version of a workflow of the tenant's own. No code: the function is compiled into the service (R004-39). */
export class AddVersion {
  @IsString() @Matches(VERSION) version!: string;
  @IsString() @Matches(MODULE) module!: string;
}
/** A workflow of the tenant's own, with its first version. */
export class RegisterWorkflow extends AddVersion {
  @IsString() @Matches(NAME) name!: string;
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(2_000) description?: string;
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @MaxLength(50, { each: true })
  tags?: string[];
}
export class RegisteredVersionView {
  version!: string;
  module!: string;
  is_current!: boolean;
}
export class RegistrationView {
  registration_id!: string;
  @ApiProperty({ enum: ['system', 'tenant'] }) workflow_type!: WorkflowType;
  name!: string;
  description!: string | null;
  tags!: string[];
  @ApiProperty({ enum: ['active', 'deprecated'] }) status!: 'active' | 'deprecated';
  current_version!: string | null;
  @ApiProperty({ type: [RegisteredVersionView] }) versions!: RegisteredVersionView[];
}
export class RegistrationPage {
  data!: RegistrationView[];
  nextCursor!: string | null;
}
