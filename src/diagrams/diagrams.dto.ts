import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { MayBeAbsent } from '../platform/validation.js';
import { DETAILS, type Detail } from './overview.js';

/** Query of the pictures. */
export class PictureQuery {
  @ApiPropertyOptional({ enum: DETAILS, description: 'The top-level states (unless said otherwise), or everything' })
  @MayBeAbsent()
  @IsIn(DETAILS)
  detail?: Detail;
}

/** Path of one version of a lifecycle. */
export class VersionPath {
  @IsString() @MaxLength(100) name!: string;
  @Type(() => Number) @IsInt() @Min(1) @Max(1_000_000) version!: number;
}

/** A lifecycle in the list of all. */
export interface LifecycleSummary {
  name: string;
  version: number;
  title: string;
  fingerprint: string;
  initial: string;
  /** Names of the top-level states. */
  states: string[];
}
