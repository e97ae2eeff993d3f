import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Equals,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  Matches,
  Max,
  Min,
} from 'class-validator';
import type { pursuit } from '../../../machines/pursuit.js';
import { LOST_REASONS, PURSUIT_STAGES, type LostReason, type PursuitStage } from '../../../machines/pursuit.types.js';
import type { Payloads } from '../../engine/host.js';
import { IsDay, IsDecimal, MayBeAbsent } from '../../platform/validation.js';
import { Clearable, IdOf, NeverWritten, CursorPage, OfOrg, Pagination, Ref, Words } from '../workstream.dto.js';

/** The largest forecast, US dollars. */
const MOST_VALUE = 999_999_999_999.99;

/** What is known about a pursuit; all of it may change. */
class PursuitWords extends OfOrg {
  /** A day; whether it is over is decided where the organisation is (R001-87). */
  @Clearable() @IsDay() due_date?: string | null;
  @Clearable() @Ref() capture_lead_id?: string | null;
  @Clearable() @Ref() proposal_mgr_id?: string | null;
  /** 0 to 10, one decimal (R001-8); 422 outside. */
  @Clearable() @IsNumber({}) compliance_score?: number | null;
  /** US dollars. */
  @Clearable() @IsDecimal(2) @Min(0) @Max(MOST_VALUE) forecast_value_usd?: number | null;
}

/** Body of `POST /api/pursuits` (R001-35). Usually a pursuit comes of a promotion. */
export class CreatePursuit extends PursuitWords {
  @IdOf() candidate_id!: number;
  /** A pursuit begins in `qual`. */
  @MayBeAbsent() @Equals('qual', { message: 'a pursuit begins in qual' }) pursuit_stage?: 'qual';
}

/** Body of `PUT /api/pursuits/:pursuit_id`. */
export class ChangePursuit extends PursuitWords {
  /** Refused: `POST /api/pursuits/:pursuit_id/stage` changes it (R001-23). */
  @NeverWritten() pursuit_stage?: unknown;
}

/** Body of `POST /api/pursuits/:pursuit_id/stage` (R001-38). */
export class MovePursuit {
  @MayBeAbsent()
  @IsIn(PURSUIT_STAGES, { message: `to must be one of: ${PURSUIT_STAGES.join(', ')}` })
  to?: PursuitStage;
  /** Why it is lost; needed on the way there. */
  @MayBeAbsent() @IsIn(LOST_REASONS) reason?: LostReason;
  @MayBeAbsent() @Words(1_000) note?: string;
}

/** Body of `POST /api/pursuits/bulk/stage`. */
export class MovePursuits extends MovePursuit {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(1, { each: true })
  ids!: number[];
}

/** Answer of a move. */
export class StageReached {
  ok!: true;
  stage!: string;
}

/** Answer of `POST /api/pursuits/:pursuit_id/submit` (R001-39). */
export class Submitted {
  ok!: true;
  proposal_id!: number;
}

/** Query of the lists of pursuits. */
export class ListPursuits extends CursorPage {
  @MayBeAbsent() @IsIn(PURSUIT_STAGES) stage?: PursuitStage;
  /** Capture lead or proposal manager. */
  @MayBeAbsent() @Ref() owner_user_id?: string;
}

/** A pursuit (R001-7). */
export class PursuitView {
  pursuit_id!: number;
  org_id!: number;
  workflow_instance_id!: string;
  candidate_id!: number;
  due_date!: string | null;
  capture_lead_id!: string | null;
  proposal_mgr_id!: string | null;
  pursuit_stage!: string;
  compliance_score!: number | null;
  forecast_value_usd!: number | null;
  /** Sums of the cost-of-sale entries; null without any. */
  cos_hours!: number | null;
  cos_amount!: number | null;
  /** Why it was lost. */
  reason_code!: string | null;
  last_touch_at!: Date;
  submitted_at!: Date | null;
  closed_at!: Date | null;
  created_at!: Date;
  updated_at!: Date;
}

/** One page of pursuits, newest first. */
export class PursuitPage {
  data!: PursuitView[];
  pagination!: Pagination;
  /** Of the next page; null on the last one. */
  nextCursor!: string | null;
}

/** Payload of every move. */
export class PursuitNote {
  @MayBeAbsent() @Words(1_000) note?: string;
}
/** Payload of `lose`, and body of `POST /api/pursuits/:pursuit_id/lost` (R001-32, R001-40). */
export class LosePursuit extends PursuitNote {
  @IsIn(LOST_REASONS, { message: `reason must be one of: ${LOST_REASONS.join(', ')}` }) reason!: LostReason;
}
/** Payload of `draft-proposal`, and body of `POST /api/pursuits/:pursuit_id/proposals`. */
export class DraftProposal {
  /** Where the document is, when it was written elsewhere: an https address. Otherwise one is drawn up from the pursuit. */
  @MayBeAbsent()
  @Matches(/^https:\/\/[\x21-\x7e]{3,490}$/, { message: 'doc_id must be an https address' })
  doc_id?: string;
}
/** Payload of `send-proposal` and `sign-proposal`. */
export class NamedProposal {
  @IdOf() proposal_id!: number;
}
/** Body of `POST /api/pursuits/proposals/:proposal_id/void`. */
export class VoidReason {
  @MayBeAbsent() @Words(500) reason?: string;
}
/** Payload of `void-proposal`. */
export class VoidProposal extends NamedProposal {
  @MayBeAbsent() @Words(500) reason?: string;
}
class Nothing {}

/** The payload of each event of a pursuit. */
export const pursuitPayloads: Payloads<typeof pursuit> = {
  requalify: PursuitNote,
  'start-pink': PursuitNote,
  'start-red': PursuitNote,
  submit: PursuitNote,
  win: PursuitNote,
  lose: LosePursuit,
  'draft-proposal': DraftProposal,
  'send-proposal': NamedProposal,
  'sign-proposal': NamedProposal,
  'void-proposal': VoidProposal,
  delete: Nothing,
};
