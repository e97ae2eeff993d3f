import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsEmail,
  IsIn,
  IsObject,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import type { signal } from '../../../machines/signal.js';
import type { Payloads } from '../../engine/host.js';
import { IsDecimal, IsMoment, MayBeAbsent } from '../../platform/validation.js';
import {
  Clearable,
  Digitized,
  IdOf,
  NeverWritten,
  CursorPage,
  OfOrg,
  Pagination,
  Ref,
  Words,
} from '../workstream.dto.js';

/** Where signals come from (R001-2). */
export const SOURCE_TYPES = ['email', 'ad', 'call', 'note'] as const;
/** One of SOURCE_TYPES. */
export type SourceType = (typeof SOURCE_TYPES)[number];

/** The states of a signal that a list can be narrowed to. */
const STATES = ['new', 'touched', 'linked', 'archived'] as const;

/** What a signal says; all of it may change later. */
class SignalWords extends OfOrg {
  @Clearable() @Words(256) source_ref?: string | null;
  @Clearable() @Words(1_000) snippet?: string | null;
  @Clearable() @Ref() contact_id?: string | null;
  @Clearable() @Ref() client_id?: string | null;
  @Clearable() @IsEmail() @MaxLength(254) contact_email?: string | null;
  /** Any way of writing it; compared by its digits. */
  @Clearable()
  @Matches(/^[+\d][\d\s().\/-]{3,38}\d$/, { message: 'contact_phone must be a telephone number' })
  contact_phone?: string | null;
  @Clearable()
  @MaxLength(253)
  @Matches(/^(https?:\/\/)?([a-z0-9-]+\.)+[a-z]{2,}\/?$/i, { message: 'company_domain must be like example.com' })
  company_domain?: string | null;
  @Clearable() @Words(300) problem_phrase?: string | null;
  @Clearable() @Words(300) solution_hint?: string | null;
  /** 0 to 1, two decimals. */
  @Clearable() @IsDecimal(2) @Min(0) @Max(1) urgency_score?: number | null;
}

/** Body of `POST /api/signals` (R001-34). */
export class CreateSignal extends SignalWords {
  @IsIn(SOURCE_TYPES) source_type!: SourceType;
  /** When the signal was; now when left out. */
  @MayBeAbsent() @IsMoment() ts?: string;
  /** Tells the signal from every other; made from who, what and when if left out (R001-4). */
  @MayBeAbsent() @Words(128) dedupe_key?: string;
  /** Tells this request from every other. */
  @MayBeAbsent() @Words(64) idempotency_key?: string;
  /** Who looks after it, when the source knows already: its first touch. */
  @MayBeAbsent() @Ref() owner_user_id?: string;
}

/** Body of `PUT /api/signals/:signal_id`. */
export class ChangeSignal extends SignalWords {
  @MayBeAbsent() @IsIn(SOURCE_TYPES) source_type?: SourceType;
  /** Looking after a signal touches it (R001-56). */
  @MayBeAbsent() @Ref() owner_user_id?: string;
  /** Refused: a state is changed by its own commands (R001-23). */
  @NeverWritten() status?: unknown;
}

const MOST_AT_ONCE = 500;

/** Body of `POST /api/signals/bulk`; each signal is judged by itself. */
export class CreateSignals extends OfOrg {
  /** Bodies of `POST /api/signals`. */
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(MOST_AT_ONCE) @IsObject({ each: true }) signals!: object[];
}

/** What became of one signal of many. */
export class SignalOutcome {
  /** Its place in the request, from 0. */
  index!: number;
  outcome!: 'created' | 'duplicate' | 'rejected';
  /** Null when it was rejected. */
  signal_id!: number | null;
  /** Why it was rejected; null otherwise. */
  error!: { code: string; message: string } | null;
}

/** Answer of `POST /api/signals/bulk`. */
export class SignalOutcomes {
  created!: number;
  duplicates!: number;
  rejected!: number;
  results!: SignalOutcome[];
}

/** Query of the lists of signals. */
export class ListSignals extends CursorPage {
  @MayBeAbsent() @IsIn(STATES) status?: (typeof STATES)[number];
  @MayBeAbsent() @IsIn(SOURCE_TYPES) source_type?: SourceType;
  @MayBeAbsent() @Ref() owner_user_id?: string;
  /** Signals of the same person. */
  @MayBeAbsent() @Digitized() @IdOf() cluster_id?: number;
}

/** A signal (R001-2). */
export class SignalView {
  signal_id!: number;
  org_id!: number;
  workflow_instance_id!: string;
  source_type!: string;
  source_ref!: string | null;
  snippet!: string | null;
  contact_id!: string | null;
  client_id!: string | null;
  contact_email!: string | null;
  contact_phone!: string | null;
  company_domain!: string | null;
  normalized_keys_json!: object;
  ts!: Date;
  problem_phrase!: string | null;
  solution_hint!: string | null;
  urgency_score!: number | null;
  dedupe_key!: string;
  idempotency_key!: string | null;
  /** Signals of the same person share it; null when nothing says who it is from. */
  cluster_id!: number | null;
  owner_user_id!: string | null;
  status!: string;
  first_touch_at!: Date | null;
  created_at!: Date;
  updated_at!: Date;
}

/** One page of signals, newest first. */
export class SignalPage {
  data!: SignalView[];
  pagination!: Pagination;
  /** Of the next page; null on the last one. */
  nextCursor!: string | null;
}

/** Payload of `assign`. */
export class AssignSignal {
  @Ref() owner_user_id!: string;
}
/** Payload of `link`. */
export class LinkSignal {
  @IdOf() candidate_id!: number;
}
/** Payload of `archive`. */
export class ArchiveSignal {
  @MayBeAbsent() @Words(500) reason?: string;
}
class Nothing {}

/** The payload of each event of a signal. */
export const signalPayloads: Payloads<typeof signal> = {
  assign: AssignSignal,
  link: LinkSignal,
  archive: ArchiveSignal,
  delete: Nothing,
};
