/**
 * Pursuit: a deal that is worked for, from its qualification to its end.
 *
 *   qual ⇄ pink ══gate══→ red ══gate══→ submit ══gate══→ won
 *            ↑─────────────┘                 └══gate══→ lost          deleted: from anywhere
 *
 * Gates are checklists: made with the pursuit, from the tenant's configuration of that day (R001-31). The table of moves is the
 * tenant's of that day too (R001-25); ways that only a tenant's table opens are marked as extensions, and lead through every gate they
 * would pass by. Submitting sends the newest proposal, whoever submits. A proposal that is declared void is followed by a new draft
 * when it was the newest, so that there is always one to send.
 */
import { and, assertEvent, assign, emit, setup } from 'xstate';
import { defineLifecycle, effect, rule, type Started } from '../src/engine/authoring.js';
import { blocked, gatesBetween, missingAt, requiredFor, type Gate } from './pursuit.gates.js';
import {
  PURSUIT_EVENTS,
  PURSUIT_MOVES,
  proposalIdOf,
  standingOf,
  versionOf,
  type ProposalMail,
  type PursuitContext as Context,
  type PursuitEvent as Event,
  type PursuitInput,
  type PursuitStage,
  type TeamNotice,
} from './pursuit.types.js';
import { actorOf, leadsTo, OVERSEERS, WORKERS, type WorkEvent } from './workstream.events.js';

interface Args {
  context: Context;
  event: Event;
}

/** One after the other for each pursuit (R001-67): nobody celebrates before the proposal is out. */
const IN_ORDER = { ordered: true } as const;

const lifecycle = setup({
  types: {
    context: {} as Context,
    events: {} as Event,
    input: {} as Started<PursuitInput>,
    emitted: {} as WorkEvent,
    tags: {} as 'open' | 'won' | 'lost' | 'over',
    meta: {} as { noDeadline: string },
    transitionMeta: {} as { extension: true },
  },

  guards: {
    leadsTo,
    passes: rule(
      ({ context, event }: Args, { gates, to }: { gates: readonly Gate[]; to: PursuitStage }) => {
        for (const gate of gates) {
          const required = requiredFor(context.gates[gate], to);
          const missing = missingAt(gate, required, event.facts.checklist);
          if (missing.length > 0) return blocked(gate, missing, required);
        }
        return true;
      },
      ['checklist'],
    ),
    hasSentProposal: rule(
      ({ context }: Args) =>
        context.sent.some((version) => !context.void.includes(version)) ||
        blocked('submit_to_close', ['sent_proposal'], ['sent_proposal']),
    ),
    isNewestSent: rule(({ context }: Args) => context.sent.includes(context.version) || { code: 'STILL_A_DRAFT' }),
    isDraft: rule(({ context, event }: Args) => {
      assertEvent(event, 'send-proposal');
      const standing = standingOf(context, event.proposal_id);
      if (standing === undefined) return OTHER_PROPOSAL;
      if (standing === 'void') return { code: 'PROPOSAL_VOID', message: 'The proposal was declared void.' };
      return standing === 'draft' || { code: 'ALREADY_SENT', message: 'A proposal is sent once.' };
    }),
    isOut: rule(({ context, event }: Args) => {
      assertEvent(event, 'sign-proposal');
      const standing = standingOf(context, event.proposal_id);
      if (standing === undefined) return OTHER_PROPOSAL;
      if (standing === 'signed') return { code: 'ALREADY_SIGNED', message: 'A proposal is signed once.' };
      return standing === 'sent' || { code: 'NOT_SENT', message: 'Only what was sent, and still counts, is signed.' };
    }),
    countsUnsigned: rule(({ context, event }: Args) => {
      assertEvent(event, 'void-proposal');
      const standing = standingOf(context, event.proposal_id);
      if (standing === undefined) return OTHER_PROPOSAL;
      if (standing === 'signed') return { code: 'ALREADY_SIGNED', message: 'What is signed is not declared void.' };
      return standing !== 'void' || { code: 'PROPOSAL_VOID', message: 'The proposal was declared void before.' };
    }),
    isNewest: rule(({ context, event }: Args) => {
      assertEvent(event, 'void-proposal');
      return versionOf(context.pursuitId, event.proposal_id) === context.version || { code: 'SUPERSEDED' };
    }),
  },

  actions: {
    mailProposal: effect<ProposalMail>('workstream.mailProposal', IN_ORDER),
    tellTeam: effect<TeamNotice>('workstream.tellTeam', IN_ORDER),
    keepNote: assign({ note: ({ event }) => ('note' in event ? (event.note ?? null) : null) }),
    giveUp: assign({
      reasonCode: ({ event }) => {
        assertEvent(event, 'lose');
        return event.reason;
      },
    }),
    draft: assign({ version: ({ context }) => context.version + 1 }),
    markSent: assign({
      sent: ({ context }, { version }: { version: number }) => [...context.sent, version],
    }),
    keepSigned: assign({
      signed: ({ context }, { version }: { version: number }) => [...context.signed, version],
    }),
    putVoid: assign({
      void: ({ context }, { version }: { version: number }) => [...context.void, version],
    }),
    announce: emit(
      ({ context, event }, { type, payload = {} }: { type: string; payload?: WorkEvent['payload'] }): WorkEvent => ({
        type,
        item_type: 'pursuit',
        item_id: context.pursuitId,
        actor_user_id: actorOf(event),
        payload,
      }),
    ),
  },
});

const OTHER_PROPOSAL = { code: 'OTHER_PROPOSAL', message: 'This is no proposal of the pursuit.' } as const;
const MOVED_BY_HAND = 'people decide when it goes on; a clock that runs out is told, it never moves the pursuit';
const newest = ({ context }: { context: Context }): number => proposalIdOf(context.pursuitId, context.version);
const lastSent = ({ context }: { context: Context }): number | null => {
  const version = context.sent.findLast((sent) => !context.void.includes(sent));
  return version === undefined ? null : proposalIdOf(context.pursuitId, version);
};

const named = ({ event }: Args): number => {
  assertEvent(event, ['send-proposal', 'sign-proposal', 'void-proposal']);
  return event.proposal_id;
};
const versionNamed = (args: Args) => ({ version: versionOf(args.context.pursuitId, named(args)) ?? 0 });

/** It counts no more, for whatever reason. */
const VOID = [
  { type: 'putVoid', params: versionNamed },
  {
    type: 'announce',
    params: (args: Args) => ({
      type: 'proposal.void',
      payload: {
        proposal_id: named(args),
        reason: 'reason' in args.event ? (args.event.reason ?? null) : null,
      },
    }),
  },
] as const;

/** Proposals are written, sent, signed and declared void as long as the pursuit is open (R001-41). */
const PROPOSALS = {
  'draft-proposal': { actions: ['draft', tell('proposal.drafted', newest)] },
  'send-proposal': {
    guard: 'isDraft',
    actions: [
      {
        type: 'mailProposal',
        params: (args: Args) => ({ event: 'proposal.mailed', proposalId: named(args) }),
      },
      ...sent(named),
    ],
  },
  'sign-proposal': {
    guard: 'isOut',
    actions: [{ type: 'keepSigned', params: versionNamed }, tell('proposal.signed', named)],
  },
  'void-proposal': [
    { guard: and(['countsUnsigned', 'isNewest']), actions: [...VOID, 'draft', tell('proposal.drafted', newest)] },
    { guard: 'countsUnsigned', actions: [...VOID] },
  ],
} as const;

/** What may happen to a pursuit, and when not. */
export const pursuitMachine = lifecycle.createMachine({
  id: 'pursuit',
  context: ({ input }) => ({ ...input, version: 1, sent: [], signed: [], void: [], reasonCode: null, note: null }),
  initial: 'qual',
  entry: { type: 'announce', params: { type: 'pursuit.created' } },
  on: { delete: '.deleted' },
  states: {
    qual: {
      description: 'Is it worth the work?',
      tags: 'open',
      meta: { noDeadline: MOVED_BY_HAND },
      on: { ...waysOut('qual', ['pink', 'red', 'submit', 'won', 'lost']), ...PROPOSALS },
    },
    pink: {
      description: 'The offer is drafted and read by the team.',
      tags: 'open',
      meta: { noDeadline: MOVED_BY_HAND },
      entry: arrived('pink'),
      on: { ...waysOut('pink', ['qual', 'red', 'submit', 'won', 'lost']), ...PROPOSALS },
    },
    red: {
      description: 'The offer is complete and read once more, as if by the prospect.',
      tags: 'open',
      meta: { noDeadline: MOVED_BY_HAND },
      entry: arrived('red'),
      on: { ...waysOut('red', ['qual', 'pink', 'submit', 'won', 'lost']), ...PROPOSALS },
    },
    submit: {
      description: 'The prospect has the proposal and decides.',
      tags: 'open',
      meta: { noDeadline: MOVED_BY_HAND },
      entry: [
        arrived('submit'),
        tell('pursuit.submit', newest),
        { type: 'mailProposal', params: (args) => ({ event: 'pursuit.submit', proposalId: newest(args) }) },
      ],
      initial: 'handingOver',
      states: {
        handingOver: {
          description: 'A proposal that was sent before is not sent again.',
          always: [
            { guard: 'isNewestSent', target: 'awaitingAnswer' },
            { target: 'awaitingAnswer', actions: sent(newest) },
          ],
        },
        awaitingAnswer: { description: 'The prospect answers, or does not.' },
      },
      on: { ...waysOut('submit', ['qual', 'pink', 'red', 'won', 'lost']), ...PROPOSALS },
    },
    won: {
      description: 'The prospect has said yes.',
      type: 'final',
      tags: ['won', 'over'],
      entry: [
        arrived('won'),
        tell('pursuit.won', lastSent),
        {
          type: 'tellTeam',
          params: (args) => ({ event: 'pursuit.won', template: 'pursuit_won', data: { proposalId: lastSent(args) } }),
        },
      ],
    },
    lost: {
      description: 'It came to nothing, for a reason that is kept.',
      type: 'final',
      tags: ['lost', 'over'],
      entry: [
        arrived('lost'),
        {
          type: 'announce',
          params: ({ context }) => ({ type: 'pursuit.lost', payload: { reason: context.reasonCode } }),
        },
        {
          type: 'tellTeam',
          params: ({ context }) => ({
            event: 'pursuit.lost',
            template: 'pursuit_lost',
            data: { reason: context.reasonCode, note: context.note },
          }),
        },
      ],
    },
    deleted: {
      description: 'Its row is gone, its history stays.',
      type: 'final',
      tags: 'over',
      entry: { type: 'announce', params: { type: 'pursuit.deleted' } },
    },
  },
});

/** The pursuit lifecycle, and who may send what. */
export const pursuit = defineLifecycle({
  name: 'pursuit',
  version: 1,
  title: 'Pursuit',
  machine: pursuitMachine,
  overseers: OVERSEERS,
  events: {
    requalify: { from: WORKERS, label: 'Back to qualification' },
    'start-pink': { from: WORKERS, label: 'Start the pink team' },
    'start-red': { from: WORKERS, label: 'Start the red team' },
    submit: { from: WORKERS, label: 'Submit' },
    win: { from: WORKERS, label: 'Won' },
    lose: { from: WORKERS, label: 'Lost' },
    'draft-proposal': { from: WORKERS, label: 'Draft a proposal' },
    'send-proposal': { from: WORKERS, label: 'Send a proposal' },
    'sign-proposal': { from: WORKERS, label: 'Note that a proposal was signed' },
    'void-proposal': { from: WORKERS, label: 'Declare a proposal void' },
    delete: { from: WORKERS, label: 'Delete' },
  },
});

/** The ways a table can open from a stage; those that the product's own table keeps closed are extensions. */
function waysOut(from: PursuitStage, targets: readonly PursuitStage[]) {
  return Object.fromEntries(targets.map((to) => [PURSUIT_EVENTS[to], way(from, to)]));
}

function way(from: PursuitStage, to: PursuitStage) {
  return {
    guard: conditions(from, to),
    target: to,
    // Everybody begins in `qual`; only a return to it is a move.
    actions: ['keepNote', ...(to === 'lost' ? ['giveUp'] : []), ...(to === 'qual' ? [arrived('qual')] : [])],
    ...(PURSUIT_MOVES[from]?.includes(to) ? {} : { meta: { extension: true } }),
  };
}

function conditions(from: PursuitStage, to: PursuitStage) {
  const open = { type: 'leadsTo', params: { from, to } } as const;
  const gates = gatesBetween(from, to);
  const passes = { type: 'passes', params: { gates, to } } as const;
  if (to === 'won') return and([open, passes, 'hasSentProposal']);
  return gates.length === 0 ? open : and([open, passes]);
}

function arrived(stage: PursuitStage) {
  return {
    type: 'announce',
    params: ({ context }: { context: Context }) => ({
      type: `pursuit.stage.${stage}`,
      payload: { note: context.note },
    }),
  } as const;
}

function tell(type: string, proposal: (args: Args) => number | null) {
  return {
    type: 'announce',
    params: (args: Args) => ({ type, payload: { proposal_id: proposal(args) } }),
  } as const;
}

/** A proposal leaves the house, which is news once (R001-41). */
function sent(proposal: (args: Args) => number) {
  return [
    {
      type: 'markSent',
      params: (args: Args) => ({ version: versionOf(args.context.pursuitId, proposal(args)) ?? args.context.version }),
    },
    tell('proposal.sent', proposal),
    {
      type: 'tellTeam',
      params: (args: Args) => ({
        event: 'proposal.sent',
        template: 'proposal_sent' as const,
        data: { proposalId: proposal(args) },
      }),
    },
  ] as const;
}
