/**
 * Candidate: a lead that somebody takes seriously.
 *
 *   new ─→ triaged ──→ promoted          nurture ⇄ triaged, on_hold → triaged
 *             │ ↖ ↘                       nurture → on_hold
 *             │  nurture, on_hold
 *             └──→ archived ←── nurture, on_hold          deleted: from anywhere
 *
 * The table of moves is the tenant's at the time the candidate began (R001-25); the drawing shows the product's own. Ways that only a
 * tenant's table opens are marked as extensions. Promotion makes the pursuit in the same transaction (R001-37).
 */
import { assertEvent, assign, emit, setup } from 'xstate';
import { defineLifecycle, type Stamp, type Started } from '../src/engine/authoring.js';
import { actorOf, leadsTo, OVERSEERS, WORKERS, type Moves, type WorkEvent } from './workstream.events.js';

/** The states of a candidate (R001-24). */
export const CANDIDATE_STATES = ['new', 'triaged', 'nurture', 'on_hold', 'promoted', 'archived'] as const;
/** One of CANDIDATE_STATES. */
export type CandidateState = (typeof CANDIDATE_STATES)[number];

/** The product's own table (R001-24). */
export const CANDIDATE_MOVES: Moves = {
  new: ['triaged'],
  triaged: ['nurture', 'on_hold', 'promoted', 'archived'],
  nurture: ['triaged', 'on_hold', 'archived'],
  on_hold: ['triaged', 'archived'],
};

/** The event that leads to each state. */
export const CANDIDATE_EVENTS = {
  new: 'renew',
  triaged: 'triage',
  nurture: 'nurture',
  on_hold: 'hold',
  promoted: 'promote',
  archived: 'archive',
} as const satisfies Record<CandidateState, string>;

/** What a candidate starts with. */
export interface CandidateInput {
  candidateId: number;
  moves: Moves;
}

/** What a candidate remembers. */
export interface CandidateContext extends Started<CandidateInput> {
  /** What was said with the last move. */
  note: string | null;
}

/** What may happen to a candidate. */
export type CandidateEvent = (
  { type: 'renew' | 'triage' | 'nurture' | 'hold' | 'promote' | 'archive'; note?: string } | { type: 'delete' }
) &
  Stamp;

const lifecycle = setup({
  types: {
    context: {} as CandidateContext,
    events: {} as CandidateEvent,
    input: {} as Started<CandidateInput>,
    emitted: {} as WorkEvent,
    tags: {} as 'open' | 'won' | 'over',
    meta: {} as { noDeadline: string },
    transitionMeta: {} as { extension: true },
  },
  guards: { leadsTo },
  actions: {
    keepNote: assign({
      note: ({ event }) => {
        assertEvent(event, Object.values(CANDIDATE_EVENTS));
        return event.note ?? null;
      },
    }),
    announce: emit(
      ({ context, event }, { type, payload = {} }: { type: string; payload?: WorkEvent['payload'] }): WorkEvent => ({
        type,
        item_type: 'candidate',
        item_id: context.candidateId,
        actor_user_id: actorOf(event),
        payload,
      }),
    ),
  },
});

const MOVED_BY_HAND = 'people decide when it goes on; a clock that runs out is told, it never moves the candidate';

/** What may happen to a candidate, and when not. */
export const candidateMachine = lifecycle.createMachine({
  id: 'candidate',
  context: ({ input }) => ({ ...input, note: null }),
  initial: 'new',
  entry: { type: 'announce', params: { type: 'candidate.created' } },
  on: { delete: '.deleted' },
  states: {
    new: {
      description: 'Nobody has judged it yet.',
      tags: 'open',
      meta: { noDeadline: MOVED_BY_HAND },
      on: waysOut('new', ['triaged', 'nurture', 'on_hold', 'promoted', 'archived']),
    },
    triaged: {
      description: 'Judged worth the work.',
      tags: 'open',
      meta: { noDeadline: MOVED_BY_HAND },
      entry: arrived('triaged'),
      on: waysOut('triaged', ['new', 'nurture', 'on_hold', 'promoted', 'archived']),
    },
    nurture: {
      description: 'Not ready yet; somebody stays in touch.',
      tags: 'open',
      meta: { noDeadline: MOVED_BY_HAND },
      entry: arrived('nurture'),
      on: waysOut('nurture', ['new', 'triaged', 'on_hold', 'promoted', 'archived']),
    },
    on_hold: {
      description: 'Waits for something outside.',
      tags: 'open',
      meta: { noDeadline: MOVED_BY_HAND },
      entry: arrived('on_hold'),
      on: waysOut('on_hold', ['new', 'triaged', 'nurture', 'promoted', 'archived']),
    },
    promoted: {
      description: 'It has become a pursuit, which goes on by itself.',
      tags: 'won',
      meta: { noDeadline: 'it is over, unless the tenant lets promoted candidates be put away' },
      // Entered by whatever door, an administrator's too, it is the same news.
      entry: [
        {
          type: 'announce',
          // The pursuit has the number of its candidate: there is one for each (R001-7).
          params: ({ context }) => ({ type: 'candidate.promoted', payload: { pursuit_id: context.candidateId } }),
        },
        arrived('promoted'),
      ],
      on: waysOut('promoted', ['archived']),
    },
    archived: { description: 'Nothing will come of it.', type: 'final', tags: 'over', entry: arrived('archived') },
    deleted: {
      description: 'Its row is gone, its history stays.',
      type: 'final',
      tags: 'over',
      entry: { type: 'announce', params: { type: 'candidate.deleted' } },
    },
  },
});

/** The candidate lifecycle, and who may send what. */
export const candidate = defineLifecycle({
  name: 'candidate',
  version: 1,
  title: 'Candidate',
  machine: candidateMachine,
  overseers: OVERSEERS,
  events: {
    renew: { from: WORKERS, label: 'Begin anew' },
    triage: { from: WORKERS, label: 'Triage' },
    nurture: { from: WORKERS, label: 'Nurture' },
    hold: { from: WORKERS, label: 'Put on hold' },
    promote: { from: WORKERS, label: 'Promote to a pursuit' },
    archive: { from: WORKERS, label: 'Put away' },
    delete: { from: WORKERS, label: 'Delete' },
  },
});

/** The ways a table can open from a state; those that the product's own table keeps closed are extensions. */
function waysOut(from: CandidateState, targets: readonly CandidateState[]) {
  return Object.fromEntries(targets.map((to) => [CANDIDATE_EVENTS[to], way(from, to)]));
}

function way(from: CandidateState, to: CandidateState) {
  return {
    guard: { type: 'leadsTo', params: { from, to } },
    target: to,
    // Everybody begins in `new`; only a return to it is a move.
    actions: ['keepNote', ...(to === 'new' ? [arrived('new')] : [])],
    ...(CANDIDATE_MOVES[from]?.includes(to) ? {} : { meta: { extension: true } }),
  } as const;
}

function arrived(state: CandidateState) {
  return {
    type: 'announce',
    params: ({ context }: { context: CandidateContext }) => ({
      type: `candidate.status.${state}`,
      payload: { note: context.note },
    }),
  } as const;
}
