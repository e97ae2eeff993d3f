import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { Digits } from '../platform/paging.js';
import { MayBeAbsent } from '../platform/validation.js';
import { DETAILS, type Detail } from './overview.js';

/** Enough for what is common; a look at more reads more histories. */
export const DEFAULT_INSTANCES = 1_000;

/** Query of the pictures. */
export class PictureQuery {
  @ApiPropertyOptional({ enum: DETAILS, description: 'The top-level states (unless said otherwise), or everything' })
  @MayBeAbsent()
  @IsIn(DETAILS)
  detail?: Detail;
}

const OVERLAYS = ['lived', 'coverage'] as const;

/** Query of the picture of a lifecycle. */
export class LifecyclePictureQuery extends PictureQuery {
  @ApiPropertyOptional({
    enum: OVERLAYS,
    description:
      '`lived` marks what the newest instances of the tenant have really taken, `coverage` also what the generated tests take',
  })
  @MayBeAbsent()
  @IsIn(OVERLAYS)
  overlay?: (typeof OVERLAYS)[number];
}

/** Query of the coverage. */
export class CoverageQuery {
  @ApiPropertyOptional({ description: 'Version; the newest when left out', type: 'integer' })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  version?: number;

  @ApiPropertyOptional({
    description: 'How many instances are looked at, the newest first',
    default: 1_000,
    type: 'integer',
  })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(10_000)
  instances: number = DEFAULT_INSTANCES;
}

/** Path of one version of a lifecycle. */
export class VersionPath {
  @IsString() @MaxLength(100) name!: string;
  @Type(() => Number) @IsInt() @Min(1) @Max(1_000_000) version!: number;
}
