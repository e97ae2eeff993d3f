/** Whom an NDA tells what, in which words, and what its papers say (R000-73 to R000-76). Pure. */
import type { NdaContext as Context, NdaDocument, Notice } from './nda.types.js';

/** Milliseconds. */
export const DAY_MS = 86_400_000;

type DataOf = (context: Context, event: object) => Notice['data'];

/** The action that tells somebody something. */
export function tell(to: Notice['to'], template: Notice['template'], data: DataOf = () => ({})) {
  const params = ({ context, event }: { context: Context; event: object }): Notice => ({
    to,
    template,
    data: data(context, event),
  });
  return { type: 'notify', params } as const;
}

/** The actions that tell requester and creator the same. */
export const tellBoth = (template: Notice['template'], data?: DataOf) =>
  [tell('requester', template, data), tell('creator', template, data)] as const;

/** Why work in the world failed, from the event that says so. */
export function faultOf(event: object): string {
  const error: unknown = 'error' in event ? event.error : undefined;
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown';
}

/** Where the agreement is kept (R000-74). */
export const agreementKey = ({ ndaId }: Context): string => `ndas/${ndaId}/agreement.json`;

/** The agreement as it stands. */
export const agreement = (context: Context): NdaDocument => ({
  key: agreementKey(context),
  title: 'Non-disclosure agreement',
  terms: {
    templateId: context.templateId,
    durationMonths: context.durationMonths,
    territories: context.territories,
    customTerms: context.customTerms,
    approvedBy: context.approval?.by ?? null,
    riskScore: context.risk?.score ?? null,
    riskLevel: context.risk?.level ?? null,
  },
});

/** Data of the requests for review (R000-73). */
export const review: DataOf = (context) => ({
  riskScore: context.risk?.score ?? null,
  riskFactors: (context.risk?.factors ?? []).map(({ because, points }) => `${because} (${points})`),
  reviewReason: context.assessmentFault ?? (context.risk?.legalReasons.join('; ') || null),
  reviewDeadline: deadline(context),
});

/** Data of `nda_signature_requested` (R000-74). */
export const signing: DataOf = (context) => ({ signingDeadline: deadline(context) });

/** Data of `nda_reminder` (R000-74). */
export const viewing: DataOf = ({ deadlines }) => ({ daysRemaining: Math.round(deadlines.viewedMs / DAY_MS) });

/** Data of `nda_access_failed`. */
export const failure: DataOf = (context, event) => ({ ...term(context, event), reason: faultOf(event) });

/** Data of `manual_signature_required` (R000-84). */
export const byHand: DataOf = (context, event) => ({ documentId: agreementKey(context), reason: faultOf(event) });

/** From when and until when it binds (R000-75). */
export const term: DataOf = ({ effectiveAt, expiresAt }) => ({
  effectiveDate: timestamp(effectiveAt),
  expirationDate: timestamp(expiresAt),
});

/** Data of `nda_expiring_soon`: also how many days before the end it was meant to come (R000-76). */
export const reminder: DataOf = (context, event) => ({
  ...term(context, event),
  daysBeforeEnd: Math.round(((context.expiresAt ?? 0) - (context.remindersAt[0] ?? 0)) / DAY_MS),
});

/** Data of `nda_expired` (R000-74, R000-76). */
export const expired: DataOf = (context) => ({ ...ending(context, {}), accessRevoked: context.effectiveAt !== null });

/** Why it ended (R000-31). */
export const ending: DataOf = ({ reasonCode, reason }) => ({ reasonCode, reason });

const timestamp = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const deadline = ({ deadlineAt }: Context): string | null => timestamp(deadlineAt);
