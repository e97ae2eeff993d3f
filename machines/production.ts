/**
 * Production: a company is interested in a pitch, meets its creator, proposes, negotiates alone, signs, and produces.
 *
 *   INTEREST ─creator interested→ MEETING ─proceed→ PROPOSAL ─accepted, countered→ NEGOTIATION ─agreed→ CONTRACT
 *      │ another has the pitch      ↑                  ↑                               │                   │ signed
 *      ↓                            │                  └──────exclusivity lapsed───────┘                   ↓
 *   WAITLISTED ────its turn─────────┘                                              COMPLETED ←─done── PRODUCTION
 *
 *   REJECTED  not qualified, declined, passed on, refused, or the pitch is produced by another      EXPIRED  nobody answered in time
 *
 * From NEGOTIATION on a company has the pitch to itself (R000-55 to R000-59). Who has it and who waits in which order is kept beside
 * the instances and told to guards as `standing`; the transition that ends one company's time chooses the next in the same transaction,
 * and the next hears of it as `exclusivity-available`. Deadlines are the tenant's at the time the deal began (R000-101).
 */
import { and, assertEvent, assign, not, or, setup } from 'xstate';
import { defineLifecycle, durable, effect, type Started } from '../src/engine/authoring.js';
import { invariants } from './production.invariants.js';
import { faultOf } from './investment.notices.js';
import * as say from './production.notices.js';
import {
  askLegalToCollect,
  contractKey,
  proposalKey,
  tell,
  tellBoth,
  tellOfInterest,
  tellTheOther,
} from './production.notices.js';
import { nextMeetingOf, objectionTo, revised, rules } from './production.rules.js';
import type {
  CompanyProfile,
  ContractOrder,
  Notice,
  ProductionContext as Context,
  ProductionDeadlines,
  ProductionEvent as Event,
  ProductionInput,
  ProposalRecord,
  ReasonCode,
} from './production.types.js';

const BY_OUTBOX = 'the outbox retries and answers';
/** Marks the edges that the product's own diagram does not show. */
const EXTENSION = { extension: true } as const;

const lifecycle = setup({
  types: {
    context: {} as Context,
    events: {} as Event,
    input: {} as Started<ProductionInput>,
    tags: {} as 'open' | 'exclusive' | 'won' | 'lost' | 'compensate',
    meta: {} as { noDeadline: string },
    transitionMeta: {} as { label: string } | { extension: true },
  },

  guards: rules,

  actors: {
    verify: durable<{ companyId: string }, CompanyProfile>('production.verify'),
    drawUpContract: durable<ContractOrder, null>('production.contract'),
    sendForSignature: durable<ContractOrder, { envelopeId: string }>('docusign.envelope', {
      compensate: 'docusign.void',
    }),
  },

  actions: {
    notify: effect<Notice>('notification.send'),
    keepProposal: effect<ProposalRecord>('production.keepProposal'),
    grantAccess: effect<{ userId: string; pitchId: string; dealId: string }>('production.grantAccess', {
      compensate: 'pitch.revokeAccess',
    }),

    awaitUntil: assign({
      deadlineAt: ({ context, event }, { deadline }: { deadline: keyof ProductionDeadlines }) =>
        event.at + context.deadlines[deadline],
    }),
    awaitNothing: assign({ deadlineAt: null }),
    close: assign((_, { code, reason }: { code: ReasonCode; reason?: string | null | undefined }) => ({
      reasonCode: code,
      reason: reason ?? null,
      deadlineAt: null,
      waitlistedAt: null,
      exclusiveUntil: null,
    })),
    joinLine: assign(({ context, event }) => ({
      waitlistedAt: context.waitlistedAt ?? event.at,
      position: event.facts.standing.position,
    })),
    leaveLine: assign({ waitlistedAt: null, position: null }),
    takeExclusivity: assign({
      exclusiveUntil: ({ context, event }) => event.at + context.deadlines.exclusivityMs,
      waitlistedAt: null,
      position: null,
    }),
    extendExclusivity: assign({
      exclusiveUntil: ({ context, event }) =>
        Math.max(context.exclusiveUntil ?? 0, event.at + context.deadlines.contractMs),
    }),
    loseExclusivity: assign({ exclusiveUntil: null }),
    recordMeeting: assign({
      meetings: ({ context, event }) => {
        assertEvent(event, 'meeting-outcome');
        const { outcome, notes = null, at } = event;
        return [...context.meetings, { outcome, notes, nextMeetingAt: nextMeetingOf(event), at }];
      },
      deadlineAt: ({ event }) => nextMeetingOf(event),
    }),
    recordProposal: assign(({ event }) => {
      assertEvent(event, 'proposal-submitted');
      return { proposalDocumentKey: event.proposalDocumentKey, terms: revised(null, event.terms) };
    }),
    recordCounter: assign(({ event }) => {
      assertEvent(event, 'proposal-response');
      return { counterTerms: event.counterTerms ?? {} };
    }),
    agreeOnCounter: assign({ terms: ({ context }) => revised(context.terms, context.counterTerms) }),
    dateContract: assign({ contractedAt: ({ event }) => event.at }),
    recordSignature: assign({
      signedDocumentKey: ({ event }) => {
        assertEvent(event, ['contract-signed', 'manual-signature-complete']);
        return event.signedDocumentKey ?? null;
      },
    }),
  },

  delays: {
    CREATOR_INTEREST: ({ context }) => context.deadlines.creatorInterestMs,
    CREATOR_WAITLIST: ({ context }) => context.deadlines.creatorWaitlistMs,
    MEETING: ({ context }) => context.deadlines.meetingMs,
    NEXT_MEETING: ({ context, event }) => Math.max(0, (context.deadlineAt ?? event.at) - event.at),
    PROPOSAL: ({ context }) => context.deadlines.proposalMs,
    PROPOSAL_RESPONSE: ({ context }) => context.deadlines.proposalResponseMs,
    COUNTER: ({ context }) => context.deadlines.counterMs,
    EXCLUSIVITY: ({ context }) => context.deadlines.exclusivityMs,
    CONTRACT: ({ context }) => context.deadlines.contractMs,
    PRODUCTION: ({ context }) => context.deadlines.productionMs,
  },
});

/** What terms have to be, whoever writes them (R000-63). */
const IS_OFFER = ['isSeriousOffer', 'isVouchedFor', 'namesRights'] as const;

/** The pitch is taken for a while: whoever is on his way waits where he is, and keeps his place in the line (R000-57). */
const TAKEN = {
  guard: and(['isPitchHeld', not('isWaiting')]),
  actions: ['joinLine', tell('company', 'production_waitlisted', say.place)],
} as const;

/** It is the deal's turn, but its company would not be accepted now: the turn goes on to the next (R000-59). */
const NOT_QUALIFIED = {
  guard: and(['isOwnPitch', not('isStillQualified')]),
  actions: tell('company', 'verification_failed'),
  meta: { label: 'no longer qualified' },
} as const;

/** It is the deal's turn (R000-59). */
const MY_TURN = {
  guard: and(['isOwnPitch', 'isStillQualified', 'isWaiting']),
  actions: ['leaveLine', tell('company', 'waitlist_activated')],
} as const;

/** What parties do themselves: hand in a copy that was signed elsewhere, or decline. Neither while the provider is about to answer. */
const BY_HAND = {
  'contract-signed': {
    guard: and(['isByPerson', 'isApproved']),
    target: '#production.PRODUCTION',
    actions: 'recordSignature',
  },
  'contract-declined': {
    guard: 'isByPerson',
    target: '#production.REJECTED',
    actions: [
      {
        type: 'close',
        params: ({ event }: { event: { reason?: string } }) => ({
          code: 'contract_declined' as const,
          reason: event.reason,
        }),
      },
      ...tellBoth('contract_declined', say.ending),
    ],
    meta: EXTENSION,
  },
} as const;

/** The contract by its order, the same for drawing it up and for sending it. */
const contractOf = ({ context }: { context: Context }): ContractOrder => ({
  dealId: context.dealId,
  purpose: 'production-contract',
  key: contractKey(context),
  terms: context.terms,
  at: context.contractedAt ?? context.at,
});

/** What may happen to a production deal, and when not. */
export const productionMachine = lifecycle.createMachine({
  id: 'production',
  context: ({ input }) => ({
    ...input,
    deadlineAt: null,
    waitlistedAt: null,
    position: null,
    exclusiveUntil: null,
    meetings: [],
    proposalDocumentKey: null,
    terms: null,
    counterTerms: null,
    contractedAt: null,
    envelopeId: null,
    signedDocumentKey: null,
    reasonCode: null,
    reason: null,
  }),
  initial: 'INTEREST',
  // The pitch is produced by another company: every other deal about it ends (R000-61).
  on: {
    'pitch-in-production': {
      guard: 'isInProduction',
      target: '.REJECTED',
      actions: [close('pitch_in_production'), tell('company', 'pitch_in_production')],
      meta: EXTENSION,
    },
  },
  states: {
    INTEREST: {
      description: 'A company is interested; is it verified, and is the creator interested too?',
      tags: 'open',
      initial: 'verifying',
      states: {
        verifying: {
          description: 'The record of the company is looked up.',
          meta: { noDeadline: BY_OUTBOX },
          invoke: {
            id: 'verification',
            src: 'verify',
            input: ({ context }) => ({ companyId: context.companyId }),
            onDone: [
              {
                guard: { type: 'isUnfit', params: ({ event }) => ({ profile: event.output }) },
                target: '#production.REJECTED',
                actions: [
                  {
                    type: 'close',
                    params: ({ context, event }) => {
                      const { code, reason } = objectionTo(event.output, context.maxActiveProjects) ?? {
                        code: 'verification_failed' as const,
                        reason: null,
                      };
                      return { code, reason };
                    },
                  },
                  tell('company', 'verification_failed', say.ending),
                ],
                meta: EXTENSION,
              },
              {
                guard: 'isInProduction',
                target: '#production.REJECTED',
                actions: [close('pitch_in_production'), tell('company', 'pitch_in_production')],
                meta: EXTENSION,
              },
              {
                guard: 'isPitchHeld',
                target: '#production.WAITLISTED',
                actions: ['joinLine', tellOfInterest(true), tell('company', 'production_waitlisted', say.place)],
              },
              { target: 'awaitingCreator', actions: tellOfInterest(false) },
            ],
            // Not a refusal but a fault, such as a company nobody knows (R000-50).
            onError: { target: '#production.REJECTED', actions: failure('verification_error'), meta: EXTENSION },
          },
        },
        awaitingCreator: {
          description: 'The creator is interested, is not, or puts the company off.',
          entry: awaitUntil('creatorInterestMs'),
          on: {
            'creator-interest-response': [
              {
                guard: and([{ type: 'decisionIs', params: { decision: 'interested' } }, 'isPitchHeld']),
                target: '#production.WAITLISTED',
                actions: ['joinLine', tell('company', 'production_waitlisted', say.place)],
                meta: { label: 'interested, pitch held' },
              },
              {
                guard: { type: 'decisionIs', params: { decision: 'interested' } },
                target: '#production.MEETING',
                meta: { label: 'interested' },
              },
              {
                guard: { type: 'decisionIs', params: { decision: 'not_interested' } },
                target: '#production.REJECTED',
                actions: [declined(), tell('company', 'interest_declined', say.ending)],
                meta: EXTENSION,
              },
              {
                target: '#production.WAITLISTED.parked',
                actions: tell('company', 'interest_parked'),
                meta: { label: 'waitlist' },
              },
            ],
            'exclusivity-taken': {
              guard: 'isPitchHeld',
              target: '#production.WAITLISTED',
              actions: ['joinLine', tell('company', 'production_waitlisted', say.place)],
            },
          },
          after: { CREATOR_INTEREST: expired('creator_silent') },
        },
      },
    },

    WAITLISTED: {
      description: 'Waits until another company lets go of the pitch, or until the creator comes back to it.',
      tags: 'open',
      initial: 'inLine',
      states: {
        inLine: {
          description: 'Another company has the pitch; first come, first served.',
          meta: { noDeadline: 'the exclusivity of whoever has the pitch ends by its own deadline' },
          entry: 'awaitNothing',
          on: {
            'exclusivity-available': [
              {
                ...MY_TURN,
                guard: and(['isOwnPitch', 'isStillQualified']),
                target: '#production.MEETING',
                meta: { label: 'its turn' },
              },
              NOT_QUALIFIED,
            ],
          },
        },
        parked: {
          description: 'The creator has put the company off.',
          entry: awaitUntil('creatorWaitlistMs'),
          on: {
            'waitlist-activation': [
              {
                guard: and(['activates', 'isPitchHeld']),
                target: 'inLine',
                actions: ['joinLine', tell('company', 'production_waitlisted', say.place)],
                meta: { label: 'activated, pitch held' },
              },
              {
                guard: 'activates',
                target: '#production.MEETING',
                actions: tell('company', 'waitlist_activated'),
                meta: { label: 'activated' },
              },
              {
                target: '#production.REJECTED',
                actions: [close('interest_declined'), tell('company', 'interest_declined', say.ending)],
                meta: EXTENSION,
              },
            ],
          },
          after: { CREATOR_WAITLIST: expired('waitlist_timeout') },
        },
      },
    },

    MEETING: {
      description: 'Company and creator meet, as often as they need to.',
      tags: 'open',
      entry: tellBoth('meeting_scheduled', say.meeting),
      initial: 'awaitingOutcome',
      states: {
        awaitingOutcome: {
          description: 'What came of it?',
          entry: awaitUntil('meetingMs'),
          after: { MEETING: expired('meeting_timeout') },
        },
        adjourned: {
          description: 'They meet again on a day they have named.',
          after: { NEXT_MEETING: 'awaitingOutcome' },
        },
      },
      on: {
        'meeting-outcome': [
          {
            guard: { type: 'outcomeIs', params: { outcome: 'proceed' } },
            target: 'PROPOSAL',
            actions: 'recordMeeting',
            meta: { label: 'proceed' },
          },
          {
            guard: { type: 'outcomeIs', params: { outcome: 'pass' } },
            target: 'REJECTED',
            actions: [
              'recordMeeting',
              {
                type: 'close',
                params: ({ event }) => ({ code: 'production_passed', reason: event.notes }),
              },
              tellTheOther('production_passed', say.ending),
            ],
            meta: { label: 'pass' },
          },
          {
            guard: and([{ type: 'outcomeIs', params: { outcome: 'need_more_info' } }, 'isAdjourned', 'isMeetingAhead']),
            target: '.adjourned',
            actions: ['recordMeeting', tellTheOther('meeting_scheduled', say.nextMeeting)],
            meta: { label: 'another meeting' },
          },
          {
            guard: and([{ type: 'outcomeIs', params: { outcome: 'need_more_info' } }, 'isMeetingAhead']),
            target: '.awaitingOutcome',
            actions: ['recordMeeting', tellTheOther('meeting_scheduled', say.nextMeeting)],
            meta: { label: 'need more info' },
          },
        ],
        'exclusivity-taken': TAKEN,
        'exclusivity-available': [MY_TURN, NOT_QUALIFIED],
      },
    },

    PROPOSAL: {
      description: 'The company proposes, the creator answers.',
      tags: 'open',
      initial: 'awaitingProposal',
      states: {
        awaitingProposal: {
          description: 'The company writes its proposal.',
          entry: [awaitUntil('proposalMs'), tell('company', 'proposal_requested', say.dueBy('deadline'))],
          on: {
            'proposal-submitted': {
              guard: and(IS_OFFER),
              target: 'reviewing',
              actions: [
                'recordProposal',
                {
                  type: 'keepProposal',
                  params: ({ context, event }) => ({
                    dealId: context.dealId,
                    key: proposalKey(context),
                    proposalDocumentKey: event.proposalDocumentKey,
                    terms: revised(null, event.terms),
                    submittedAt: event.at,
                  }),
                },
              ],
            },
            'exclusivity-available': [MY_TURN, NOT_QUALIFIED],
          },
          after: { PROPOSAL: expired('proposal_timeout') },
        },
        reviewing: {
          description:
            'The creator accepts, rejects or counters; while another company has the pitch, he can only reject.',
          entry: [awaitUntil('proposalResponseMs'), tell('creator', 'proposal_ready_for_review', say.proposal)],
          on: {
            'proposal-response': [
              {
                guard: { type: 'decisionIs', params: { decision: 'reject' } },
                target: '#production.REJECTED',
                actions: [
                  { type: 'close', params: ({ event }) => ({ code: 'proposal_rejected', reason: event.message }) },
                  tell('company', 'proposal_rejected', say.ending),
                ],
                meta: { label: 'reject' },
              },
              {
                guard: and([{ type: 'decisionIs', params: { decision: 'accept' } }, 'isPitchFree']),
                target: '#production.NEGOTIATION',
                meta: { label: 'accept' },
              },
              {
                guard: and([{ type: 'decisionIs', params: { decision: 'counter' } }, 'isPitchFree', ...IS_OFFER]),
                target: '#production.NEGOTIATION.countering',
                actions: 'recordCounter',
                meta: { label: 'counter' },
              },
            ],
            // The creator could not answer while the pitch was taken; now he has all the time again.
            'exclusivity-available': [{ ...MY_TURN, target: 'reviewing', reenter: true }, NOT_QUALIFIED],
          },
          after: {
            PROPOSAL_RESPONSE: [
              { guard: 'isWaiting', target: 'reviewing', reenter: true },
              expired('proposal_unanswered'),
            ],
          },
        },
      },
      on: { 'exclusivity-taken': TAKEN },
    },

    NEGOTIATION: {
      description: 'The company has the pitch to itself; both agree on the terms, or part.',
      tags: ['open', 'exclusive'],
      entry: ['takeExclusivity', 'awaitNothing', tell('company', 'exclusivity_granted', say.exclusivity)],
      initial: 'agreeing',
      states: {
        agreeing: {
          description: 'The proposal is accepted; the details are settled.',
          on: {
            'terms-agreed': '#production.CONTRACT',
            'terms-rejected': {
              target: '#production.REJECTED',
              actions: [
                { type: 'close', params: ({ event }) => ({ code: 'terms_rejected', reason: event.reason }) },
                tellTheOther('terms_rejected', say.ending),
              ],
              meta: EXTENSION,
            },
          },
        },
        countering: {
          description: 'The company answers the counter-proposal.',
          entry: [awaitUntil('counterMs'), tell('company', 'counter_proposal', say.counter)],
          on: {
            'counter-response': [
              {
                guard: 'isAccepted',
                target: '#production.CONTRACT',
                actions: 'agreeOnCounter',
                meta: { label: 'accept' },
              },
              {
                target: '#production.REJECTED',
                actions: [
                  { type: 'close', params: ({ event }) => ({ code: 'counter_refused', reason: event.message }) },
                  tell('creator', 'counter_refused', say.ending),
                ],
                meta: EXTENSION,
              },
            ],
          },
          after: { COUNTER: expired('counter_unanswered') },
        },
      },
      after: {
        EXCLUSIVITY: {
          target: 'PROPOSAL.reviewing',
          actions: ['loseExclusivity', ...tellBoth('exclusivity_lapsed')],
          meta: EXTENSION,
        },
      },
    },

    CONTRACT: {
      description: 'The contract is drawn up, approved and signed.',
      tags: ['open', 'exclusive'],
      entry: ['extendExclusivity', 'dateContract', awaitUntil('contractMs')],
      initial: 'drafting',
      states: {
        drafting: {
          description: 'The contract is drawn up.',
          invoke: {
            id: 'contract',
            src: 'drawUpContract',
            input: contractOf,
            onDone: [
              // Some are quick: the list may be done before there is anything to send.
              {
                guard: 'isApproved',
                target: 'sending',
                actions: tellBoth('contract_ready', say.contract),
                meta: { label: 'approved already' },
              },
              { target: 'approving', actions: tellBoth('contract_ready', say.contract) },
            ],
            onError: { target: 'manual', actions: askLegalToCollect() },
          },
        },
        approving: {
          description: 'Everybody whose approval is needed reads it and ticks it off.',
          on: { 'contract-approved': { guard: 'isApproved', target: 'sending' }, ...BY_HAND },
        },
        sending: {
          description: 'The envelope is on its way.',
          invoke: {
            id: 'envelope',
            src: 'sendForSignature',
            input: contractOf,
            onDone: {
              target: 'signing',
              actions: assign({ envelopeId: ({ event }) => event.output.envelopeId }),
            },
            onError: { target: 'manual', actions: askLegalToCollect() },
          },
        },
        signing: {
          description: 'Both sign, in any order.',
          on: {
            'contract-signed': {
              ...BY_HAND['contract-signed'],
              guard: or(['isThisEnvelope', and(['isByPerson', 'isApproved'])]),
            },
            'contract-declined': { ...BY_HAND['contract-declined'], guard: or(['isThisEnvelope', 'isByPerson']) },
          },
        },
        manual: {
          description: 'Could not be sent: legal collects the signatures.',
          on: {
            'manual-signature-complete': {
              guard: 'isApproved',
              target: '#production.PRODUCTION',
              actions: 'recordSignature',
            },
            ...BY_HAND,
          },
        },
      },
      after: {
        CONTRACT: {
          target: 'EXPIRED',
          actions: [close('signature_deadline_missed'), ...tellBoth('deal_timeout', say.ending)],
        },
      },
    },

    PRODUCTION: {
      description: 'The pitch is produced.',
      tags: ['open', 'exclusive'],
      entry: [
        'loseExclusivity',
        awaitUntil('productionMs'),
        {
          type: 'grantAccess',
          params: ({ context: { companyUserId, pitchId, dealId } }) => ({ userId: companyUserId, pitchId, dealId }),
        },
        tell('creator', 'production_started'),
        tell('company', 'production_activated'),
      ],
      initial: 'underWay',
      states: {
        underWay: {
          description: 'Work goes on until somebody says that it is done.',
          // Late is no reason to call it done (R000-62): people are told, and the wait goes on.
          after: {
            PRODUCTION: {
              target: 'underWay',
              reenter: true,
              actions: [
                awaitUntil('productionMs'),
                ...tellBoth('production_overdue'),
                tell('legal-team', 'production_overdue'),
              ],
            },
          },
        },
      },
      on: { 'production-complete': 'COMPLETED' },
    },

    COMPLETED: {
      description: 'The production is done.',
      type: 'final',
      tags: 'won',
      entry: ['awaitNothing', ...tellBoth('production_complete')],
    },
    REJECTED: {
      description:
        'One side said no, or the pitch is produced by another company. Envelopes are voided, access is taken back.',
      type: 'final',
      tags: ['lost', 'compensate'],
    },
    EXPIRED: {
      description: 'A deadline passed. Envelopes are voided.',
      type: 'final',
      tags: ['lost', 'compensate'],
    },
  },
});

/** The production lifecycle, and who may send what. */
export const production = defineLifecycle({
  name: 'production',
  version: 1,
  title: 'Production deal',
  machine: productionMachine,
  invariants,
  compensatedEvent: 'deal.compensated',
  events: {
    'creator-interest-response': { from: ['creator'], label: 'Answer the interest' },
    'waitlist-activation': { from: ['creator'], label: 'Come back to the company' },
    'meeting-outcome': { from: ['company', 'creator'], label: 'Say what came of the meeting' },
    'proposal-submitted': { from: ['company'], label: 'Submit a proposal' },
    'proposal-response': { from: ['creator'], label: 'Answer the proposal' },
    'counter-response': { from: ['company'], label: 'Answer the counter-proposal' },
    'terms-agreed': { from: ['company', 'creator'], label: 'Agree on the terms' },
    'terms-rejected': { from: ['company', 'creator'], label: 'End the negotiation' },
    'contract-approved': { from: ['company', 'creator', 'legal'], label: 'Send the contract for signature' },
    'contract-signed': {
      from: ['company', 'creator', 'legal', 'webhook:docusign'],
      label: 'Hand in the signed contract',
    },
    'contract-declined': { from: ['company', 'creator', 'webhook:docusign'], label: 'Decline the contract' },
    'manual-signature-complete': { from: ['legal', 'admin'], label: 'Record the signatures' },
    'production-complete': { from: ['company', 'creator', 'operator', 'admin'], label: 'Complete the production' },
    'exclusivity-taken': { from: ['worker'], label: 'Another company has the pitch' },
    'exclusivity-available': { from: ['worker'], label: 'It is the deal’s turn' },
    'pitch-in-production': { from: ['worker'], label: 'Another company produces the pitch' },
  },
});

function awaitUntil(deadline: keyof ProductionDeadlines) {
  return { type: 'awaitUntil', params: { deadline } } as const;
}

function close(code: ReasonCode, reason?: string) {
  return { type: 'close', params: { code, reason } } as const;
}

/** The action that closes a deal because the creator said no. */
function declined() {
  return {
    type: 'close',
    params: ({ event }: { event: { message?: string } }) => ({
      code: 'interest_declined' as const,
      reason: event.message,
    }),
  } as const;
}

/** The action that closes a deal because work in the world finally failed. */
function failure(code: ReasonCode) {
  return { type: 'close', params: ({ event }: { event: object }) => ({ code, reason: faultOf(event) }) } as const;
}

/** The end of a deal that nobody answered in time. */
function expired(code: ReasonCode) {
  return {
    target: '#production.EXPIRED',
    actions: [close(code), ...tellBoth('deal_timeout', say.ending)],
    meta: EXTENSION,
  } as const;
}
