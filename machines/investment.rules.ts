/** What has to hold before an investment moves on, and what is said when it does not. Pure. */
import { assertEvent } from 'xstate';
import { rule } from '../src/engine/authoring.js';
import { CURRENCY, MAX_CHARGE_MINOR, toMinor } from './investment.terms.js';
import type {
  DiligenceFindings,
  InvestmentContext as Context,
  InvestmentEvent as Event,
  InvestorProfile,
  Party,
} from './investment.types.js';

/** Declined payments before the deal fails (R000-41). */
const MAX_FAILED_PAYMENTS = 3;
const COUNTERS = ['creator-decision', 'investor-counter-response'] as const;
const SIGNATURES = ['term-sheet-signed', 'closing-documents-signed', 'manual-signature-complete'] as const;
const PAYMENT_NEWS = ['escrow-confirmed', 'payment-failed', 'escrow-canceled', 'funds-captured'] as const;

interface Args {
  context: Context;
  event: Event;
}

/** The guards of the machine, by name. */
export const rules = {
  isQualified: rule(({ context }: Args, { profile }: { profile: InvestorProfile }) => {
    const objection = objectionTo(profile, context.offerMinor);
    return objection === null || { code: objection.code, message: objection.reason, data: profile };
  }),
  decisionIs: rule(({ event }: Args, { decision }: { decision: string }) => {
    assertEvent(event, 'creator-decision');
    return event.decision === decision || { code: 'DECIDED_OTHERWISE', data: { decision: event.decision } };
  }),
  answerIs: rule(({ event }: Args, { answer }: { answer: string }) => {
    assertEvent(event, 'investor-counter-response');
    const given = event.accepted ? 'accept' : event.counterAmount === undefined ? 'decline' : 'counter';
    return given === answer || { code: 'ANSWERED_OTHERWISE', data: { answer: given } };
  }),
  roundsLeft: rule(
    ({ context: { counterOffers, maxCounterOffers } }: Args) =>
      counterOffers.length < maxCounterOffers || {
        code: 'TOO_MANY_COUNTER_OFFERS',
        data: { most: maxCounterOffers },
      },
  ),
  isWithinLimit: rule(({ context: { limitLeftMinor }, event }: Args) => {
    const { amountMinor } = counterOf(event);
    return (
      limitLeftMinor === null ||
      amountMinor <= limitLeftMinor || {
        code: 'INVESTMENT_LIMIT_EXCEEDED',
        message: 'This is more than the investor may still invest.',
      }
    );
  }),
  declinesTerms: rule(({ event }: Args) => {
    assertEvent(event, 'term-sheet-response');
    return !event.accepted || { code: 'SIGNATURE_NEEDED', message: 'Terms are accepted by signing them.' };
  }),
  isSignatureOf: rule(({ event }: Args, { party }: { party: Party }) => {
    assertEvent(event, SIGNATURES);
    // Only refused as a whole when no signature of that party is open any more.
    return (
      event.party === party || { code: 'ALREADY_SIGNED', message: `No signature of the ${event.party} is awaited.` }
    );
  }),
  isGenuine: rule(({ context, event }: Args) => {
    assertEvent(event, SIGNATURES);
    const signer = event.party === 'investor' ? context.investorId : context.creatorId;
    if (isProvider(event))
      return (
        event.signedDocumentKey === context.envelopeId || {
          code: 'OTHER_ENVELOPE',
          data: { awaited: context.envelopeId },
        }
      );
    const isOwn = event.type === 'manual-signature-complete' || event.caller.id === signer;
    return isOwn || { code: 'SIGNED_FOR_ANOTHER', message: 'Each party signs for itself.' };
  }),
  passesDiligence: rule((_: Args, { findings }: { findings: DiligenceFindings }) => {
    const failed = failedChecks(findings);
    return failed.length === 0 || { code: 'DILIGENCE_CHECK_FAILED', data: failed };
  }),
  isChecklistDone: rule(
    ({ event }: Args) =>
      event.facts.openItems.length === 0 || {
        code: 'CHECKLIST_OPEN',
        message: 'The due-diligence checklist has open items.',
        missing: event.facts.openItems.map(({ item }) => item),
        clearedBy: event.facts.openItems.flatMap(({ clearedBy }) => clearedBy),
      },
    ['openItems'],
  ),
  isConfirmed: rule(({ event }: Args) => {
    assertEvent(event, 'commitment-confirmed');
    return event.confirmed || { code: 'NOT_CONFIRMED' };
  }),
  isPitchFree: rule(
    ({ event }: Args) =>
      event.facts.rivalDeals.length === 0 || {
        code: 'PITCH_TAKEN',
        message: 'Another deal of this pitch has reached ESCROW.',
      },
    ['rivalDeals'],
  ),
  fitsOneCharge: rule(({ context }: Args) => !isWired(context) || { code: 'ABOVE_ONE_CHARGE' }),
  isConfirmedByProvider: rule(
    ({ event }: Args) =>
      isProvider(event) || { code: 'PROVIDER_CONFIRMS', message: 'A card payment is confirmed by the provider.' },
  ),
  isThisPayment: rule(({ context, event }: Args) => {
    return (
      transactionOf(event) === context.transactionId || {
        code: 'OTHER_TRANSACTION',
        data: { awaited: context.transactionId },
      }
    );
  }),
  isAbandonedPayment: rule(({ context, event }: Args) => {
    return context.abandonedTransactions.includes(transactionOf(event)) || { code: 'UNKNOWN_TRANSACTION' };
  }),
  isPaidInFull: rule(({ context, event }: Args) => {
    assertEvent(event, 'escrow-confirmed');
    // A provider says which currency it means; a person who confirms a wire means ours.
    const { amount, amountMinor, currency = isProvider(event) ? 'unknown' : CURRENCY } = event;
    const paidMinor = amountMinor ?? (amount === undefined ? 0 : toMinor(amount));
    const isRight = paidMinor === agreed(context) && currency === CURRENCY;
    return isRight || { code: 'AMOUNT_MISMATCH', data: { paidMinor, agreedMinor: agreed(context), currency } };
  }),
  hasAttemptsLeft: rule(
    ({ context }: Args) => context.failedPayments + 1 < MAX_FAILED_PAYMENTS || { code: 'PAYMENT_ATTEMPTS_USED_UP' },
  ),
  capturesEarly: rule(({ context }: Args) => context.captureOn === 'closing' || { code: 'CAPTURE_AT_FUNDED' }),
  isCaptured: rule(({ context }: Args) => context.captured || { code: 'NOT_CAPTURED' }),
  isReturnable: rule(({ context }: Args) => context.returnable || { code: 'NOT_RETURNABLE' }),
  isFullTransfer: rule(({ context, event }: Args) => {
    assertEvent(event, 'transfer-complete');
    const isRight = event.amountMinor === agreed(context) && event.currency === CURRENCY;
    return (
      isRight || {
        code: 'AMOUNT_MISMATCH',
        data: { transferredMinor: event.amountMinor, agreedMinor: agreed(context) },
      }
    );
  }),
};

/** What speaks against the investor, or null (R000-30). */
export function objectionTo(
  { accreditation, limitMinor, investedThisYearMinor }: InvestorProfile,
  offerMinor: number,
): { code: string; reason: string } | null {
  if (accreditation !== 'verified') return { code: 'QUALIFICATION_NOT_VERIFIED', reason: 'Accreditation not verified' };
  const isAbove = limitMinor !== null && investedThisYearMinor + offerMinor > limitMinor;
  return isAbove ? { code: 'INVESTMENT_LIMIT_EXCEEDED', reason: 'Investment limit exceeded' } : null;
}

/** Names of the automatic checks that did not hold (R000-37). */
export const failedChecks = (findings: DiligenceFindings): string[] =>
  Object.entries(findings).flatMap(([check, holds]) => (holds ? [] : [check]));

/** What the investor may still invest, cents; null without limit. */
export const limitLeft = ({ limitMinor, investedThisYearMinor }: InvestorProfile): number | null =>
  limitMinor === null ? null : limitMinor - investedThisYearMinor;

/** The counter-offer in an event, cents; 0 when it carries none. */
export function counterOf(event: Event): { amountMinor: number; message: string | null } {
  assertEvent(event, COUNTERS);
  const { counterAmount, message = null } = event;
  return { amountMinor: counterAmount === undefined ? 0 : toMinor(counterAmount), message };
}

/** The payment an event of the provider speaks of. */
export function transactionOf(event: Event): string {
  assertEvent(event, PAYMENT_NEWS);
  return event.transactionId;
}

/** The agreed amount, cents; the offer as long as nothing is agreed. */
export const agreed = ({ agreedMinor, offerMinor }: Context): number => agreedMinor ?? offerMinor;

/** Whether the amount is too large for a charge and comes by wire (R000-47). */
export const isWired = (context: Context): boolean => agreed(context) > MAX_CHARGE_MINOR;

// `system:` is the engine's own; no credential can carry such a user id.
const isProvider = ({ caller }: Event): boolean => caller.id.startsWith('system:');
