import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { MayBeAbsent, VISIBLE } from '../../platform/validation.js';
import { Paged, PageMetadata } from '../envelope.js';
import { PATTERN_TYPES, type Pattern } from './pattern.js';

/** What patterns and workflows may be called (R002-10). */
export const ID = /^[A-Za-z0-9_-]{1,64}$/;

const PATTERN = `One of the five types: { "type": "event", "eventType", "conditions"? }, { "type": "sql", "query", "interval" }, { "type": "sequence", "events": [{ "eventType",
"conditions"?, "within"? }], "ordered"?, "correlateBy"? }, { "type": "threshold", "eventType", "metric", "operator", "value", "window", "groupBy"?, "cooldown"? },
{ "type": "anomaly", "eventType", "metric", "sensitivity", "window", "direction"?, "groupBy"?, "cooldown"? }`;

const Body = () => ApiProperty({ type: 'object', additionalProperties: true, description: PATTERN });

/** Body of `POST /api/automation/patterns`. */
export class CreatePattern {
  /** An id of your own; one is made when left out. */
  @MayBeAbsent() @IsString() @Matches(ID) id?: string;
  @IsString() @MinLength(1) @MaxLength(200) @Matches(VISIBLE, { message: 'name must not be blank' }) name!: string;
  @ApiPropertyOptional({ nullable: true, type: String, maxLength: 2_000 })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsString()
  @MaxLength(2_000)
  description?: string | null;

  /** True when left out. */
  @MayBeAbsent() @IsBoolean() enabled?: boolean;
  @Body() @IsObject() pattern!: { [name: string]: Json };
  /** What a match starts. */
  @IsString() @Matches(ID) workflowId!: string;
}

/** Body of `PATCH /api/automation/patterns/{id}`: what is left out stays. */
export class ChangePattern {
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(200) @Matches(VISIBLE) name?: string;
  @ApiPropertyOptional({ nullable: true, type: String, maxLength: 2_000 })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsString()
  @MaxLength(2_000)
  description?: string | null;

  @MayBeAbsent() @IsBoolean() enabled?: boolean;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: PATTERN })
  @MayBeAbsent()
  @IsObject()
  pattern?: { [name: string]: Json };

  @MayBeAbsent() @IsString() @Matches(ID) workflowId?: string;
}

/** Address of a pattern. */
export class PatternId {
  @IsString() @Matches(ID) id!: string;
}

/** Query of `GET /api/automation/patterns`. */
export class ListPatterns extends Paged {
  @IsOptional() @IsIn(['true', 'false']) enabled?: 'true' | 'false';
  @IsOptional() @IsIn(PATTERN_TYPES) type?: Pattern['type'];
  @IsOptional() @IsString() @Matches(ID) workflowId?: string;
}

/** A pattern (R002-3). */
export class PatternView {
  id!: string;
  name!: string;
  description!: string | null;
  enabled!: boolean;
  @Body() pattern!: Pattern;
  workflowId!: string;
  /** Grows when the pattern or its workflow is another. */
  version!: number;
  triggeredCount!: number;
  lastTriggered!: Date | null;
  /** When it is looked at without an event; null when events are all it waits for. */
  nextAt!: Date | null;
  /** Why it could not be looked at when it was last due. */
  lastError!: string | null;
  /** Who wrote it last. */
  ownerId!: string;
  createdAt!: Date;
  updatedAt!: Date;
}

/** One pattern (R002-12). */
export class PatternAnswer {
  success!: boolean;
  data!: PatternView;
}

/** Answer of `GET /api/automation/patterns`. */
export class PatternPage {
  success!: boolean;
  @ApiProperty({ type: () => [PatternView] }) data!: PatternView[];
  metadata!: PageMetadata;
}

export class Gone {
  id!: string;
  deleted!: boolean;
}

/** Answer of `DELETE`. */
export class PatternDeleted {
  success!: boolean;
  data!: Gone;
}

/** A pattern to begin with. */
export class TemplateView {
  id!: string;
  name!: string;
  description!: string;
  @Body() pattern!: Pattern;
}
export class TemplateList {
  success!: boolean;
  @ApiProperty({ type: () => [TemplateView] }) data!: TemplateView[];
}

/** A match (R002-36): what was found, and what came of it. */
export class MatchView {
  id!: number;
  /** Of the pattern, as it was then. */
  version!: number;
  workflowId!: string;
  /** Null when nothing was started: the workflow was not there or switched off, or the account had used up its executions. */
  executionId!: string | null;
  @ApiProperty({ enum: ['started', 'workflow_unavailable', 'quota_exceeded'] }) outcome!: string;
  /** The events that were matched, as they were; of a query its rows. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } }) events!: Json[];
  /** What was measured. */
  @ApiProperty({ type: 'object', additionalProperties: true }) detail!: { [name: string]: Json };
  matchedAt!: Date;
}

/** Answer of `GET /api/automation/patterns/{id}/matches`, newest first. */
export class MatchPage {
  success!: boolean;
  @ApiProperty({ type: () => [MatchView] }) data!: MatchView[];
  metadata!: PageMetadata;
}
