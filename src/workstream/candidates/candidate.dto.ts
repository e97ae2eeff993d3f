import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Equals,
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { CANDIDATE_STATES, type candidate, type CandidateState } from '../../../machines/candidate.js';
import type { Payloads } from '../../engine/host.js';
import { IsDecimal, MayBeAbsent } from '../../platform/validation.js';
import { Clearable, IdOf, NeverWritten, CursorPage, OfOrg, Pagination, Ref, Words } from '../workstream.dto.js';

const VALUE_BANDS = ['low', 'med', 'high'] as const;
type ValueBand = (typeof VALUE_BANDS)[number];

/** What is known about a candidate; all of it may change. */
class CandidateWords extends OfOrg {
  @Clearable() @Ref() client_id?: string | null;
  @Clearable() @Ref() contact_id?: string | null;
  /** Where a proposal goes; the address of its signals when there is none. */
  @Clearable() @IsEmail() @MaxLength(254) contact_email?: string | null;
  @Clearable() @IdOf() problem_id?: number | null;
  @Clearable() @IdOf() solution_id?: number | null;
  @Clearable() @Words(280) one_liner_scope?: string | null;
  /** 0 to 1, two decimals. */
  @Clearable() @IsDecimal(2) @Min(0) @Max(1) confidence?: number | null;
  @Clearable() @IsIn(VALUE_BANDS) value_band?: ValueBand | null;
  @Clearable() @Words(200) next_step?: string | null;
  @Clearable() @Ref() owner_user_id?: string | null;
}

/** Signals by their numbers. */
const Signals = (): PropertyDecorator => (target, field) => {
  const name = String(field);
  IsArray()(target, name);
  ArrayMaxSize(100)(target, name);
  ArrayUnique()(target, name);
  IsInt({ each: true })(target, name);
  Min(1, { each: true })(target, name);
};

/** Body of `POST /api/candidates` (R001-35). */
export class CreateCandidate extends CandidateWords {
  @Words(200) title!: string;
  /** A candidate begins as `new`. */
  @MayBeAbsent() @Equals('new', { message: 'a candidate begins as new' }) status?: 'new';
  /** Signals it is made of; each is linked. */
  @MayBeAbsent() @Signals() signal_ids?: number[];
}

/** Body of `PUT /api/candidates/:candidate_id`. */
export class ChangeCandidate extends CandidateWords {
  @MayBeAbsent() @Words(200) title?: string;
  /** Refused: `POST /api/candidates/:candidate_id/status` changes it (R001-23). */
  @NeverWritten() status?: unknown;
}

/** Body of `POST /api/candidates/:candidate_id/status` (R001-36). */
export class MoveCandidate {
  @IsIn(CANDIDATE_STATES, { message: `to must be one of: ${CANDIDATE_STATES.join(', ')}` }) to!: CandidateState;
  @MayBeAbsent() @Words(1_000) note?: string;
}

/** Body of `POST /api/candidates/bulk/status`. */
export class MoveCandidates extends MoveCandidate {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(1, { each: true })
  ids!: number[];
}

/** Body of `POST /api/candidates/:candidate_id/signals`. */
export class LinkSignals {
  @ArrayMinSize(1) @Signals() signal_ids!: number[];
}

/** Answer of a move. */
export class Moved {
  ok!: true;
  status!: string;
}

/** Answer of `POST /api/candidates/:candidate_id/promote` (R001-37). */
export class Promoted {
  pursuit_id!: number;
}

/** Query of the lists of candidates. */
export class ListCandidates extends CursorPage {
  @MayBeAbsent() @IsIn(CANDIDATE_STATES) status?: CandidateState;
  @MayBeAbsent() @Ref() owner_user_id?: string;
}

/** A candidate (R001-6). */
export class CandidateView {
  candidate_id!: number;
  org_id!: number;
  workflow_instance_id!: string;
  client_id!: string | null;
  contact_id!: string | null;
  contact_email!: string | null;
  problem_id!: number | null;
  solution_id!: number | null;
  title!: string;
  one_liner_scope!: string | null;
  confidence!: number | null;
  value_band!: string | null;
  next_step!: string | null;
  status!: string;
  owner_user_id!: string | null;
  last_touch_at!: Date | null;
  promoted_at!: Date | null;
  created_at!: Date;
  updated_at!: Date;
}

/** One page of candidates, newest first. */
export class CandidatePage {
  data!: CandidateView[];
  pagination!: Pagination;
  /** Of the next page; null on the last one. */
  nextCursor!: string | null;
}

/** Payload of every move. */
export class CandidateNote {
  @MayBeAbsent() @Words(1_000) note?: string;
}
class Nothing {}

/** The payload of each event of a candidate. */
export const candidatePayloads: Payloads<typeof candidate> = {
  renew: CandidateNote,
  triage: CandidateNote,
  nurture: CandidateNote,
  hold: CandidateNote,
  promote: CandidateNote,
  archive: CandidateNote,
  delete: Nothing,
};
