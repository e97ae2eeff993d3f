import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { Reason } from './admin.dto.js';

const MOST_AT_ONCE = 1_000;
const LIFECYCLE = /^[a-z][a-z0-9_-]{0,62}$/;
const CURSOR = /^wf_[a-z0-9]{1,60}$/;

/** Which running instances are to be looked at. */
export class PlanMigration {
  @IsString() @Matches(LIFECYCLE) lifecycle!: string;
  /** How many of them at most. */
  @IsOptional() @IsInt() @Min(1) @Max(MOST_AT_ONCE) limit: number = MOST_AT_ONCE;
  /** Behind which one: the `nextCursor` of the answer before. */
  @IsOptional() @IsString() @MaxLength(64) @Matches(CURSOR) cursor?: string;
}

/** Which are to be moved, and why. */
export class ApplyMigration extends Reason {
  @IsString() @Matches(LIFECYCLE) lifecycle!: string;
  /** How many at most; begin with a few. */
  @IsOptional() @IsInt() @Min(1) @Max(MOST_AT_ONCE) limit: number = 10;
  @IsOptional() @IsString() @MaxLength(64) @Matches(CURSOR) cursor?: string;
}

const VERDICTS = ['auto', 'needs-mapping', 'blocked'] as const;

/** Instances that fare alike. */
export class MigrationGroup {
  version!: number;
  state!: string;
  @ApiProperty({ enum: VERDICTS }) verdict!: (typeof VERDICTS)[number];
  /** Why they cannot be moved; null where they can. */
  reason!: string | null;
  /** Where they would be, or are now. */
  becomes!: string | null;
  count!: number;
  /** Some of them. */
  examples!: string[];
}

export class MigrationReport {
  lifecycle!: string;
  /** The newest version. */
  to!: number;
  /** Looked at. */
  examined!: number;
  moved!: number;
  groups!: MigrationGroup[];
  /** Instances on other versions, the moved ones left out. */
  remaining!: number;
  nextCursor!: string | null;
}
