import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, MaxLength, Min } from 'class-validator';
import { PageQuery } from '../platform/paging.js';
import { Reason } from './admin.dto.js';
import { ForcedAnswer, ForcePreviewAnswer } from './answers.dto.js';

/** Body of `POST /admin/workflows/:id/force-transition/undo`. */
export class UndoForce extends Reason {
  /** True does again what entering the earlier state does in the world; left out, only its timers are armed. */
  @IsOptional() @IsBoolean() runEntryEffects?: boolean;
  @IsOptional() @IsInt() @Min(1) expectedRevision?: number;
}

/** Body of `POST /admin/force-requests`: a force, or without states the undoing of the last one. */
export class AskForce extends UndoForce {
  @IsString() @Matches(/^wf_[a-z0-9]{1,60}$/) instanceId!: string;
  @IsOptional() @IsString() @MaxLength(200) fromState?: string;
  @IsOptional() @IsString() @MaxLength(200) toState?: string;
}

/** Query of `GET /admin/force-requests`. */
export class ForceRequestQuery extends PageQuery {
  @IsOptional() @IsIn(['open', 'approved', 'rejected']) status?: 'open' | 'approved' | 'rejected';
}

/** What was asked for. */
export class RequestedForce {
  fromState!: string;
  toState!: string;
  reason!: string;
  runEntryEffects!: boolean;
}

/** Settings that were asked for. */
export class RequestedSettings {
  changes!: object;
  /** What was set when it was asked for. */
  before!: object;
  reason!: string;
}

/** What another administrator has to agree to: a force, or that forces need him no longer. */
@ApiExtraModels(RequestedForce, RequestedSettings)
export class ForceRequestView {
  id!: string;
  @ApiProperty({ enum: ['force', 'settings'] }) kind!: 'force' | 'settings';
  /** Null for settings. */
  instance_id!: string | null;
  /** Of the instance when it was asked for; it is forced only as long as it is still there. */
  revision!: number | null;
  @ApiProperty({ oneOf: [{ $ref: getSchemaPath(RequestedForce) }, { $ref: getSchemaPath(RequestedSettings) }] })
  request!: RequestedForce | RequestedSettings;
  /** Takes the last force back. */
  undoes!: boolean;
  asked_by!: string;
  roles!: string[];
  asked_at!: Date;
  expires_at!: Date;
  @ApiProperty({ enum: ['open', 'approved', 'rejected'] }) status!: 'open' | 'approved' | 'rejected';
  decided_by!: string | null;
  decided_at!: Date | null;
  note!: string | null;
  /** The row of the history that came of it. */
  seq!: number | null;
}

export class ForceRequestPage {
  data!: ForceRequestView[];
  nextCursor!: string | null;
}

/** The request, and what it would do. */
export class ForceAsked extends ForceRequestView {
  report!: ForcePreviewAnswer;
}

/** The request, and what it did. */
export class ForceApproved extends ForceRequestView {
  /** Of a force. */
  ack?: ForcedAnswer;
}
