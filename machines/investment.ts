/**
 * Investment: an investor offers money for a pitch, its creator accepts, both sign, the money is held and handed over.
 *
 *   INTEREST ─creator told→ QUALIFICATION ─qualified→ NEGOTIATION ─agreed→ TERM_SHEET ─both signed→ DUE_DILIGENCE
 *                              │ not qualified          │ ↑ ≤ 5 counter-offers                        │ checked, reviewed
 *                              ↓                        ↓                                             ↓
 *                           REJECTED ←────rejected──────┘                                         COMMITMENT
 *                                                                                                     │ confirmed
 *   COMPLETED ←transferred─ FUNDED ←──both signed── CLOSING ←──────funds held or wired───────────── ESCROW
 *
 *   WITHDRAWN  the investor leaves before ESCROW, or one side lets the other wait        EXPIRED  nobody decided in time
 *   FAILED     checks, money or documents went wrong: what was done in the world is undone, newest first (R000-46)
 *
 * Money is whole cents. Deadlines are the tenant's at the time the deal began (R000-101).
 */
import { and, assertEvent, assign, not, setup } from 'xstate';
import { invariants } from './investment.invariants.js';
import { defineLifecycle, durable, effect, type Started } from '../src/engine/authoring.js';
import * as say from './investment.notices.js';
import { askLegalToCollect, closingDocuments, faultOf, tell, tellBoth, termSheetKey } from './investment.notices.js';
import {
  agreed,
  counterOf,
  failedChecks,
  isWired,
  limitLeft,
  objectionTo,
  rules,
  transactionOf,
} from './investment.rules.js';
import { CURRENCY, draftTerms, toDecimal } from './investment.terms.js';
import type {
  CaptureRequest,
  DiligenceFindings,
  EnvelopeRequest,
  HoldRequest,
  InvestmentContext as Context,
  InvestmentDeadlines,
  InvestmentEvent as Event,
  InvestmentInput,
  InvestorProfile,
  Notice,
  Party,
  ReasonCode,
  TransferRequest,
} from './investment.types.js';

const BY_OUTBOX = 'the outbox retries and answers';
/** Marks the edges that the product's own diagram does not show (R000-27). */
const EXTENSION = { extension: true } as const;

const lifecycle = setup({
  types: {
    context: {} as Context,
    events: {} as Event,
    input: {} as Started<InvestmentInput>,
    tags: {} as 'open' | 'money' | 'won' | 'lost' | 'failed' | 'compensate',
    meta: {} as { noDeadline: string },
    transitionMeta: {} as { label: string } | { extension: true },
  },

  guards: rules,

  actors: {
    announce: durable<Notice, null>('notification.send'),
    qualify: durable<{ investorId: string }, InvestorProfile>('deals.qualify'),
    sendForSignature: durable<EnvelopeRequest, { envelopeId: string }>('docusign.envelope', {
      compensate: 'docusign.void',
    }),
    checkDiligence: durable<{ dealId: string; amountMinor: number; maxAmountMinor: number }, DiligenceFindings>(
      'deals.diligence',
    ),
    holdFunds: durable<HoldRequest, { transactionId: string }>('stripe.hold', {
      money: true,
      compensate: 'stripe.release',
    }),
    captureFunds: durable<CaptureRequest, { transactionId: string }>('stripe.capture', {
      money: true,
      compensate: 'stripe.refund',
    }),
    transferFunds: durable<TransferRequest, { transferId: string }>('stripe.transfer', {
      money: true,
      compensate: 'stripe.reverse',
    }),
  },

  actions: {
    notify: effect<Notice>('notification.send'),
    bookWire: effect<{ dealId: string; reference: string; amountMinor: number }>('deals.bookWire', {
      money: true,
      compensate: 'deals.returnWire',
    }),
    countFunding: effect<{ dealId: string }>('deals.countFunding'),
    grantAccess: effect<{ userId: string; pitchId: string; dealId: string }>('pitch.grantAccess', {
      compensate: 'pitch.revokeAccess',
    }),

    awaitUntil: assign({
      deadlineAt: ({ context, event }, { deadline }: { deadline: keyof InvestmentDeadlines }) =>
        event.at + context.deadlines[deadline],
    }),
    awaitNothing: assign({ deadlineAt: null }),
    close: assign((_, { code, reason }: { code: ReasonCode; reason?: string | null | undefined }) => ({
      reasonCode: code,
      reason: reason ?? null,
      deadlineAt: null,
    })),
    counter: assign(({ context, event }, { by }: { by: Party }) => {
      const counter = counterOf(event);
      return {
        offerMinor: counter.amountMinor,
        counterOffers: [...context.counterOffers, { by, ...counter, at: event.at }],
      };
    }),
    agree: assign(({ context, event }) => ({
      agreedMinor: context.offerMinor,
      terms: draftTerms(context.investmentType, context.offerMinor, event.at),
    })),
    recordTransaction: assign({ transactionId: ({ event }) => transactionOf(event) }),
    countFailedPayment: assign({ failedPayments: ({ context }) => context.failedPayments + 1 }),
    abandonPayment: assign(({ context }) => ({
      transactionId: null,
      abandonedTransactions: [
        ...context.abandonedTransactions,
        ...(context.transactionId === null ? [] : [context.transactionId]),
      ],
    })),
    forgetPayment: assign({
      abandonedTransactions: ({ context, event }) =>
        context.abandonedTransactions.filter((id) => id !== transactionOf(event)),
    }),
    recordCapture: assign({ captured: true }),
    recordCollection: assign(({ context, event }) => {
      assertEvent(event, 'escrow-confirmed');
      const { captured = context.captured } = event;
      return { captured, returnable: captured };
    }),
    recordTransfer: assign((_, { transferId }: { transferId: string }) => ({ transferId })),
  },

  delays: {
    CREATOR_DECISION: ({ context }) => context.deadlines.creatorDecisionMs,
    INVESTOR_COUNTER: ({ context }) => context.deadlines.investorCounterMs,
    TERM_SHEET: ({ context }) => context.deadlines.termSheetMs,
    DILIGENCE_REMINDER: ({ context }) => context.deadlines.diligenceReminderMs,
    COMMITMENT: ({ context }) => context.deadlines.commitmentMs,
    ESCROW: ({ context }) => context.deadlines.escrowMs,
    CLOSING: ({ context }) => context.deadlines.closingMs,
    HOLD_EXPIRING: ({ context }) => context.deadlines.holdExpiringMs,
    BANK_RISK: ({ context }) => context.deadlines.bankRiskMs,
  },
});

/** The investor may leave as long as no money is set aside (R000-34). */
const WITHDRAWAL = {
  target: '#investment.WITHDRAWN',
  actions: {
    type: 'close',
    params: ({ event }: { event: { reason?: string } }) => ({
      code: 'investor_withdrew' as const,
      reason: event.reason,
    }),
  },
} as const;

/** What the provider may say of a payment that is under way (R000-80, R000-41). */
const PAYMENT_HANDLERS = {
  'escrow-confirmed': {
    guard: and(['isConfirmedByProvider', 'isThisPayment', 'isPaidInFull']),
    target: '#investment.CLOSING',
    actions: 'recordCollection',
  },
  'payment-failed': [
    {
      guard: and(['isThisPayment', 'hasAttemptsLeft']),
      target: '#investment.ESCROW.paymentFailed',
      actions: ['countFailedPayment', tell('investor', 'payment_failed', say.deposit)],
    },
    {
      guard: 'isThisPayment',
      target: '#investment.FAILED',
      actions: ['countFailedPayment', close('escrow_failed', 'The payment was declined too often')],
    },
  ],
  'escrow-canceled': [
    { guard: 'isThisPayment', target: '#investment.ESCROW.paymentFailed' },
    { guard: 'isAbandonedPayment', actions: 'forgetPayment' },
  ],
} as const;

/** What may happen to an investment, and when not. */
export const investmentMachine = lifecycle.createMachine({
  id: 'investment',
  context: ({ input }) => ({
    ...input,
    offerMinor: input.amountMinor,
    agreedMinor: null,
    counterOffers: [],
    limitLeftMinor: null,
    deadlineAt: null,
    terms: null,
    envelopeId: null,
    transactionId: null,
    abandonedTransactions: [],
    failedPayments: 0,
    captured: false,
    returnable: false,
    transferId: null,
    reasonCode: null,
    reason: null,
  }),
  initial: 'INTEREST',
  states: {
    INTEREST: {
      description: 'The creator is told that somebody is interested.',
      tags: 'open',
      meta: { noDeadline: BY_OUTBOX },
      invoke: {
        id: 'announcement',
        src: 'announce',
        input: ({ context: { offerMinor, message } }) => ({
          to: 'creator',
          template: 'investment_interest',
          data: { amount: toDecimal(offerMinor), message },
        }),
        onDone: 'QUALIFICATION',
        // A message that cannot be delivered does not hold up the deal.
        onError: 'QUALIFICATION',
      },
      on: { 'investor-withdraw': { ...WITHDRAWAL, meta: EXTENSION } },
    },

    QUALIFICATION: {
      description: 'Is the investor accredited, and is the amount within his limit?',
      tags: 'open',
      meta: { noDeadline: BY_OUTBOX },
      invoke: {
        id: 'qualification',
        src: 'qualify',
        input: ({ context }) => ({ investorId: context.investorId }),
        onDone: [
          {
            guard: { type: 'isQualified', params: ({ event }) => ({ profile: event.output }) },
            target: 'NEGOTIATION',
            actions: assign({ limitLeftMinor: ({ event }) => limitLeft(event.output) }),
          },
          {
            target: 'REJECTED',
            actions: [
              {
                type: 'close',
                params: ({ context, event }) => ({
                  code: 'qualification_failed',
                  reason: objectionTo(event.output, context.offerMinor)?.reason,
                }),
              },
              tell('investor', 'qualification_failed', say.ending),
            ],
          },
        ],
        // Not a refusal but a fault, such as an investor nobody knows (R000-30).
        onError: { target: 'FAILED', actions: failure('qualification_error'), meta: EXTENSION },
      },
      on: { 'investor-withdraw': { ...WITHDRAWAL, meta: EXTENSION } },
    },

    NEGOTIATION: {
      description: 'Creator and investor agree on an amount, or part.',
      tags: 'open',
      entry: tell('creator', 'investor_qualified', say.amount),
      initial: 'awaitingCreator',
      states: {
        awaitingCreator: {
          description: 'The creator approves, rejects or counters.',
          entry: awaitUntil('creatorDecisionMs'),
          on: {
            'creator-decision': [
              {
                guard: { type: 'decisionIs', params: { decision: 'approve' } },
                target: '#investment.TERM_SHEET',
                actions: tell('investor', 'investment_approved', say.approval),
                meta: { label: 'approve' },
              },
              {
                guard: { type: 'decisionIs', params: { decision: 'reject' } },
                target: '#investment.REJECTED',
                actions: [close('negotiation_failed', 'Rejected by the creator'), tell('investor', 'deal_rejected')],
                meta: { label: 'reject' },
              },
              {
                guard: and([{ type: 'decisionIs', params: { decision: 'counter' } }, 'roundsLeft', 'isWithinLimit']),
                target: 'awaitingInvestor',
                actions: [
                  { type: 'counter', params: { by: 'creator' } },
                  tell('investor', 'counter_offer', say.lastCounter),
                ],
                meta: { label: 'counter' },
              },
            ],
          },
          after: {
            CREATOR_DECISION: {
              target: '#investment.EXPIRED',
              actions: [close('negotiation_failed', 'The creator did not decide in time'), ...tellBoth('deal_expired')],
              meta: EXTENSION,
            },
          },
        },
        awaitingInvestor: {
          description: 'The investor answers the counter-offer, or makes one.',
          entry: awaitUntil('investorCounterMs'),
          on: {
            'investor-counter-response': [
              {
                guard: { type: 'answerIs', params: { answer: 'accept' } },
                target: '#investment.TERM_SHEET',
                meta: { label: 'accept' },
              },
              {
                guard: { type: 'answerIs', params: { answer: 'decline' } },
                target: '#investment.WITHDRAWN',
                actions: close('negotiation_failed', 'Counter-offer declined'),
                meta: { label: 'decline' },
              },
              {
                guard: and([{ type: 'answerIs', params: { answer: 'counter' } }, 'roundsLeft', 'isWithinLimit']),
                target: 'awaitingCreator',
                actions: [
                  { type: 'counter', params: { by: 'investor' } },
                  tell('creator', 'counter_offer', say.lastCounter),
                ],
                meta: { label: 'counter' },
              },
            ],
          },
          after: {
            INVESTOR_COUNTER: {
              target: '#investment.WITHDRAWN',
              actions: close('negotiation_failed', 'Counter-offer not answered in time'),
            },
          },
        },
      },
      on: { 'investor-withdraw': WITHDRAWAL },
    },

    TERM_SHEET: {
      description: 'The amount is agreed; both parties sign the terms.',
      tags: 'open',
      entry: ['agree', awaitUntil('termSheetMs')],
      initial: 'sending',
      states: {
        sending: {
          description: 'The envelope is on its way.',
          invoke: {
            id: 'termSheet',
            src: 'sendForSignature',
            input: ({ context }) => ({
              dealId: context.dealId,
              purpose: 'term-sheet',
              documents: [{ key: termSheetKey(context), title: 'Term sheet', terms: context.terms }],
            }),
            onDone: {
              target: 'signing',
              actions: [
                assign({ envelopeId: ({ event }) => event.output.envelopeId }),
                ...tellBoth('term_sheet_ready', say.review),
              ],
            },
            onError: { target: 'manual', actions: askLegalToCollect(termSheetKey) },
          },
        },
        signing: bothSign('term-sheet-signed', '#investment.DUE_DILIGENCE'),
        manual: bothSign('manual-signature-complete', '#investment.DUE_DILIGENCE'),
      },
      on: {
        'term-sheet-response': {
          guard: 'declinesTerms',
          target: 'WITHDRAWN',
          actions: [
            { type: 'close', params: ({ event }) => ({ code: 'term_sheet_rejected', reason: event.modifications }) },
            ...tellBoth('term_sheet_rejected', say.ending),
          ],
          meta: EXTENSION,
        },
        'investor-withdraw': { ...WITHDRAWAL, meta: EXTENSION },
      },
      after: {
        TERM_SHEET: {
          target: 'EXPIRED',
          actions: [close('signature_deadline_missed'), ...tellBoth('deal_expired')],
        },
      },
    },

    DUE_DILIGENCE: {
      description: 'The deal is checked, first by the service, then by people.',
      tags: 'open',
      entry: 'awaitNothing',
      initial: 'checking',
      states: {
        checking: {
          description: 'The creator owns the pitch, no other deal has money in it, the terms are allowed.',
          meta: { noDeadline: BY_OUTBOX },
          invoke: {
            id: 'diligence',
            src: 'checkDiligence',
            input: ({ context }) => ({
              dealId: context.dealId,
              amountMinor: agreed(context),
              maxAmountMinor: context.maxAmountMinor,
            }),
            onDone: [
              {
                guard: { type: 'passesDiligence', params: ({ event }) => ({ findings: event.output }) },
                target: 'reviewing',
              },
              {
                target: '#investment.FAILED',
                actions: {
                  type: 'close',
                  params: ({ event }) => ({ code: 'diligence_failed', reason: failedChecks(event.output).join(', ') }),
                },
              },
            ],
            onError: { target: '#investment.FAILED', actions: failure('diligence_failed') },
          },
        },
        reviewing: {
          description:
            'Documents are provided and reviewed; the checklist gates the way out. Nobody is cut off, but everybody is reminded.',
          entry: [
            awaitUntil('diligenceReminderMs'),
            ...tellBoth('due_diligence_required'),
            tell('legal-team', 'due_diligence_required'),
          ],
          on: {
            'due-diligence-complete': {
              guard: 'isChecklistDone',
              target: '#investment.COMMITMENT',
              actions: tellBoth('due_diligence_complete'),
            },
            'due-diligence-failed': {
              target: '#investment.FAILED',
              actions: {
                type: 'close',
                params: ({ event }) => ({ code: 'diligence_failed', reason: event.issues.join('; ') }),
              },
            },
          },
          after: { DILIGENCE_REMINDER: { target: 'reviewing', reenter: true } },
        },
      },
      on: { 'investor-withdraw': { ...WITHDRAWAL, meta: EXTENSION } },
    },

    COMMITMENT: {
      description: 'The investor confirms for the last time.',
      tags: 'open',
      entry: [awaitUntil('commitmentMs'), tell('investor', 'final_commitment_request', say.commitment)],
      on: {
        'commitment-confirmed': [
          { guard: and(['isConfirmed', 'isPitchFree']), target: 'ESCROW' },
          {
            guard: not('isConfirmed'),
            target: 'WITHDRAWN',
            actions: close('commitment_withdrawn'),
            meta: EXTENSION,
          },
        ],
        'investor-withdraw': { ...WITHDRAWAL, meta: EXTENSION },
      },
      after: {
        COMMITMENT: {
          target: 'WITHDRAWN',
          actions: close('commitment_withdrawn', 'Not confirmed in time'),
          meta: EXTENSION,
        },
      },
    },

    ESCROW: {
      description:
        'The money is set aside: held on a card, collected from a bank account, or wired when it is more than one charge can carry.',
      tags: ['open', 'money'],
      entry: awaitUntil('escrowMs'),
      initial: 'choosing',
      states: {
        choosing: {
          description: 'One charge, or a wire?',
          always: [{ guard: 'fitsOneCharge', target: 'creatingHold' }, { target: 'awaitingWire' }],
        },
        creatingHold: {
          description: 'A payment is prepared; the investor can then enter a card or a bank account.',
          invoke: {
            id: 'hold',
            src: 'holdFunds',
            input: ({ context }) => ({
              method: context.fundingMethod,
              dealId: context.dealId,
              investorId: context.investorId,
              amountMinor: agreed(context),
              currency: CURRENCY,
              replaces: context.abandonedTransactions.at(-1) ?? null,
            }),
            onDone: {
              target: 'awaitingPayment',
              actions: [
                assign({ transactionId: ({ event }) => event.output.transactionId }),
                tell('investor', 'escrow_deposit_request', say.deposit),
              ],
            },
            onError: { target: '#investment.FAILED', actions: failure('escrow_failed') },
          },
        },
        awaitingPayment: {
          description: 'Waits for the hold on the card, or for the money from the bank.',
          on: PAYMENT_HANDLERS,
        },
        paymentFailed: {
          description: 'The payment was declined; the investor may try the same payment again, or ask for a new one.',
          on: {
            ...PAYMENT_HANDLERS,
            'payment-retry': { target: 'creatingHold', actions: 'abandonPayment' },
          },
        },
        awaitingWire: {
          description: 'Waits until an operator confirms that the wire has arrived.',
          entry: tell('investor', 'escrow_deposit_request', say.deposit),
          on: {
            'escrow-confirmed': {
              guard: and([not('isConfirmedByProvider'), 'isPaidInFull']),
              target: '#investment.CLOSING',
              actions: [
                'recordTransaction',
                'recordCapture',
                {
                  type: 'bookWire',
                  params: ({ context, event }) => ({
                    dealId: context.dealId,
                    reference: event.transactionId,
                    amountMinor: agreed(context),
                  }),
                },
              ],
            },
          },
        },
      },
      after: {
        ESCROW: {
          target: 'FAILED',
          actions: [close('escrow_timeout'), tell('creator', 'escrow_timeout')],
        },
      },
    },

    CLOSING: {
      description: 'Both parties sign the closing documents while the money is held.',
      tags: ['open', 'money'],
      entry: awaitUntil('closingMs'),
      type: 'parallel',
      states: {
        documents: {
          description: 'What both parties sign at the end.',
          initial: 'sending',
          states: {
            sending: {
              description: 'The agreement, the certificate and the tax forms are on their way.',
              invoke: {
                id: 'closingDocuments',
                src: 'sendForSignature',
                input: ({ context }) => ({
                  dealId: context.dealId,
                  purpose: 'closing',
                  documents: closingDocuments(context),
                }),
                onDone: {
                  target: 'signing',
                  actions: [
                    assign({ envelopeId: ({ event }) => event.output.envelopeId }),
                    ...tellBoth('closing_documents_ready', say.documents),
                  ],
                },
                onError: { target: 'manual', actions: askLegalToCollect((context) => `closing/${context.dealId}`) },
              },
            },
            signing: bothSign('closing-documents-signed', '#investment.FUNDED'),
            manual: bothSign('manual-signature-complete', '#investment.FUNDED'),
          },
        },
        funds: {
          description: 'What becomes of the money meanwhile.',
          initial: 'held',
          states: {
            held: {
              description: 'A hold lapses after about a week; money that has arrived does not.',
              always: { guard: 'isCaptured', target: 'captured' },
              after: {
                HOLD_EXPIRING: [
                  { guard: 'capturesEarly', target: 'capturing' },
                  { target: 'expiring', actions: tell('legal-team', 'hold_expiring') },
                ],
              },
            },
            expiring: { description: 'The hold is about to lapse, and the tenant captures at FUNDED only.' },
            capturing: {
              description: 'Takes the money before the hold lapses.',
              invoke: {
                id: 'earlyCapture',
                src: 'captureFunds',
                input: ({ context }) => captureOf(context),
                onDone: { target: 'captured', actions: 'recordCapture' },
                onError: { target: '#investment.FAILED', actions: failure('escrow_failed'), meta: EXTENSION },
              },
            },
            captured: { description: 'The money is here.' },
          },
        },
      },
      on: {
        'funds-captured': { guard: 'isThisPayment', actions: 'recordCapture' },
        'escrow-canceled': [
          {
            guard: 'isThisPayment',
            target: 'FAILED',
            actions: close('escrow_failed', 'The hold was cancelled or has lapsed'),
            meta: EXTENSION,
          },
          { guard: 'isAbandonedPayment', actions: 'forgetPayment' },
        ],
      },
      after: {
        CLOSING: { target: 'FAILED', actions: close('closing_timeout'), meta: EXTENSION },
      },
    },

    FUNDED: {
      description: 'The money is taken and handed to the creator.',
      tags: ['open', 'money'],
      meta: { noDeadline: BY_OUTBOX },
      entry: 'awaitNothing',
      initial: 'choosing',
      states: {
        choosing: {
          description: 'Is the money taken already, and can it still be called back?',
          always: [
            { guard: 'isReturnable', target: 'clearing' },
            { guard: 'isCaptured', target: 'transferring' },
            { target: 'capturing' },
          ],
        },
        clearing: {
          description: 'A bank can call its money back; the creator is paid once that has become unlikely.',
          after: { BANK_RISK: 'transferring' },
        },
        capturing: {
          description: 'Turns the hold into a payment.',
          invoke: {
            id: 'capture',
            src: 'captureFunds',
            input: ({ context }) => captureOf(context),
            onDone: { target: 'transferring', actions: 'recordCapture' },
            onError: { target: '#investment.FAILED', actions: failure('funding_failed'), meta: EXTENSION },
          },
        },
        transferring: {
          description: 'Pays the creator.',
          invoke: {
            id: 'transfer',
            src: 'transferFunds',
            input: ({ context }) => ({
              dealId: context.dealId,
              creatorId: context.creatorId,
              amountMinor: agreed(context),
              currency: CURRENCY,
              sourceTransactionId: isWired(context) ? null : context.transactionId,
            }),
            onDone: {
              target: '#investment.COMPLETED',
              actions: { type: 'recordTransfer', params: ({ event }) => ({ transferId: event.output.transferId }) },
            },
            onError: { target: '#investment.FAILED', actions: failure('funding_failed'), meta: EXTENSION },
          },
          on: {
            // The provider's message may overtake its answer to us.
            'transfer-complete': {
              guard: 'isFullTransfer',
              target: '#investment.COMPLETED',
              actions: { type: 'recordTransfer', params: ({ event }) => ({ transferId: event.transferId }) },
            },
            'transfer-failed': {
              target: '#investment.FAILED',
              actions: { type: 'close', params: ({ event }) => ({ code: 'funding_failed', reason: event.reason }) },
              meta: EXTENSION,
            },
          },
        },
      },
      on: { 'funds-captured': { guard: 'isThisPayment', actions: 'recordCapture' } },
    },

    COMPLETED: {
      description: 'The creator has the money, the investor the access.',
      type: 'final',
      tags: 'won',
      entry: [
        { type: 'countFunding', params: ({ context }) => ({ dealId: context.dealId }) },
        {
          type: 'grantAccess',
          params: ({ context: { investorId, pitchId, dealId } }) => ({ userId: investorId, pitchId, dealId }),
        },
        tell('investor', 'investment_complete', say.amount),
        tell('creator', 'investment_received', say.amount),
      ],
    },
    REJECTED: { description: 'The investor was not qualified, or the creator said no.', type: 'final', tags: 'lost' },
    WITHDRAWN: {
      description: 'One side left before money was set aside. Envelopes are voided.',
      type: 'final',
      tags: ['lost', 'compensate'],
      entry: tell('creator', 'deal_withdrawn', say.ending),
    },
    EXPIRED: { description: 'A deadline passed. Envelopes are voided.', type: 'final', tags: ['lost', 'compensate'] },
    FAILED: {
      description: 'Something went wrong. Holds, payments and envelopes are undone, newest first.',
      type: 'final',
      tags: ['lost', 'failed', 'compensate'],
      entry: tellBoth('deal_failed', say.ending),
    },
  },
});

/** The investment lifecycle, and who may send what (S3). */
export const investment = defineLifecycle({
  name: 'investment',
  version: 1,
  title: 'Investment deal',
  machine: investmentMachine,
  invariants,
  // How much more an investor could give is nothing the creator should know.
  confidential: ['limitLeftMinor'],
  compensatedEvent: 'deal.compensated',
  events: {
    'investor-withdraw': { from: ['investor'], label: 'Withdraw' },
    'creator-decision': { from: ['creator'], label: 'Decide' },
    'investor-counter-response': { from: ['investor'], label: 'Answer the counter-offer' },
    'term-sheet-signed': { from: ['investor', 'creator', 'webhook:docusign'], label: 'Sign the term sheet' },
    'term-sheet-response': { from: ['investor', 'creator', 'webhook:docusign'], label: 'Decline the term sheet' },
    'manual-signature-complete': { from: ['legal', 'admin'], label: 'Record a signature' },
    'due-diligence-complete': { from: ['legal', 'operator', 'admin'], label: 'Complete due diligence' },
    'due-diligence-failed': { from: ['legal', 'operator', 'admin'], label: 'Fail due diligence' },
    'commitment-confirmed': { from: ['investor'], label: 'Confirm the investment' },
    'escrow-confirmed': {
      from: ['webhook:stripe', 'operator', 'admin'],
      label: 'Confirm the wire',
      description: 'Card payments are confirmed by the provider alone.',
    },
    'payment-failed': { from: ['webhook:stripe'], label: 'Payment declined' },
    'payment-retry': { from: ['investor', 'operator', 'admin'], label: 'Try a new payment' },
    'escrow-canceled': { from: ['webhook:stripe'], label: 'Hold cancelled' },
    'funds-captured': { from: ['webhook:stripe'], label: 'Funds captured' },
    'closing-documents-signed': {
      from: ['investor', 'creator', 'webhook:docusign'],
      label: 'Sign the closing documents',
    },
    'transfer-complete': { from: ['webhook:stripe'], label: 'Transfer made' },
    'transfer-failed': { from: ['webhook:stripe'], label: 'Transfer reversed' },
  },
});

/** Waits for the signature of each party, in any order (R000-36, R000-42). Legal may record one that was given on paper. */
function bothSign(event: 'term-sheet-signed' | 'closing-documents-signed' | 'manual-signature-complete', then: string) {
  const signature = (party: Party) => {
    const signed = {
      guard: and([{ type: 'isSignatureOf', params: { party } }, 'isGenuine']),
      target: 'signed',
    } as const;
    return {
      description: `The signature of the ${party}.`,
      initial: 'open',
      states: {
        open: { description: 'Not signed yet.', on: { [event]: signed, 'manual-signature-complete': signed } },
        signed: { description: 'Signed.', type: 'final' },
      },
    } as const;
  };
  return lifecycle.createStateConfig({
    description:
      event === 'manual-signature-complete'
        ? 'Could not be sent: legal collects the signatures.'
        : 'Both parties sign, in any order.',
    type: 'parallel',
    states: { investor: signature('investor'), creator: signature('creator') },
    onDone: then,
  });
}

function awaitUntil(deadline: keyof InvestmentDeadlines) {
  return { type: 'awaitUntil', params: { deadline } } as const;
}

function close(code: ReasonCode, reason?: string) {
  return { type: 'close', params: { code, reason } } as const;
}

/** The action that closes a deal because work in the world finally failed. */
function failure(code: ReasonCode) {
  return { type: 'close', params: ({ event }: { event: object }) => ({ code, reason: faultOf(event) }) } as const;
}

function captureOf(context: Context): CaptureRequest {
  return { dealId: context.dealId, transactionId: context.transactionId, amountMinor: agreed(context) };
}
