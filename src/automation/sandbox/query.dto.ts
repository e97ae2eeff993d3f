import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { MayBeAbsent } from '../../platform/validation.js';

/** Body of `POST /api/events/query`. */
export class AskQuery {
  /** One SELECT over `events`: id, type, source, user_id, session_id, timestamp, data, metadata. */
  @IsString() @MinLength(1) @MaxLength(5_000) query!: string;
  /** The tenant of the credential; there is no other. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(64) accountId?: string;
}

/** Answer of `POST /api/events/query`. */
export class QueryAnswer {
  success!: boolean;
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true }, maxItems: 1_000 })
  data!: { [column: string]: Json }[];
}
