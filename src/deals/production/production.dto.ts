import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { production } from '../../../machines/production.js';
import { INTEREST_TYPES, type InterestType } from '../../../machines/production.types.js';
import type { Payloads } from '../../engine/host.js';
import { IsDecimal, IsMoment, MayBeAbsent } from '../../platform/validation.js';
import { DealAck } from '../deals.dto.js';

/** The largest amount that numeric(12,2) keeps. */
const MAX_AMOUNT = 9_999_999_999.99;
const MISSING = 'Missing required fields';
const NOT_AN_AMOUNT = '$property must be a number with at most two decimals';

/** An id of the caller's own system (R000-91). */
const Id = (message = MISSING): PropertyDecorator => {
  return (target, field) => Matches(/^[A-Za-z0-9_.:-]{1,128}$/, { message })(target, String(field));
};

/** US dollars with at most two decimals. */
const Amount = (): PropertyDecorator => (target, field) => {
  IsDecimal(2, NOT_AN_AMOUNT)(target, String(field));
  Min(0.01)(target, String(field));
  Max(MAX_AMOUNT)(target, String(field));
};

/** What somebody writes to somebody. */
const Text = (): PropertyDecorator => (target, field) => {
  IsString()(target, String(field));
  MinLength(1)(target, String(field));
  MaxLength(2_000)(target, String(field));
};
const Words = (): PropertyDecorator => (target, field) => {
  MayBeAbsent()(target, field);
  Text()(target, field);
};

/** Key of a document or id of an object at a provider. */
const Reference = (): PropertyDecorator => (target, field) => {
  IsString()(target, String(field));
  MinLength(1)(target, String(field));
  MaxLength(255)(target, String(field));
};

/** Body of `POST /api/workflows/production/create` (R000-15). */
export class CreateProduction {
  @Id() productionCompanyId!: string;
  /** The user who acts for the company. */
  @Id() productionCompanyUserId!: string;
  @Id() pitchId!: string;
  @Id() creatorId!: string;
  @IsIn(INTEREST_TYPES, { message: 'Invalid interest type' }) interestType!: InterestType;
  @Words() message?: string;
  /** US dollars. */
  @MayBeAbsent() @Amount() proposedBudget?: number;
  @Words() proposedTimeline?: string;
  @MayBeAbsent() @Id('ndaId must be 1 to 128 letters, digits or any of _ . : -') ndaId?: string;
}

/** Answer of a create call (R000-15). */
export class StartedProduction extends DealAck {
  note!: string;
}

/** Payload of `creator-interest-response` (R000-52). */
export class CreatorInterestResponse {
  @IsIn(['interested', 'not_interested', 'waitlist']) decision!: 'interested' | 'not_interested' | 'waitlist';
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @IsISO8601({ strict: true }, { each: true })
  preferredMeetingTimes?: string[];
  @MayBeAbsent() @IsUrl({ protocols: ['https'], require_protocol: true }) @MaxLength(500) meetingLink?: string;
  @Words() message?: string;
}
/** Payload of `waitlist-activation`; false declines (R000-52). */
export class WaitlistActivation {
  @IsBoolean() activate!: boolean;
}
/** Payload of `meeting-outcome` (R000-53). */
export class MeetingOutcome {
  @IsIn(['proceed', 'pass', 'need_more_info']) outcome!: 'proceed' | 'pass' | 'need_more_info';
  @Words() notes?: string;
  /** When they meet again; until then nobody is waited for. */
  @MayBeAbsent() @IsMoment() nextMeetingDate?: string;
}
/** Months; nobody grants anything for longer than a century. */
const Months = (): PropertyDecorator => (target, field) => {
  MayBeAbsent()(target, field);
  IsInt()(target, String(field));
  Min(1)(target, String(field));
  Max(1_200)(target, String(field));
};

/** Terms that somebody wants changed. */
export class TermsWanted {
  /** US dollars. */
  @MayBeAbsent() @Amount() budget?: number;
  @Words() timeline?: string;
  @Words() rightsStructure?: string;
  /** Where the rights are granted. */
  @Words() rightsTerritory?: string;
  /** For how long. */
  @Months() rightsDurationMonths?: number;
  /** How long an option is open. */
  @Months() optionPeriodMonths?: number;
  @Words() distributionTerms?: string;
  /** Percent (R000-63). */
  @MayBeAbsent() @IsDecimal(4) @Min(0) @Max(50) backendPoints?: number;
}
/** Terms of a proposal, whole. Not the same with less optional: a class inherits that a field may be absent. */
export class TermsOffered {
  /** US dollars. */
  @Amount() budget!: number;
  @Text() timeline!: string;
  @Text() rightsStructure!: string;
  /** Where the rights are granted; has to be said where the tenant asks for it (R000-63). */
  @Words() rightsTerritory?: string;
  /** For how long; the same. */
  @Months() rightsDurationMonths?: number;
  /** How long an option is open; the same, for options. */
  @Months() optionPeriodMonths?: number;
  @Words() distributionTerms?: string;
  /** Percent (R000-63). */
  @MayBeAbsent() @IsDecimal(4) @Min(0) @Max(50) backendPoints?: number;
}
/** Payload of `proposal-submitted` (R000-54). */
export class ProposalSubmitted {
  /** Where the company keeps its proposal. */
  @Reference() proposalDocumentKey!: string;
  @IsObject() @ValidateNested() @Type(() => TermsOffered) terms!: TermsOffered;
  @MayBeAbsent() @IsMoment() submittedAt?: string;
}
/** Payload of `proposal-response` (R000-54). */
export class ProposalResponse {
  @IsIn(['accept', 'reject', 'counter']) decision!: 'accept' | 'reject' | 'counter';
  /** Needed to counter. */
  @ValidateIf(({ decision, counterTerms }: ProposalResponse) => decision === 'counter' || counterTerms !== undefined)
  @IsObject()
  @ValidateNested()
  @Type(() => TermsWanted)
  counterTerms?: TermsWanted;
  @Words() message?: string;
}
/** Payload of `counter-response`; false ends the deal (R000-55). */
export class CounterResponse {
  @IsBoolean() accepted!: boolean;
  @Words() message?: string;
}
/** Payload of `terms-agreed` (R000-55). */
export class TermsAgreed {}
/** Payload of events that end something for a reason. */
export class Ended {
  @Words() reason?: string;
}
/** Payload of `contract-approved`: the checklist says the rest (R000-60). */
export class ContractApproved {}
/** Payload of `contract-signed` (R000-60). */
export class ContractSigned {
  /** Where the signed copy is kept. */
  @Reference() signedDocumentKey!: string;
  @MayBeAbsent() @IsMoment() signedAt?: string;
}
/** Payload of `manual-signature-complete` (R000-84). */
export class SignaturesCollected {
  @MayBeAbsent() @Reference() signedDocumentKey?: string;
}
/** Payload of `production-complete` (R000-62). */
export class ProductionComplete {
  @MayBeAbsent() @IsMoment() completedAt?: string;
}
/** Payload of what deals of one pitch tell each other; never taken from users. */
export class Told {}

/** Which payload each event carries. */
export const productionPayloads: Payloads<typeof production> = {
  'creator-interest-response': CreatorInterestResponse,
  'waitlist-activation': WaitlistActivation,
  'meeting-outcome': MeetingOutcome,
  'proposal-submitted': ProposalSubmitted,
  'proposal-response': ProposalResponse,
  'counter-response': CounterResponse,
  'terms-agreed': TermsAgreed,
  'terms-rejected': Ended,
  'contract-approved': ContractApproved,
  'contract-signed': ContractSigned,
  'contract-declined': Ended,
  'manual-signature-complete': SignaturesCollected,
  'production-complete': ProductionComplete,
  'exclusivity-taken': Told,
  'exclusivity-available': Told,
  'pitch-in-production': Told,
};

/** How a deal stands to its pitch. */
export class LineView {
  /** `exclusive`: it has the pitch to itself; `next`: the pitch is kept for it; `waiting`: it is in the line; `none` of that. */
  standing!: 'exclusive' | 'next' | 'waiting' | 'none';
  /** Until when it has the pitch to itself. */
  exclusiveUntil!: Date | null;
  /** Its place in the line, from 1 and without gaps. */
  position!: number | null;
  /** How many are in the line. */
  waiting!: number;
  /** The line itself, the first first; for the creator and for overseers. */
  line?: PlaceInLine[];
}

/** A deal in the line for a pitch. */
export class PlaceInLine {
  position!: number;
  instanceId!: string;
  productionCompanyId!: string;
  companyName!: string | null;
  status!: string;
  waitingSince!: Date;
}
