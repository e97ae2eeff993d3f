import {
  ArrayMaxSize,
  ArrayMinSize,
  Equals,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import type { investment } from '../../../machines/investment.js';
import { INVESTMENT_TYPES, MIN_INVESTMENT_MINOR, type InvestmentType } from '../../../machines/investment.terms.js';
import type { FundingMethod, Party } from '../../../machines/investment.types.js';
import type { Payloads } from '../../engine/host.js';
import { IsDecimal, IsMoment, MayBeAbsent } from '../../platform/validation.js';

/** The largest amount that numeric(12,2) keeps (R000-89); due diligence draws its own line (R000-37). */
const MAX_AMOUNT = 9_999_999_999.99;
const MIN_AMOUNT = MIN_INVESTMENT_MINOR / 100;
const MISSING = 'Missing required fields';
const NOT_AN_AMOUNT = '$property must be a number with at most two decimals';

/** An id of the caller's own system (R000-91). */
const Id = (): PropertyDecorator => (target, field) =>
  Matches(/^[A-Za-z0-9_.:-]{1,128}$/, { message: MISSING })(target, String(field));

/** US dollars with at most two decimals (R000-14). */
const Amount = (): PropertyDecorator => (target, field) => {
  const name = String(field);
  IsDecimal(2, NOT_AN_AMOUNT)(target, name);
  Min(MIN_AMOUNT, { message: 'Minimum investment amount is $1,000' })(target, name);
  Max(MAX_AMOUNT)(target, name);
};

/** What somebody writes to somebody; may be left out. */
const Words = (): PropertyDecorator => (target, field) => {
  MayBeAbsent()(target, field);
  IsString()(target, String(field));
  MaxLength(2_000)(target, String(field));
};

/** Name of a party. */
const PartyName = (): PropertyDecorator => (target, field) => IsIn(['investor', 'creator'])(target, String(field));

/** Key of a document or id of an object at a provider. */
const Reference = (): PropertyDecorator => (target, field) => {
  IsString()(target, String(field));
  MaxLength(255)(target, String(field));
};

/** Body of `POST /api/workflows/investment/create` (R000-13). */
export class CreateInvestment {
  @Id() investorId!: string;
  @Id() pitchId!: string;
  @Id() creatorId!: string;
  /** US dollars. */
  @Amount() proposedAmount!: number;
  @IsIn(INVESTMENT_TYPES) investmentType!: InvestmentType;
  @Words() message?: string;
  @Equals(true, { message: 'The NDA must be accepted' }) ndaAccepted!: true;
  /** How the investor will pay up to $999,999.99; more comes by wire. A card by default. */
  @MayBeAbsent() @IsIn(['card', 'bank']) fundingMethod?: FundingMethod;
}

/** Payload of `investor-withdraw` (R000-34). */
export class InvestorWithdraw {
  @Words() reason?: string;
}
/** Payload of `creator-decision` (R000-32). */
export class CreatorDecision {
  @IsIn(['approve', 'reject', 'counter']) decision!: 'approve' | 'reject' | 'counter';
  /** US dollars; needed to counter. */
  @ValidateIf(({ decision, counterAmount }: CreatorDecision) => decision === 'counter' || counterAmount !== undefined)
  @Amount()
  counterAmount?: number;
  @Words() message?: string;
  @MayBeAbsent() @IsMoment() decidedAt?: string;
}
/** Payload of `investor-counter-response` (R000-33). */
export class InvestorCounterResponse {
  @IsBoolean() accepted!: boolean;
  /** US dollars; a counter-offer of the investor's own. */
  @MayBeAbsent() @Amount() counterAmount?: number;
  @Words() message?: string;
}
/** Payload of `term-sheet-signed` (R000-36). */
export class TermSheetSigned {
  @PartyName() party!: Party;
  /** Where the signed copy is kept. */
  @Reference() signedDocumentKey!: string;
}
/** Payload of `term-sheet-response` (R000-36). */
export class TermSheetResponse {
  @IsBoolean() accepted!: boolean;
  @Words() modifications?: string;
}
/** A signature given on paper, or under the closing documents. */
export class PartySigned {
  @PartyName() party!: Party;
  @MayBeAbsent() @Reference() signedDocumentKey?: string;
}
/** Payload of `due-diligence-complete`: the checklist says the rest (R000-37). */
export class DueDiligenceComplete {}
/** Payload of `due-diligence-failed` (R000-37). */
export class DueDiligenceFailed {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(500, { each: true })
  issues!: string[];
}
/** Payload of `commitment-confirmed`; false withdraws (R000-39). */
export class CommitmentConfirmed {
  @IsBoolean() confirmed!: boolean;
}
/** A wire that has arrived, as an operator confirms it (R000-47). */
export class WireConfirmed {
  /** The bank's reference. */
  @Reference() transactionId!: string;
  /** US dollars. */
  @Amount() amount!: number;
  @MayBeAbsent() @IsIn(['usd']) currency?: string;
  @MayBeAbsent() @IsMoment() confirmedAt?: string;
}
/** Payload of `payment-retry` (R000-41). */
export class PaymentRetry {
  /** The payment the sender believes to have failed; kept in the history, the service makes the new one itself (R000-41). */
  @MayBeAbsent() @Reference() paymentIntentId?: string;
}
/** What the payment provider says of a payment. */
export class PaymentNews {
  @Reference() transactionId!: string;
  @Words() reason?: string;
}
/** What the payment provider says of a transfer. */
export class TransferNews {
  @Reference() transferId!: string;
  @Words() reason?: string;
}

/** Which payload each event carries. Those of providers come through their webhooks and are never taken from users. */
export const investmentPayloads: Payloads<typeof investment> = {
  'investor-withdraw': InvestorWithdraw,
  'creator-decision': CreatorDecision,
  'investor-counter-response': InvestorCounterResponse,
  'term-sheet-signed': TermSheetSigned,
  'term-sheet-response': TermSheetResponse,
  'manual-signature-complete': PartySigned,
  'due-diligence-complete': DueDiligenceComplete,
  'due-diligence-failed': DueDiligenceFailed,
  'commitment-confirmed': CommitmentConfirmed,
  'escrow-confirmed': WireConfirmed,
  'payment-failed': PaymentNews,
  'payment-retry': PaymentRetry,
  'escrow-canceled': PaymentNews,
  'funds-captured': PaymentNews,
  'closing-documents-signed': PartySigned,
  'transfer-complete': TransferNews,
  'transfer-failed': TransferNews,
};

/** Answer of `GET /api/workflows/investment/:id/payment`. */
export class PaymentView {
  transactionId!: string;
  /** For the provider's form in the browser; good for this payment only. */
  clientSecret!: string | null;
  /** The provider's word for where the payment stands. */
  status!: string;
  /** Cents. */
  amountMinor!: number;
  currency!: string;
}
