/** Whom a production deal tells what, in which words (R000-50 to R000-62). Pure. */
import { faultOf } from './investment.notices.js';
import { toDecimal, toTimestamp } from './investment.terms.js';
import type { Notice, Party, ProductionContext as Context } from './production.types.js';

type DataOf = (context: Context, event: object) => Notice['data'];
interface Args {
  context: Context;
  event: object;
}

/** The action that tells somebody something. */
export function tell(to: Notice['to'], template: Notice['template'], data: DataOf = () => ({})) {
  const params = ({ context, event }: Args): Notice => ({ to, template, data: data(context, event) });
  return { type: 'notify', params } as const;
}

/** The actions that tell both parties the same. */
export const tellBoth = (template: Notice['template'], data?: DataOf) =>
  [tell('company', template, data), tell('creator', template, data)] as const;

/** The action that tells the creator of a new interest; it is less urgent while another company has the pitch (R000-50). */
export function tellOfInterest(isWaitlisted: boolean) {
  const params = ({ context }: Args): Notice => ({
    to: 'creator',
    template: 'production_interest',
    data: {
      interestType: context.interestType,
      message: context.message,
      proposedBudget: context.proposedBudgetMinor === null ? null : toDecimal(context.proposedBudgetMinor),
      proposedTimeline: context.proposedTimeline,
      isWaitlisted,
    },
    ...(isWaitlisted ? { priority: 'normal' as const } : {}),
  });
  return { type: 'notify', params } as const;
}

/** The action that tells a party what the other has decided. */
export function tellTheOther(template: Notice['template'], data: DataOf = () => ({})) {
  const params = ({ context, event }: Args): Notice => ({
    to: otherThan(senderOf(context, event)),
    template,
    data: data(context, event),
  });
  return { type: 'notify', params } as const;
}

/** The action that asks legal to collect signatures, because the contract could not be drawn up or sent (R000-84). */
export const askLegalToCollect = () =>
  tell('legal-team', 'manual_signature_required', (context, event) => ({
    documentId: contractKey(context),
    reason: faultOf(event),
  }));

/** Where the proposal is kept (R000-54). */
export const proposalKey = ({ dealId }: Context): string => `proposals/${dealId}/proposal.json`;

/** Where the contract is kept (R000-60). */
export const contractKey = ({ dealId }: Context): string => `contracts/${dealId}/production-agreement.json`;

/** Data of `production_waitlisted` (R000-57). */
export const place: DataOf = ({ position }) => ({ position });

/** Data of `meeting_scheduled` (R000-52). */
export const meeting: DataOf = (_, event) => ({
  proposedTimes: textsOf(event, 'preferredMeetingTimes'),
  meetingLink: textOf(event, 'meetingLink'),
  message: textOf(event, 'message'),
});

/** Data of `meeting_scheduled` after a meeting that led to another (R000-53). */
export const nextMeeting: DataOf = ({ meetings, deadlineAt }) => ({
  proposedTimes: deadlineAt === null ? [] : [toTimestamp(deadlineAt)],
  meetingLink: null,
  message: meetings.at(-1)?.notes ?? null,
});

/** Data of messages that ask for something in time. */
export const dueBy =
  (name: string): DataOf =>
  ({ deadlineAt }) => ({ [name]: deadlineAt === null ? null : toTimestamp(deadlineAt) });

/** Data of `proposal_ready_for_review` (R000-54). */
export const proposal: DataOf = (context, event) => ({
  ...dueBy('reviewDeadline')(context, event),
  proposalDocumentKey: context.proposalDocumentKey,
  budget: context.terms === null ? null : toDecimal(context.terms.budgetMinor),
  timeline: context.terms?.timeline ?? null,
});

/** Data of `counter_proposal` (R000-55). */
export const counter: DataOf = ({ counterTerms, deadlineAt }, event) => ({
  ...counterTerms,
  message: textOf(event, 'message'),
  deadline: deadlineAt === null ? null : toTimestamp(deadlineAt),
});

/** Data of `exclusivity_granted`. */
export const exclusivity: DataOf = ({ exclusiveUntil }) => ({
  exclusiveUntil: exclusiveUntil === null ? null : toTimestamp(exclusiveUntil),
});

/** Data of `contract_ready` (R000-60). */
export const contract: DataOf = (context, event) => ({
  contractKey: contractKey(context),
  ...dueBy('signingDeadline')(context, event),
  approvals: context.approvals,
});

/** Why a deal ended. */
export const ending: DataOf = ({ reasonCode, reason }) => ({ reasonCode, reason });

/** The party that sent an event. */
export const senderOf = ({ creatorId }: Context, event: object): Party => {
  const caller = field(event, 'caller');
  const isCreator = typeof caller === 'object' && caller !== null && field(caller, 'id') === creatorId;
  return isCreator ? 'creator' : 'company';
};

const otherThan = (party: Party): Party => (party === 'creator' ? 'company' : 'creator');

// Actions are told events of every kind; what one does not have is null.
const field = (event: object, name: string): unknown => Object.entries(event).find(([key]) => key === name)?.[1];
const textOf = (event: object, name: string): string | null => {
  const value = field(event, name);
  return typeof value === 'string' ? value : null;
};
const textsOf = (event: object, name: string): string[] => {
  const value = field(event, name);
  return Array.isArray(value) ? value.map(String) : [];
};
