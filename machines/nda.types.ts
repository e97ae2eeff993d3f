/** The shapes of an NDA: what it starts with and remembers, what may happen to it, what it asks of the world. */
import type { Stamp, Started } from '../src/engine/authoring.js';
import type { Risk, Scorecard } from './nda.risk.js';

/** What somebody is who asks for an NDA (R000-16). */
export const REQUESTER_TYPES = ['investor', 'production', 'partner'] as const;
/** One of REQUESTER_TYPES. */
export type RequesterType = (typeof REQUESTER_TYPES)[number];

/** A term beyond the template. */
export type CustomTerms = Record<string, string | number | boolean>;

/** How long each wait may take, milliseconds (R000-101). */
export interface NdaDeadlines {
  creatorReviewMs: number;
  legalReviewMs: number;
  signatureMs: number;
  /** From the first look at the document. */
  viewedMs: number;
  /** Between two tries to give access. */
  accessRetryMs: number;
}

/** What an NDA starts with. */
export interface NdaInput {
  ndaId: string;
  requesterId: string;
  requesterType: RequesterType;
  creatorId: string;
  pitchId: string;
  templateId: string;
  durationMonths: number;
  customTerms: CustomTerms;
  /** ISO 3166-1 alpha-2. */
  territories: string[];
  deadlines: NdaDeadlines;
  scorecard: Scorecard;
  /** How many days before its end an NDA says so, each once. */
  expiryReminderDays: number[];
  /** Whether the requester is offered a new NDA when this one ends. */
  offersRenewal: boolean;
}

/** Why an NDA ended before its time, or was never signed (R000-31). */
export type NdaReason =
  'rejected_by_creator' | 'rejected_by_legal' | 'review_timeout' | 'declined' | 'voided' | 'signature_deadline_missed';

/** How far the signature has come, in the provider's words; null as long as it has said nothing. */
export type SignatureStatus = 'sent' | 'delivered' | 'completed' | 'declined' | 'voided';

/** What an NDA remembers; everything a guard or an effect needs later. */
export interface NdaContext extends Started<NdaInput> {
  /** Null until it is assessed, and when it could not be. */
  risk: Risk | null;
  /** Why it could not be assessed. */
  assessmentFault: string | null;
  /** Who let it through; null as long as nobody did. */
  approval: { by: string; notes: string | null; at: number } | null;
  /** The envelope that is out for signature, or was the last. */
  envelopeId: string | null;
  signature: SignatureStatus | null;
  /** When the running wait ends, milliseconds. */
  deadlineAt: number | null;
  /** Milliseconds; from its signature to its end. */
  effectiveAt: number | null;
  expiresAt: number | null;
  /** When the requester is still to be told that it ends soon, milliseconds, the next first. */
  remindersAt: number[];
  reasonCode: NdaReason | null;
  reason: string | null;
}

/** What may happen to an NDA, as the engine hands it to the machine. */
export type NdaEvent = Payload & Stamp;

type Payload =
  | { type: 'creator-nda-review'; decision: 'approve' | 'reject'; message?: string }
  | {
      type: 'legal-review';
      decision: 'approve' | 'reject' | 'modify';
      reviewerId?: string;
      notes?: string;
      modifiedTerms?: CustomTerms;
    }
  | {
      type: 'signature-status';
      envelopeId: string;
      status: SignatureStatus;
      signedAt?: string;
      declinedReason?: string;
    }
  | { type: 'manual-signature-complete'; signedDocumentKey?: string; signedAt?: string };

/** An agreement to draw up for people to read before anybody decides. */
export interface DraftRequest {
  ndaId: string;
  document: NdaDocument;
}
/** An agreement for the requester to sign. */
export interface EnvelopeRequest {
  dealId: string;
  purpose: 'nda';
  documents: NdaDocument[];
}
/** What an agreement says; the key says where it is kept (R000-74). */
export interface NdaDocument {
  key: string;
  title: string;
  terms: {
    templateId: string;
    durationMonths: number;
    territories: string[];
    customTerms: CustomTerms;
    approvedBy: string | null;
    riskScore: number | null;
    riskLevel: string | null;
  };
}
/** Access to what an NDA protects (R000-75). */
export interface AccessRequest {
  userId: string;
  pitchId: string;
  dealId: string;
  /** Milliseconds. */
  expiresAt: number | null;
}

/** Somebody to tell, in the words of a template (R000-87, R000-88). */
export interface Notice {
  template: NdaTemplate;
  to: 'requester' | 'creator' | 'legal-team';
  data: Record<string, string | number | boolean | null | object>;
}
/** Names of the messages an NDA sends. */
export type NdaTemplate =
  | 'nda_creator_review_required'
  | 'nda_legal_review_required'
  | 'nda_rejected'
  | 'nda_signature_requested'
  | 'nda_sent_for_signature'
  | 'nda_reminder'
  | 'nda_declined'
  | 'nda_signed'
  | 'nda_executed'
  | 'nda_access_failed'
  | 'nda_expiring_soon'
  | 'nda_expired'
  | 'nda_renewal_offer'
  | 'manual_signature_required';
