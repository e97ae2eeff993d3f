/** What has to hold before a production deal moves on, and what is said when it does not. Pure. */
import { assertEvent } from 'xstate';
import { rule } from '../src/engine/authoring.js';
import { toDecimal, toMinor } from './investment.terms.js';
import type {
  CompanyProfile,
  InterestType,
  ProductionContext as Context,
  ProductionEvent as Event,
  ProposalTerms,
  WrittenTerms,
} from './production.types.js';

/** A follow-up meeting is at most this far ahead. */
const LONGEST_ADJOURNMENT_MS = 366 * 86_400_000;

interface Args {
  context: Context;
  event: Event;
}

/** The guards of the machine, by name. */
export const rules = {
  isUnfit: rule(
    ({ context }: Args, { profile }: { profile: CompanyProfile }) =>
      objectionTo(profile, context.maxActiveProjects) !== null || { code: 'COMPANY_FIT' },
  ),
  isStillQualified: rule(
    ({ context, event }: Args) => {
      const objection = objectionTo(event.facts.company, context.maxActiveProjects);
      return objection === null || { code: objection.code.toUpperCase(), message: objection.reason };
    },
    ['company'],
  ),
  isPitchFree: rule(
    ({ event }: Args) => {
      const { isHeld, position } = event.facts.standing;
      return (
        !isHeld || {
          code: 'EXCLUSIVITY_HELD',
          message: `Another company has exclusive negotiation rights; this deal is number ${position} in the line.`,
          data: { position },
        }
      );
    },
    ['standing'],
  ),
  isPitchHeld: rule(({ event }: Args) => event.facts.standing.isHeld || { code: 'PITCH_FREE' }, ['standing']),
  isOwnPitch: rule(({ event }: Args) => event.facts.standing.isMine || { code: 'NOT_THE_HOLDER' }, ['standing']),
  isInProduction: rule(
    ({ event }: Args) => event.facts.standing.isInProduction || { code: 'PITCH_NOT_IN_PRODUCTION' },
    ['standing'],
  ),
  decisionIs: rule(({ event }: Args, { decision }: { decision: string }) => {
    assertEvent(event, ['creator-interest-response', 'proposal-response']);
    return event.decision === decision || { code: 'DECIDED_OTHERWISE', data: { decision: event.decision } };
  }),
  activates: rule(({ event }: Args) => {
    assertEvent(event, 'waitlist-activation');
    return event.activate || { code: 'NOT_ACTIVATED' };
  }),
  outcomeIs: rule(({ event }: Args, { outcome }: { outcome: string }) => {
    assertEvent(event, 'meeting-outcome');
    return event.outcome === outcome || { code: 'DECIDED_OTHERWISE', data: { outcome: event.outcome } };
  }),
  isAdjourned: rule(({ event }: Args) => nextMeetingOf(event) !== null || { code: 'NO_NEXT_MEETING' }),
  isMeetingAhead: rule(({ event }: Args) => {
    const next = nextMeetingOf(event);
    const isAhead = next === null || (next > event.at && next <= event.at + LONGEST_ADJOURNMENT_MS);
    return isAhead || { code: 'MEETING_NOT_AHEAD', message: 'The next meeting must be ahead, within a year.' };
  }),
  isSeriousOffer: rule(({ context, event }: Args) => {
    const terms = offered(context, event);
    const least = context.policy.leastBudgetMinor[context.interestType];
    return (
      terms.budgetMinor >= least || {
        code: 'BUDGET_TOO_LOW',
        message: `For this kind of interest (${context.interestType}) the budget is at least $${toDecimal(least)}.`,
        data: { budget: toDecimal(terms.budgetMinor), least: toDecimal(least) },
      }
    );
  }),
  isVouchedFor: rule(
    ({ context, event }: Args) => {
      const { verifiedAboveMinor: most } = context.policy;
      return (
        most === 0 ||
        offered(context, event).budgetMinor <= most ||
        event.facts.company?.verification === 'verified' || {
          code: 'COMPANY_NOT_VERIFIED',
          message: `Above $${toDecimal(most)} a company has to be verified.`,
          data: { above: toDecimal(most) },
        }
      );
    },
    ['company'],
  ),
  namesRights: rule(({ context, event }: Args) => {
    const missing = context.policy.rightsDetails ? unnamed(offered(context, event), context.interestType) : [];
    return (
      missing.length === 0 || {
        code: 'RIGHTS_NOT_NAMED',
        message: `The terms have to name: ${missing.join(', ')}.`,
        data: { missing },
      }
    );
  }),
  isAccepted: rule(({ event }: Args) => {
    assertEvent(event, 'counter-response');
    return event.accepted || { code: 'NOT_ACCEPTED' };
  }),
  isWaiting: rule(({ context }: Args) => context.waitlistedAt !== null || { code: 'NOT_WAITING' }),
  isApproved: rule(
    ({ event }: Args) =>
      event.facts.openApprovals.length === 0 || {
        code: 'CHECKLIST_OPEN',
        message: 'The contract is not approved by everybody yet.',
        missing: event.facts.openApprovals.map(({ item }) => item),
        clearedBy: event.facts.openApprovals.flatMap(({ clearedBy }) => clearedBy),
      },
    ['openApprovals'],
  ),
  isByPerson: rule(({ event }: Args) => !isProvider(event) || { code: 'NOT_BY_A_PERSON' }),
  isThisEnvelope: rule(({ context, event }: Args) => {
    assertEvent(event, ['contract-signed', 'contract-declined']);
    const envelopeId = event.type === 'contract-signed' ? event.signedDocumentKey : event.envelopeId;
    return (
      (isProvider(event) && envelopeId !== undefined && envelopeId === context.envelopeId) || {
        code: 'OTHER_ENVELOPE',
        data: { awaited: context.envelopeId },
      }
    );
  }),
};

/** What speaks against a company, or null (R000-50). */
export function objectionTo(
  profile: CompanyProfile | null,
  maxActiveProjects: number,
): { code: 'verification_failed' | 'capacity_exceeded'; reason: string } | null {
  if (profile?.verification !== 'verified') return { code: 'verification_failed', reason: 'Company not verified' };
  return profile.activeProjects < maxActiveProjects
    ? null
    : { code: 'capacity_exceeded', reason: 'Company has too many active projects' };
}

/** When the parties meet again, milliseconds; null when no day was named. */
export function nextMeetingOf(event: Event): number | null {
  assertEvent(event, 'meeting-outcome');
  return event.nextMeetingDate === undefined ? null : Date.parse(event.nextMeetingDate);
}

/** The terms as they are after what somebody has written; what he leaves out stays. */
export const revised = (terms: ProposalTerms | null, written: WrittenTerms | null): ProposalTerms => ({
  budgetMinor: written?.budget === undefined ? (terms?.budgetMinor ?? 0) : toMinor(written.budget),
  timeline: written?.timeline ?? terms?.timeline ?? '',
  rightsStructure: written?.rightsStructure ?? terms?.rightsStructure ?? '',
  rightsTerritory: written?.rightsTerritory ?? terms?.rightsTerritory ?? null,
  rightsDurationMonths: written?.rightsDurationMonths ?? terms?.rightsDurationMonths ?? null,
  optionPeriodMonths: written?.optionPeriodMonths ?? terms?.optionPeriodMonths ?? null,
  distributionTerms: written?.distributionTerms ?? terms?.distributionTerms ?? null,
  backendPoints: written?.backendPoints ?? terms?.backendPoints ?? null,
});

/** The terms as an event would leave them: those of a proposal, or those on the table with what the creator wants changed. */
function offered({ terms }: Context, event: Event): ProposalTerms {
  assertEvent(event, ['proposal-submitted', 'proposal-response']);
  return event.type === 'proposal-submitted' ? revised(null, event.terms) : revised(terms, event.counterTerms ?? null);
}

/** What terms leave open that has to be said of rights (R000-63). */
const unnamed = (terms: ProposalTerms, interest: InterestType): string[] =>
  (
    [
      'rightsTerritory',
      'rightsDurationMonths',
      ...(interest === 'option' ? ['optionPeriodMonths' as const] : []),
    ] as const
  ).filter((name) => terms[name] === null);

/** What has to be ticked before the contract is signed, and by whom (R000-60). */
export const approvalsOf = ({ approvals }: Pick<Context, 'approvals'>): { item: string; clearedBy: string[] }[] =>
  approvals.map((approver) => ({ item: `contract_approved_by_${approver}`, clearedBy: [approver] }));

// `system:` is the engine's own; no credential can carry such a user id.
const isProvider = ({ caller }: Event): boolean => caller.id.startsWith('system:');
