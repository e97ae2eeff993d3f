/** The shapes of an investment: what it starts with and remembers, what may happen to it, what it asks of the world. */
import type { Stamp, Started } from '../src/engine/authoring.js';
import type { InvestmentType, Terms } from './investment.terms.js';

/** The two sides of a deal, as events name them. */
export type Party = 'investor' | 'creator';

/** How long each wait may take, milliseconds (R000-101). */
export interface InvestmentDeadlines {
  creatorDecisionMs: number;
  investorCounterMs: number;
  termSheetMs: number;
  /** Diligence has no deadline; its reviewers are reminded this often. */
  diligenceReminderMs: number;
  commitmentMs: number;
  escrowMs: number;
  closingMs: number;
  /** After this a card hold is about to lapse (R000-81). */
  holdExpiringMs: number;
  /** Money from a bank account is kept this long before it is handed over. */
  bankRiskMs: number;
}

/** How the investor pays what one charge can carry; anything above comes by wire (R000-47). */
export type FundingMethod = 'card' | 'bank';

/** What an investment starts with. */
export interface InvestmentInput {
  dealId: string;
  investorId: string;
  creatorId: string;
  pitchId: string;
  investmentType: InvestmentType;
  /** The investor's offer, cents. */
  amountMinor: number;
  message: string | null;
  deadlines: InvestmentDeadlines;
  /** Counter-offers of both sides together (R000-33). */
  maxCounterOffers: number;
  /** The most that due diligence lets pass, cents (R000-37, R000-38). */
  maxAmountMinor: number;
  /** When a hold is captured: at FUNDED, or already in CLOSING once it is about to lapse (R000-81). */
  captureOn: 'funded' | 'closing';
  fundingMethod: FundingMethod;
}

/** Why a deal ended before its goal (R000-31). */
export type ReasonCode =
  | 'qualification_failed'
  | 'qualification_error'
  | 'negotiation_failed'
  | 'term_sheet_rejected'
  | 'signature_deadline_missed'
  | 'diligence_failed'
  | 'commitment_withdrawn'
  | 'investor_withdrew'
  | 'escrow_failed'
  | 'escrow_timeout'
  | 'closing_failed'
  | 'closing_timeout'
  | 'funding_failed';

/** What an investment remembers; everything a guard or an effect needs later. */
export interface InvestmentContext extends Started<InvestmentInput> {
  /** The amount on the table, cents: the last offer of either side. */
  offerMinor: number;
  /** The amount both sides agreed on, cents. */
  agreedMinor: number | null;
  counterOffers: { by: Party; amountMinor: number; message: string | null; at: number }[];
  /** What the investor may still invest, cents; null without limit. */
  limitLeftMinor: number | null;
  /** When the running wait ends, milliseconds. */
  deadlineAt: number | null;
  terms: Terms | null;
  /** The envelope that is out for signature. */
  envelopeId: string | null;
  /** The payment that holds the money, or the reference of the wire. */
  transactionId: string | null;
  /** Payments replaced by a retry, until the provider confirms that they are off. */
  abandonedTransactions: string[];
  failedPayments: number;
  captured: boolean;
  /** Whether the payer's bank may still call the money back. */
  returnable: boolean;
  transferId: string | null;
  reasonCode: ReasonCode | null;
  reason: string | null;
}

/** What may happen to an investment, as the engine hands it to the machine. */
export type InvestmentEvent = Payload & Stamp<InvestmentFacts>;

type Payload =
  | { type: 'investor-withdraw'; reason?: string }
  | {
      type: 'creator-decision';
      decision: 'approve' | 'reject' | 'counter';
      counterAmount?: number;
      message?: string;
      decidedAt?: string;
    }
  | { type: 'investor-counter-response'; accepted: boolean; counterAmount?: number; message?: string }
  | { type: 'term-sheet-signed'; party: Party; signedDocumentKey: string }
  | { type: 'term-sheet-response'; accepted: boolean; modifications?: string }
  | { type: 'manual-signature-complete'; party: Party; signedDocumentKey?: string }
  | { type: 'due-diligence-complete' }
  | { type: 'due-diligence-failed'; issues: string[] }
  | { type: 'commitment-confirmed'; confirmed: boolean }
  | {
      type: 'escrow-confirmed';
      transactionId: string;
      amount?: number;
      amountMinor?: number;
      currency?: string;
      confirmedAt?: string;
      /** The money was collected, not held. */
      captured?: boolean;
    }
  | { type: 'payment-failed'; transactionId: string; reason?: string }
  | { type: 'payment-retry'; paymentIntentId?: string }
  | { type: 'escrow-canceled'; transactionId: string }
  | { type: 'funds-captured'; transactionId: string }
  | { type: 'closing-documents-signed'; party: Party; signedDocumentKey?: string }
  | { type: 'transfer-complete'; transferId: string; amountMinor: number; currency: string }
  | { type: 'transfer-failed'; transferId?: string; reason?: string };

/** An open item of the due-diligence checklist, and who can tick it. */
export interface OpenItem {
  item: string;
  clearedBy: string[];
}

/** What guards are told, read in the deciding transaction. */
export interface InvestmentFacts {
  openItems: OpenItem[];
  /** Other deals of the pitch that hold or have moved money; the pitch stays locked while this one decides. */
  rivalDeals: string[];
}

/** What the investor's record says (R000-30); amounts in cents. */
export interface InvestorProfile {
  accreditation: string;
  limitMinor: number | null;
  investedThisYearMinor: number;
}
/** The automatic checks of due diligence (R000-37). */
export interface DiligenceFindings {
  creatorOwnsPitch: boolean;
  pitchIsFree: boolean;
  termsValid: boolean;
}
/** Documents for both parties to sign; the keys say where they are kept. */
export interface EnvelopeRequest {
  dealId: string;
  purpose: 'term-sheet' | 'closing';
  documents: { key: string; title: string; terms: Terms | null }[];
}
/** Money to be held on a card (R000-40), or to be collected from a bank account. */
export interface HoldRequest {
  method: FundingMethod;
  dealId: string;
  investorId: string;
  amountMinor: number;
  currency: string;
  /** The failed payment that this one takes the place of (R000-41). */
  replaces: string | null;
}
/** Held money to be taken (R000-43). */
export interface CaptureRequest {
  dealId: string;
  transactionId: string | null;
  amountMinor: number;
}
/** Money to be handed to the creator (R000-43). */
export interface TransferRequest {
  dealId: string;
  creatorId: string;
  amountMinor: number;
  currency: string;
  /** The payment that funds the transfer; null when the money came by wire. */
  sourceTransactionId: string | null;
}

/** Somebody to tell, in the words of a template (R000-87, R000-88). */
export interface Notice {
  template: InvestmentTemplate;
  to: Party | 'legal-team';
  data: Record<string, string | number | string[] | null>;
}
/** Names of the messages an investment sends. */
export type InvestmentTemplate =
  | 'investment_interest'
  | 'investor_qualified'
  | 'qualification_failed'
  | 'investment_approved'
  | 'counter_offer'
  | 'deal_rejected'
  | 'deal_expired'
  | 'deal_withdrawn'
  | 'deal_failed'
  | 'term_sheet_ready'
  | 'term_sheet_rejected'
  | 'manual_signature_required'
  | 'due_diligence_required'
  | 'due_diligence_complete'
  | 'final_commitment_request'
  | 'escrow_deposit_request'
  | 'escrow_timeout'
  | 'payment_failed'
  | 'closing_documents_ready'
  | 'hold_expiring'
  | 'investment_complete'
  | 'investment_received';
