/** The shapes of a production deal: what it starts with and remembers, what may happen to it, what it asks of the world. */
import type { Stamp, Started } from '../src/engine/authoring.js';

/** The two sides of a deal, as events name them. */
export type Party = 'company' | 'creator';

/** What a company wants of a pitch (R000-15). */
export const INTEREST_TYPES = ['option', 'purchase', 'co_production', 'distribution'] as const;
/** One of INTEREST_TYPES. */
export type InterestType = (typeof INTEREST_TYPES)[number];

/** Who has to approve a contract before it is signed (R000-60). */
export const APPROVERS = ['creator', 'company', 'legal'] as const;
/** One of APPROVERS. */
export type Approver = (typeof APPROVERS)[number];

/** How long each wait may take, milliseconds (R000-101). */
export interface ProductionDeadlines {
  creatorInterestMs: number;
  /** For the creator to come back to a company he has put off. */
  creatorWaitlistMs: number;
  meetingMs: number;
  proposalMs: number;
  proposalResponseMs: number;
  counterMs: number;
  /** How long a company has the pitch to itself, from entering NEGOTIATION (R000-56). */
  exclusivityMs: number;
  contractMs: number;
  /** Production has no deadline; after this long people are told, and then again. */
  productionMs: number;
}

/** What a tenant takes for a serious offer (R000-63); amounts in cents, 0 for no limit. */
export interface ProductionPolicy {
  leastBudgetMinor: Record<InterestType, number>;
  /** Above this a company has to be verified at the time it offers. */
  verifiedAboveMinor: number;
  /** Whether offers have to say where and for how long the rights are granted, and those for an option how long that is open. */
  rightsDetails: boolean;
}

/** What a production deal starts with. */
export interface ProductionInput {
  dealId: string;
  companyId: string;
  /** The user who acts for the company. */
  companyUserId: string;
  creatorId: string;
  pitchId: string;
  interestType: InterestType;
  message: string | null;
  /** Cents. */
  proposedBudgetMinor: number | null;
  proposedTimeline: string | null;
  ndaId: string | null;
  deadlines: ProductionDeadlines;
  approvals: Approver[];
  /** Projects a company may have at once before it takes on another (R000-50). */
  maxActiveProjects: number;
  policy: ProductionPolicy;
}

/** What a proposal offers, and the contract then says; the budget in cents, the backend in percent. */
export interface ProposalTerms {
  budgetMinor: number;
  timeline: string;
  rightsStructure: string;
  /** Where and for how long the rights are granted (R000-63). */
  rightsTerritory: string | null;
  rightsDurationMonths: number | null;
  /** How long an option is open. */
  optionPeriodMonths: number | null;
  distributionTerms: string | null;
  backendPoints: number | null;
}

/** The terms as people write them; a counter-offer names only what it changes. */
export interface WrittenTerms {
  /** US dollars. */
  budget?: number;
  timeline?: string;
  rightsStructure?: string;
  rightsTerritory?: string;
  rightsDurationMonths?: number;
  optionPeriodMonths?: number;
  distributionTerms?: string;
  backendPoints?: number;
}

/** Why a deal ended before its goal. */
export type ReasonCode =
  | 'verification_failed'
  | 'capacity_exceeded'
  | 'verification_error'
  | 'interest_declined'
  | 'production_passed'
  | 'proposal_rejected'
  | 'counter_refused'
  | 'terms_rejected'
  | 'contract_declined'
  | 'pitch_in_production'
  | 'creator_silent'
  | 'waitlist_timeout'
  | 'meeting_timeout'
  | 'proposal_timeout'
  | 'proposal_unanswered'
  | 'counter_unanswered'
  | 'signature_deadline_missed';

/** What a production deal remembers; everything a guard or an effect needs later. */
export interface ProductionContext extends Started<ProductionInput> {
  /** When the running wait ends, milliseconds. */
  deadlineAt: number | null;
  /** Since when it waits for somebody else's exclusivity to end; null while it does not. */
  waitlistedAt: number | null;
  /** Its place in the line when it was last told; the line itself has moved on since. */
  position: number | null;
  /** Until when the pitch is its own; null while it is not. */
  exclusiveUntil: number | null;
  meetings: { outcome: string; notes: string | null; nextMeetingAt: number | null; at: number }[];
  /** Where the company keeps its proposal. */
  proposalDocumentKey: string | null;
  /** The terms on the table, the creator's changes included. */
  terms: ProposalTerms | null;
  /** What the creator wants changed. */
  counterTerms: WrittenTerms | null;
  /** The day of the contract, milliseconds. */
  contractedAt: number | null;
  /** The envelope that is out for signature. */
  envelopeId: string | null;
  signedDocumentKey: string | null;
  reasonCode: ReasonCode | null;
  reason: string | null;
}

/** What may happen to a production deal, as the engine hands it to the machine. */
export type ProductionEvent = Payload & Stamp<ProductionFacts>;

type Payload =
  | {
      type: 'creator-interest-response';
      decision: 'interested' | 'not_interested' | 'waitlist';
      preferredMeetingTimes?: string[];
      meetingLink?: string;
      message?: string;
    }
  | { type: 'waitlist-activation'; activate: boolean }
  | {
      type: 'meeting-outcome';
      outcome: 'proceed' | 'pass' | 'need_more_info';
      notes?: string;
      nextMeetingDate?: string;
    }
  | {
      type: 'proposal-submitted';
      proposalDocumentKey: string;
      terms: WrittenTerms & Pick<Required<WrittenTerms>, 'budget' | 'timeline' | 'rightsStructure'>;
      submittedAt?: string;
    }
  | {
      type: 'proposal-response';
      decision: 'accept' | 'reject' | 'counter';
      counterTerms?: WrittenTerms;
      message?: string;
    }
  | { type: 'counter-response'; accepted: boolean; message?: string }
  | { type: 'terms-agreed' }
  | { type: 'terms-rejected'; reason?: string }
  | { type: 'contract-approved' }
  | { type: 'contract-signed'; signedDocumentKey: string; signedAt?: string }
  | { type: 'contract-declined'; reason?: string; envelopeId?: string }
  | { type: 'manual-signature-complete'; signedDocumentKey?: string }
  | { type: 'production-complete'; completedAt?: string }
  | { type: 'exclusivity-taken' }
  | { type: 'exclusivity-available' }
  | { type: 'pitch-in-production' };

/** An approval that is still missing, and who can give it. */
export interface OpenApproval {
  item: string;
  clearedBy: string[];
}

/** How a deal stands to the pitch; the pitch stays locked while this is decided on. */
export interface Standing {
  /** Some other deal has the pitch to itself, or it is kept for that deal. */
  isHeld: boolean;
  isMine: boolean;
  /** Place in the line, from 1, that the deal has or would have; null when nobody is before it. */
  position: number | null;
  /** Some other company produces the pitch. */
  isInProduction: boolean;
}

/** What a company's record says (R000-50). */
export interface CompanyProfile {
  verification: string;
  activeProjects: number;
}

/** What guards are told, read in the deciding transaction. */
export interface ProductionFacts {
  standing: Standing;
  /** Null when the company is not known any more. */
  company: CompanyProfile | null;
  openApprovals: OpenApproval[];
}

/** The contract, to be drawn up or to be signed. */
export interface ContractOrder {
  dealId: string;
  purpose: 'production-contract';
  key: string;
  terms: ProposalTerms | null;
  /** The day it is drawn up, milliseconds. */
  at: number;
}
/** A proposal to be kept. */
export interface ProposalRecord {
  dealId: string;
  key: string;
  proposalDocumentKey: string;
  terms: ProposalTerms;
  submittedAt: number;
}

/** Somebody to tell, in the words of a template (R000-87, R000-88). */
export interface Notice {
  template: ProductionTemplate;
  to: Party | 'legal-team';
  data: { [name: string]: string | number | boolean | string[] | null };
  /** When it is less urgent than usual. */
  priority?: 'normal';
}
/** Names of the messages a production deal sends. */
export const PRODUCTION_TEMPLATES = [
  'production_interest',
  'production_waitlisted',
  'waitlist_activated',
  'verification_failed',
  'interest_declined',
  'interest_parked',
  'meeting_scheduled',
  'production_passed',
  'proposal_requested',
  'proposal_ready_for_review',
  'proposal_rejected',
  'counter_proposal',
  'counter_refused',
  'terms_rejected',
  'exclusivity_granted',
  'exclusivity_lapsed',
  'contract_ready',
  'contract_declined',
  'manual_signature_required',
  'production_started',
  'production_activated',
  'production_overdue',
  'production_complete',
  'pitch_in_production',
  'deal_timeout',
] as const;
/** One of PRODUCTION_TEMPLATES. */
export type ProductionTemplate = (typeof PRODUCTION_TEMPLATES)[number];
