import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsObject, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { Fields, Value } from '../../../machines/function.types.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { AtMost, LARGEST } from '../runs/runs.dto.js';

/** Kinds of event stand in addresses. */
export const EVENT_TYPE = /^[A-Za-z][\w.:-]{0,99}$/;

/** Something that happened, for one run or for everybody of the tenant (R004-23). */
export class SubmitWorkflowEvent {
  /** Of the catalogue; USER_SUBMITTED when left out. */
  @MayBeAbsent() @IsString() @Matches(EVENT_TYPE) event_type?: string;
  /** The type when left out. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(255) event_name?: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  @IsOptional()
  @AtMost(LARGEST)
  payload?: Value;
  /** Only this run is told. */
  @MayBeAbsent() @IsString() @Matches(/^[\w-]{1,64}$/) execution_id?: string;
  /** The same id is the same event: it starts nothing twice (R004-24). */
  @MayBeAbsent() @IsString() @Matches(/^[\w-]{1,100}$/) event_id?: string;
}
export class WorkflowEventAccepted {
  eventId!: string;
  /** Of an event for one run. */
  processingId!: string | null;
  /** The runs that it has started. */
  executionIds!: string[];
}

export class AttachWorkflow {
  @IsString() @Matches(EVENT_TYPE) event_type!: string;
  /** A registration, the product's or the tenant's own. */
  @IsString() @Matches(/^[\w.-]{1,128}$/) workflow_id!: string;
}
export class SwitchAttachment {
  @IsBoolean() is_active!: boolean;
}
export class AttachmentView {
  attachment_id!: string;
  event_type!: string;
  workflow_id!: string;
  is_active!: boolean;
  created_at!: Date;
}
export class AttachmentPage {
  data!: AttachmentView[];
  nextCursor!: string | null;
}

/** A kind of event of the tenant's own. */
export class SaveEventKind {
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(2_000) description?: string;
  /** JSON schema that payloads must fit; anything fits when left out. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  @AtMost(LARGEST)
  payload_schema?: Fields;
}
export class EventKindView {
  event_type!: string;
  @ApiProperty({ enum: ['system', 'tenant'] }) event_source!: 'system' | 'tenant';
  description!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) payload_schema!: Fields | null;
}
export class EventKindPage {
  data!: EventKindView[];
  nextCursor!: string | null;
}
