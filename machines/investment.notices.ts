/** Whom an investment tells what, in which words (R000-29 to R000-44). Pure. */
import { agreed } from './investment.rules.js';
import { toDecimal, toTimestamp } from './investment.terms.js';
import type { EnvelopeRequest, InvestmentContext as Context, Notice } from './investment.types.js';

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

/** The actions that tell both parties the same. */
export const tellBoth = (template: Notice['template'], data?: DataOf) =>
  [tell('investor', template, data), tell('creator', template, data)] as const;

/** The action that asks legal to collect signatures because an envelope could not be sent (R000-84). */
export const askLegalToCollect = (documentId: (context: Context) => string) =>
  tell('legal-team', 'manual_signature_required', (context, event) => ({
    documentId: documentId(context),
    reason: faultOf(event),
  }));

/** Why work in the world failed, from the event that says so. */
export function faultOf(event: object): string {
  const error: unknown = 'error' in event ? event.error : undefined;
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown';
}

/** Where the term sheet is kept (R000-35). */
export const termSheetKey = ({ dealId }: Context): string => `term-sheets/${dealId}.json`;

/** What both parties sign at the end (R000-42). */
export const closingDocuments = ({ dealId, terms }: Context): EnvelopeRequest['documents'] => [
  { key: `closing/${dealId}/investmentAgreement.pdf`, title: 'Investment agreement', terms },
  { key: `closing/${dealId}/sharesCertificate.pdf`, title: 'Shares certificate', terms },
  { key: `closing/${dealId}/taxForms.pdf`, title: 'Tax forms (W-9 or W-8BEN)', terms: null },
];

/** The amount agreed on, or else offered. */
export const amount: DataOf = (context) => ({ amount: toDecimal(agreed(context)) });

/** Data of `investment_approved` (R000-32). */
export const approval: DataOf = ({ offerMinor }) => ({
  amount: toDecimal(offerMinor),
  nextSteps: 'Both parties sign the term sheet.',
});

/** Data of `counter_offer`: the amount before and the amount now (R000-33). */
export const lastCounter: DataOf = ({ amountMinor, counterOffers }) => {
  const [counter, before] = counterOffers.toReversed();
  return {
    originalAmount: toDecimal(before?.amountMinor ?? amountMinor),
    counterAmount: toDecimal(counter?.amountMinor ?? amountMinor),
    message: counter?.message ?? null,
  };
};

/** Data of `term_sheet_ready` (R000-35). */
export const review: DataOf = (context) => ({
  documentKey: termSheetKey(context),
  reviewDeadline: deadline(context),
});

/** Data of `final_commitment_request` (R000-39). */
export const commitment: DataOf = (context) => ({ amount: toDecimal(agreed(context)), deadline: deadline(context) });

/** Data of `escrow_deposit_request` (R000-40). */
export const deposit: DataOf = (context) => ({
  escrowId: `escrow_${context.dealId}`,
  amount: toDecimal(agreed(context)),
  deadline: deadline(context),
});

/** Data of `closing_documents_ready` (R000-42). */
export const documents: DataOf = (context) => ({ documents: closingDocuments(context).map(({ key }) => key) });

/** Why a deal ended (R000-31). */
export const ending: DataOf = ({ reasonCode, reason }) => ({ reasonCode, reason });

const deadline = ({ deadlineAt }: Context): string | null => (deadlineAt === null ? null : toTimestamp(deadlineAt));
