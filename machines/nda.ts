/**
 * NDA: somebody asks to see a pitch, his request is assessed, approved by nobody, by the creator or by legal, and signed; while it
 * is in force he has access to what it protects.
 *
 *   DRAFT ─drawn up→ PENDING ─┬─ below 30 ──→ AUTO_APPROVED ──┐
 *                  assessed   ├─ below 70 ──→ CREATOR_REVIEW ─┼─signed→ SIGNED ─access given→ ACTIVE ─time is over→ EXPIRED
 *                             └─ 70 and up ─→ LEGAL_REVIEW ───┤
 *                                                             ├─ no, declined, voided → REJECTED
 *                                                             └─ not signed in time ──→ EXPIRED
 *
 * What an NDA gave is taken back when it ends, whatever ends it: access is revoked, an open envelope is voided.
 * Deadlines and the scorecard are the tenant's at the time the NDA began (R000-71, R000-101).
 */
import { and, assign, setup } from 'xstate';
import { defineLifecycle, durable, effect, type Sender, type Started } from '../src/engine/authoring.js';
import { invariants } from './nda.invariants.js';
import { addMonths } from './calendar.js';
import * as say from './nda.notices.js';
import { agreement, DAY_MS, faultOf, tell, tellBoth } from './nda.notices.js';
import { assess, type RequesterRecord, type Route } from './nda.risk.js';
import { rules, termsOf } from './nda.rules.js';
import type {
  AccessRequest,
  DraftRequest,
  EnvelopeRequest,
  NdaContext as Context,
  NdaDeadlines,
  NdaEvent as Event,
  NdaInput,
  NdaReason,
  Notice,
  SignatureStatus,
} from './nda.types.js';

const BY_OUTBOX = 'the outbox retries and answers';
/** Marks the edges that the product's own diagram does not show (R000-27). */
const EXTENSION = { extension: true } as const;

const lifecycle = setup({
  types: {
    context: {} as Context,
    events: {} as Event,
    input: {} as Started<NdaInput>,
    tags: {} as 'open' | 'won' | 'lost' | 'compensate',
    meta: {} as { noDeadline: string } | { group: true },
    transitionMeta: {} as { label: string } | { extension: true },
  },

  guards: rules,

  actors: {
    drawUp: durable<DraftRequest, null>('nda.draft'),
    lookUp: durable<{ requesterId: string; ndaId: string }, RequesterRecord>('nda.lookUp'),
    sendForSignature: durable<EnvelopeRequest, { envelopeId: string }>('docusign.envelope', {
      compensate: 'docusign.void',
    }),
    giveAccess: durable<AccessRequest, null>('nda.grantAccess', { compensate: 'pitch.revokeAccess' }),
  },

  actions: {
    notify: effect<Notice>('notification.send'),

    awaitUntil: assign({
      deadlineAt: ({ context, event }, { deadline }: { deadline: keyof NdaDeadlines }) =>
        event.at + context.deadlines[deadline],
    }),
    awaitNothing: assign({ deadlineAt: null }),
    close: assign((_, { code, reason }: { code: NdaReason; reason?: string | null | undefined }) => ({
      reasonCode: code,
      reason: reason ?? null,
      deadlineAt: null,
    })),
    record: assign(({ context, event }, { requester }: { requester: RequesterRecord }) => ({
      risk: assess(context.scorecard, termsOf(context), requester, event.at),
      assessmentFault: null,
    })),
    recordFault: assign(({ event }) => ({ assessmentFault: `It could not be assessed: ${faultOf(event)}` })),
    approve: assign(({ event }, { by, notes }: { by: string; notes: string | null }) => ({
      approval: { by, notes, at: event.at },
    })),
    modify: assign({
      customTerms: ({ context, event }) => ({
        ...context.customTerms,
        ...(event.type === 'legal-review' ? event.modifiedTerms : {}),
      }),
    }),
    hear: assign(({ context, event }) =>
      event.type === 'signature-status'
        ? { envelopeId: event.envelopeId, signature: furthest(context.signature, event.status) }
        : {},
    ),
    putInForce: assign(({ context, event }) => {
      const effectiveAt = context.effectiveAt ?? signedAtOf(event, context.at);
      const expiresAt = addMonths(effectiveAt, context.durationMonths);
      return { effectiveAt, expiresAt, deadlineAt: expiresAt, remindersAt: remindersAt(context, expiresAt, event.at) };
    }),
    remind: assign({ remindersAt: ({ context }) => context.remindersAt.slice(1) }),
  },

  delays: {
    CREATOR_REVIEW: ({ context }) => context.deadlines.creatorReviewMs,
    LEGAL_REVIEW: ({ context }) => context.deadlines.legalReviewMs,
    SIGNATURE: ({ context }) => context.deadlines.signatureMs,
    VIEWED: ({ context }) => context.deadlines.viewedMs,
    ACCESS_RETRY: ({ context }) => context.deadlines.accessRetryMs,
    NEXT_DATE: ({ context: { remindersAt, expiresAt }, event }) =>
      Math.max(0, (remindersAt[0] ?? expiresAt ?? event.at) - event.at),
  },
});

/** Waits for a decision that did not come. */
const undecided = (reason: string) =>
  ({
    target: '#nda.REJECTED',
    actions: [
      { type: 'close', params: { code: 'review_timeout', reason } },
      tell('requester', 'nda_rejected', say.ending),
    ],
  }) as const;

const APPROVED_BY_LEGAL = {
  type: 'approve',
  params: ({ event }: { event: { caller: Sender; notes?: string } }) => ({
    by: event.caller.id,
    notes: event.notes ?? null,
  }),
} as const;

/** What the drawing calls each way through approval; the scorecard says where each begins. */
const ROUTE_LABELS: Readonly<Record<Route, string>> = {
  AUTO_APPROVED: 'low risk',
  CREATOR_REVIEW: 'medium risk',
  LEGAL_REVIEW: 'for legal',
};

/** The record leads to this way through approval. */
const routed = (route: Route) =>
  ({
    guard: {
      type: 'isRouted',
      params: ({ event }: { event: { output: RequesterRecord } }) => ({ requester: event.output, route }),
    },
    target: `#nda.APPROVAL.${route}`,
    actions: {
      type: 'record',
      params: ({ event }: { event: { output: RequesterRecord } }) => ({ requester: event.output }),
    },
    meta: { label: ROUTE_LABELS[route] },
  }) as const;

/** The requester does not sign, or the envelope was called back. */
const refusedBy = <Code extends 'declined' | 'voided'>(code: Code) =>
  ({
    target: '#nda.REJECTED',
    actions: [
      'hear',
      { type: 'close', params: ({ event }: SignatureNews) => ({ code, reason: event.declinedReason }) },
      tell('creator', 'nda_declined', say.ending),
    ],
    meta: { label: code, ...EXTENSION },
  }) as const;

/** How the provider's messages end the wait for a signature (R000-74). @param isOurs what tells that the envelope is ours */
const ends = (isOurs: 'isThisEnvelope' | 'isNewEnvelope') =>
  [
    { guard: says('completed', isOurs), target: '#nda.SIGNED', actions: 'hear', meta: { label: 'completed' } },
    { guard: says('declined', isOurs), ...refusedBy('declined') },
    { guard: says('voided', isOurs), ...refusedBy('voided') },
  ] as const;

/** Messages about an envelope whose sending we have not been told of, or were told had failed. */
const EARLY_NEWS = [
  ...ends('isNewEnvelope'),
  { guard: says('delivered', 'isNewEnvelope'), target: 'viewed', actions: 'hear', meta: { label: 'delivered' } },
  { guard: says('sent', 'isNewEnvelope'), target: 'awaitingSignature', actions: 'hear', meta: { label: 'sent' } },
] as const;

/** Messages about the envelope that is out. */
const NEWS = [
  ...ends('isThisEnvelope'),
  { guard: says('delivered', 'isThisEnvelope'), target: 'viewed', actions: 'hear', meta: { label: 'delivered' } },
  { guard: says('sent', 'isThisEnvelope'), actions: 'hear' },
] as const;

/** Messages once it has been opened: that it was sent may be told late, that it was opened again. */
const VIEWED_NEWS = [...ends('isThisEnvelope'), { guard: 'isThisEnvelope', actions: 'hear' }] as const;

/** What the provider tells late, or again, of what has been signed. */
const LATE_NEWS = { guard: and(['isThisEnvelope', 'isOpenNews']), actions: 'hear' } as const;

/**
 * The next date of an NDA in force: a reminder as long as there are some, then its end (R000-76). One timer for all of them, so that
 * each comes once and in its order, also when nobody was there to see the dates pass.
 */
const NEXT_DATE = [
  {
    guard: 'isReminderAhead',
    target: '#nda.ACTIVE.expiringSoon',
    reenter: true,
    actions: [tell('requester', 'nda_expiring_soon', say.reminder), 'remind'],
    meta: { label: 'a reminder is due' },
  },
  {
    guard: 'offersRenewal',
    target: '#nda.EXPIRED',
    actions: [...tellBoth('nda_expired', say.expired), tell('requester', 'nda_renewal_offer', say.term)],
    meta: { label: 'time is over, renewal offered' },
  },
  { target: '#nda.EXPIRED', actions: tellBoth('nda_expired', say.expired), meta: { label: 'time is over' } },
] as const;

const MISSED = {
  target: '#nda.EXPIRED',
  actions: [{ type: 'close', params: { code: 'signature_deadline_missed' } }, ...tellBoth('nda_expired', say.expired)],
  meta: EXTENSION,
} as const;

/** What may happen to an NDA, and when not. */
export const ndaMachine = lifecycle.createMachine({
  id: 'nda',
  context: ({ input }) => ({
    ...input,
    risk: null,
    assessmentFault: null,
    approval: null,
    envelopeId: null,
    signature: null,
    deadlineAt: null,
    effectiveAt: null,
    expiresAt: null,
    remindersAt: [],
    reasonCode: null,
    reason: null,
  }),
  initial: 'DRAFT',
  states: {
    DRAFT: {
      description: 'The agreement is drawn up as it was asked for, for reviewers to read.',
      tags: 'open',
      meta: { noDeadline: BY_OUTBOX },
      invoke: {
        id: 'draft',
        src: 'drawUp',
        input: ({ context }) => ({ ndaId: context.ndaId, document: agreement(context) }),
        onDone: 'PENDING',
        // A draft that cannot be kept holds up nobody: what is signed is drawn up anew.
        onError: 'PENDING',
      },
    },

    PENDING: {
      description: 'What is known of the requester is looked up, and the risk is assessed.',
      tags: 'open',
      meta: { noDeadline: BY_OUTBOX },
      invoke: {
        id: 'assessment',
        src: 'lookUp',
        input: ({ context }) => ({ requesterId: context.requesterId, ndaId: context.ndaId }),
        onDone: [routed('AUTO_APPROVED'), routed('CREATOR_REVIEW'), routed('LEGAL_REVIEW')],
        // What cannot be assessed is for people to judge.
        onError: { target: '#nda.APPROVAL.LEGAL_REVIEW', actions: 'recordFault' },
      },
    },

    APPROVAL: {
      description: 'Somebody or nobody has to approve; then the requester signs.',
      meta: { group: true },
      initial: 'CREATOR_REVIEW',
      states: {
        AUTO_APPROVED: {
          description: 'The risk is low: nobody has to decide.',
          tags: 'open',
          initial: 'sending',
          entry: { type: 'approve', params: { by: 'policy', notes: null } },
          states: signing(),
        },

        CREATOR_REVIEW: {
          description: 'The risk is medium: the creator decides.',
          tags: 'open',
          initial: 'awaitingDecision',
          states: {
            awaitingDecision: {
              description: 'The creator approves or rejects.',
              entry: [awaitUntil('creatorReviewMs'), tell('creator', 'nda_creator_review_required', say.review)],
              on: {
                'creator-nda-review': [
                  {
                    guard: { type: 'decisionIs', params: { decision: 'approve' } },
                    target: 'sending',
                    actions: {
                      type: 'approve',
                      params: ({ event }) => ({ by: event.caller.id, notes: event.message ?? null }),
                    },
                    meta: { label: 'approve' },
                  },
                  {
                    guard: { type: 'decisionIs', params: { decision: 'reject' } },
                    target: '#nda.REJECTED',
                    actions: [
                      {
                        type: 'close',
                        params: ({ event }) => ({ code: 'rejected_by_creator', reason: event.message }),
                      },
                      tell('requester', 'nda_rejected', say.ending),
                    ],
                    meta: { label: 'reject' },
                  },
                ],
              },
              after: { CREATOR_REVIEW: undecided('The creator did not decide in time') },
            },
            ...signing(),
          },
        },

        LEGAL_REVIEW: {
          description: 'The risk is high, or could not be assessed: legal decides.',
          tags: 'open',
          initial: 'awaitingDecision',
          states: {
            awaitingDecision: {
              description: 'Legal approves, rejects, or approves with other terms.',
              entry: [awaitUntil('legalReviewMs'), tell('legal-team', 'nda_legal_review_required', say.review)],
              on: {
                'legal-review': [
                  {
                    guard: and([{ type: 'decisionIs', params: { decision: 'approve' } }, 'isOwnReview']),
                    target: 'sending',
                    actions: APPROVED_BY_LEGAL,
                    meta: { label: 'approve' },
                  },
                  {
                    guard: and([{ type: 'decisionIs', params: { decision: 'modify' } }, 'isOwnReview']),
                    target: 'sending',
                    actions: ['modify', APPROVED_BY_LEGAL],
                    meta: { label: 'modify' },
                  },
                  {
                    guard: and([{ type: 'decisionIs', params: { decision: 'reject' } }, 'isOwnReview']),
                    target: '#nda.REJECTED',
                    actions: [
                      { type: 'close', params: ({ event }) => ({ code: 'rejected_by_legal', reason: event.notes }) },
                      tell('requester', 'nda_rejected', say.ending),
                    ],
                    meta: { label: 'reject' },
                  },
                ],
              },
              after: { LEGAL_REVIEW: undecided('Legal did not decide in time') },
            },
            ...signing(),
          },
        },
      },
    },

    SIGNED: {
      description: 'Signed and binding; access is being given.',
      tags: 'open',
      meta: { noDeadline: BY_OUTBOX },
      entry: 'putInForce',
      initial: 'givingAccess',
      states: {
        givingAccess: {
          description: 'The requester is let in.',
          invoke: {
            id: 'access',
            src: 'giveAccess',
            input: ({ context: { requesterId, pitchId, ndaId, expiresAt } }) => ({
              userId: requesterId,
              pitchId,
              dealId: ndaId,
              expiresAt,
            }),
            onDone: '#nda.ACTIVE',
            onError: { target: 'withoutAccess', actions: tell('legal-team', 'nda_access_failed', say.failure) },
          },
        },
        withoutAccess: {
          description: 'Could not be let in; it is tried again.',
          after: { ACCESS_RETRY: 'givingAccess' },
        },
      },
      on: { 'signature-status': LATE_NEWS },
    },

    ACTIVE: {
      description: 'In force: the requester has access until the end.',
      tags: ['open', 'won'],
      entry: [
        'putInForce',
        ...tellBoth('nda_executed', say.term),
        // The creator's copy in the words of the product (R000-87).
        tell('creator', 'nda_signed', say.term),
      ],
      initial: 'inForce',
      states: {
        inForce: {
          description: 'Long before the end.',
          after: { NEXT_DATE },
        },
        expiringSoon: {
          description: 'The requester knows that it ends soon, and is reminded of it.',
          after: { NEXT_DATE },
        },
      },
      on: { 'signature-status': LATE_NEWS },
    },

    EXPIRED: {
      description: 'Its time is over, or it was not signed in time. Access is revoked, an open envelope voided.',
      type: 'final',
      tags: 'compensate',
    },
    REJECTED: {
      description: 'Not approved, or not signed. Access is revoked, an open envelope voided.',
      type: 'final',
      tags: ['lost', 'compensate'],
    },
  },
});

/** The NDA lifecycle, and who may send what. */
export const nda = defineLifecycle({
  name: 'nda',
  version: 1,
  title: 'Non-disclosure agreement',
  machine: ndaMachine,
  invariants,
  // What is known of the requester is nothing that he, or the creator before he has to decide, should read here.
  confidential: ['risk', 'scorecard', 'assessmentFault'],
  compensatedEvent: 'nda.settled',
  events: {
    'creator-nda-review': { from: ['creator'], label: 'Review the NDA' },
    'legal-review': { from: ['legal', 'admin'], label: 'Review the NDA for legal' },
    'signature-status': { from: ['webhook:docusign'], label: 'Signature' },
    'manual-signature-complete': { from: ['legal', 'admin'], label: 'Record a signature' },
  },
});

/** The way from an approval to the signature, the same in each (R000-66, R000-74). */
function signing() {
  return {
    sending: lifecycle.createStateConfig({
      description: 'The envelope is on its way.',
      meta: { noDeadline: BY_OUTBOX },
      entry: 'awaitNothing',
      invoke: {
        id: 'envelope',
        src: 'sendForSignature',
        input: ({ context }) => ({ dealId: context.ndaId, purpose: 'nda', documents: [agreement(context)] }),
        onDone: {
          target: 'awaitingSignature',
          actions: assign({ envelopeId: ({ event }) => event.output.envelopeId }),
        },
        onError: { target: 'manual', actions: tell('legal-team', 'manual_signature_required', say.byHand) },
      },
      // The provider's message may overtake its answer to us.
      on: { 'signature-status': EARLY_NEWS },
    }),
    awaitingSignature: lifecycle.createStateConfig({
      description: 'The requester is asked to sign.',
      entry: [
        awaitUntil('signatureMs'),
        tell('requester', 'nda_signature_requested', say.signing),
        tell('creator', 'nda_sent_for_signature', say.signing),
      ],
      on: { 'signature-status': NEWS },
      after: { SIGNATURE: MISSED },
    }),
    viewed: lifecycle.createStateConfig({
      description: 'The requester has opened the document, and is reminded to sign it.',
      entry: [awaitUntil('viewedMs'), tell('requester', 'nda_reminder', say.viewing)],
      on: { 'signature-status': VIEWED_NEWS },
      after: { VIEWED: MISSED },
    }),
    manual: lifecycle.createStateConfig({
      description: 'Could not be sent: legal collects the signature.',
      entry: awaitUntil('signatureMs'),
      on: {
        'manual-signature-complete': '#nda.SIGNED',
        // It may have been sent all the same, and only the answer was lost.
        'signature-status': EARLY_NEWS,
      },
      after: { SIGNATURE: MISSED },
    }),
  };
}

interface SignatureNews {
  event: { declinedReason?: string };
}

function says(status: SignatureStatus, isOurs: 'isThisEnvelope' | 'isNewEnvelope') {
  return and([isOurs, { type: 'statusIs', params: { status } }]);
}

function awaitUntil(deadline: keyof NdaDeadlines) {
  return { type: 'awaitUntil', params: { deadline } } as const;
}

const PROGRESS: readonly (SignatureStatus | null)[] = [null, 'sent', 'delivered', 'completed', 'declined', 'voided'];

/** Messages come in any order; what came later stays. */
const furthest = (before: SignatureStatus | null, now: SignatureStatus): SignatureStatus =>
  before !== null && PROGRESS.indexOf(before) > PROGRESS.indexOf(now) ? before : now;

/** When it was signed: as the provider says, unless that lies outside the life of the NDA (R000-75). */
function signedAtOf(event: Event, begunAt: number): number {
  const signedAt = 'signedAt' in event && event.signedAt !== undefined ? Date.parse(event.signedAt) : NaN;
  return signedAt >= begunAt && signedAt <= event.at ? signedAt : event.at;
}

/** The reminders that are ahead: one that would have come before it was in force has nothing to remind of. */
const remindersAt = ({ expiryReminderDays }: Context, expiresAt: number, at: number): number[] =>
  [...expiryReminderDays]
    .sort((some, other) => other - some)
    .map((days) => expiresAt - days * DAY_MS)
    .filter((moment) => moment > at);
