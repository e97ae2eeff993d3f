import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsISO31661Alpha2,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import type { nda } from '../../../machines/nda.js';
import {
  REQUESTER_TYPES,
  type CustomTerms,
  type RequesterType,
  type SignatureStatus,
} from '../../../machines/nda.types.js';
import type { Payloads } from '../../engine/host.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';

const MISSING = 'Missing required fields';
/** Nobody keeps a secret for longer than a century. */
const MAX_MONTHS = 1_200;
const MOST_TERMS = 50;
const LONGEST_NAME = 100;
const LONGEST_TERM = 2_000;

/** An id of the caller's own system (R000-91). */
const Id = (): PropertyDecorator => (target, field) =>
  Matches(/^[A-Za-z0-9_.:-]{1,128}$/, { message: MISSING })(target, String(field));

/** `local@domain.tld` without spaces (R000-17). Absent is told apart from wrong (R000-16). */
const Email = (): PropertyDecorator => (target, field) => {
  const name = String(field);
  ValidateBy({
    name: 'email',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && value.length <= 320 && EMAIL.test(value),
      defaultMessage: (given) =>
        given?.value === undefined || given.value === null || given.value === '' ? MISSING : 'Invalid email format',
    },
  })(target, name);
};
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Terms beyond the template: names and what is agreed, in words, numbers or yes and no. */
const IsCustomTerms = (): PropertyDecorator => (target, field) => {
  const name = String(field);
  IsObject()(target, name);
  ValidateBy({
    name: 'customTerms',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'object' &&
        value !== null &&
        Object.keys(value).length <= MOST_TERMS &&
        Object.entries(value).every(([term, agreed]) => term.length <= LONGEST_NAME && isAgreed(agreed)),
      defaultMessage: () =>
        `$property must have at most ${MOST_TERMS} terms, each a text of at most ${LONGEST_TERM} characters, a number or a boolean`,
    },
  })(target, name);
};

const isAgreed = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= LONGEST_TERM);

/** What somebody writes to somebody; may be left out. */
const Words = (): PropertyDecorator => (target, field) => {
  MayBeAbsent()(target, field);
  IsString()(target, String(field));
  MaxLength(2_000)(target, String(field));
};

/** Body of `POST /api/workflows/nda/create` (R000-16). */
export class CreateNda {
  @Id() requesterId!: string;
  /** An investor unless it says otherwise. */
  @MayBeAbsent() @IsIn(REQUESTER_TYPES) requesterType?: RequesterType;
  /** Where the agreement is sent for signature. */
  @Email() requesterEmail!: string;
  /** As the requester's record says when it is left out. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(200) requesterName?: string;
  @Id() creatorId!: string;
  @Id() pitchId!: string;
  /** `standard`, `enhanced`, or any other, which then is a custom one. */
  @MayBeAbsent() @Matches(/^[A-Za-z0-9_.:-]{1,128}$/) templateId?: string;
  /** 24 when it is left out. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(MAX_MONTHS) durationMonths?: number;
  @MayBeAbsent() @IsCustomTerms() customTerms?: CustomTerms;
  /** Countries, ISO 3166-1 alpha-2. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(250)
  @ArrayUnique()
  @IsISO31661Alpha2({ each: true })
  @Matches(/^[A-Z]{2}$/, { each: true })
  territorialRestrictions?: string[];
}

/** Payload of `creator-nda-review` (R000-73). */
export class CreatorNdaReview {
  @IsIn(['approve', 'reject']) decision!: 'approve' | 'reject';
  @Words() message?: string;
}
/** Payload of `legal-review` (R000-73). */
export class LegalReview {
  @IsIn(['approve', 'reject', 'modify']) decision!: 'approve' | 'reject' | 'modify';
  /** The sender himself, when it is given. */
  @MayBeAbsent() @Id() reviewerId?: string;
  @Words() notes?: string;
  /** Needed to modify: they join, and where they have the same name replace, those that were asked for. */
  @ValidateIf(({ decision, modifiedTerms }: LegalReview) => decision === 'modify' || modifiedTerms !== undefined)
  @IsCustomTerms()
  modifiedTerms?: CustomTerms;
}
/** What the signing provider says of an envelope (R000-74). */
export class SignatureNews {
  @IsString() @MaxLength(255) envelopeId!: string;
  @IsIn(['sent', 'delivered', 'completed', 'declined', 'voided']) status!: SignatureStatus;
  @MayBeAbsent() @IsMoment() signedAt?: string;
  @Words() declinedReason?: string;
}
/** Payload of `manual-signature-complete`: a signature given on paper (R000-84). */
export class SignedByHand {
  /** Where the signed copy is kept. */
  @MayBeAbsent() @IsString() @MaxLength(255) signedDocumentKey?: string;
  /** Now, when it is left out. */
  @MayBeAbsent() @IsMoment() signedAt?: string;
}

/** Which payload each event carries. That of the signing provider comes through its webhook and is never taken from users. */
export const ndaPayloads: Payloads<typeof nda> = {
  'creator-nda-review': CreatorNdaReview,
  'legal-review': LegalReview,
  'signature-status': SignatureNews,
  'manual-signature-complete': SignedByHand,
};
