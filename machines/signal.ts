/**
 * Signal: a raw lead, from the moment it comes in until somebody has made something of it.
 *
 *   new ──has an owner→ touched ──belongs to a candidate→ linked
 *    │ └──────────belongs to a candidate──────────────────→ │
 *    └──────────────→ archived ←── put away ────────────────┘          deleted: from anywhere
 *
 * The first touch is an owner or a candidate (R001-56): leaving `new` is what the triage clock waits for. A signal that comes in while a
 * spotlight judges by itself is held against it afterwards, as an effect (R001-73).
 */
import { assertEvent, assign, emit, setup } from 'xstate';
import { defineLifecycle, effect, rule, type Stamp, type Started } from '../src/engine/authoring.js';
import { actorOf, OVERSEERS, WORKERS, type WorkEvent } from './workstream.events.js';

/** What a signal starts with. */
export interface SignalInput {
  signalId: number;
  /** Who looks after it, when the source knows already. */
  ownerUserId: string | null;
  /** Whether some spotlight judges signals by itself. */
  isScreened: boolean;
}

/** A signal that is to be held against the spotlights that judge by themselves. */
export interface Screen {
  /** The event it follows from (R001-12). */
  event: 'signal.screen';
  signalId: number;
}

/** What a signal remembers. */
export interface SignalContext extends Started<SignalInput> {
  /** When somebody first did something about it, milliseconds. */
  touchedAt: number | null;
  /** Why it was put away. */
  reason: string | null;
}

/** What may happen to a signal. */
export type SignalEvent = (
  | { type: 'assign'; owner_user_id: string }
  | { type: 'link'; candidate_id: number }
  | { type: 'archive'; reason?: string }
  | { type: 'delete' }
) &
  Stamp;

const lifecycle = setup({
  types: {
    context: {} as SignalContext,
    events: {} as SignalEvent,
    input: {} as Started<SignalInput>,
    emitted: {} as WorkEvent,
    tags: {} as 'open' | 'untouched' | 'over',
    meta: {} as { noDeadline: string },
  },
  guards: {
    isScreened: rule(
      ({ context }: { context: SignalContext }) => context.isScreened || { code: 'NOBODY_JUDGES_BY_ITSELF' },
    ),
    hasOwner: rule(({ context }: { context: SignalContext }) => context.ownerUserId !== null || { code: 'NO_OWNER' }),
  },
  actions: {
    screen: effect<Screen>('workstream.screenSignal'),
    own: assign({
      ownerUserId: ({ event }) => {
        assertEvent(event, 'assign');
        return event.owner_user_id;
      },
    }),
    // The owner a signal comes in with has touched it at once.
    touch: assign({ touchedAt: ({ context, event }) => context.touchedAt ?? ('at' in event ? event.at : context.at) }),
    putAway: assign((_, { reason }: { reason: string | null }) => ({ reason })),
    announce: emit(
      ({ context, event }, { type, payload = {} }: { type: string; payload?: WorkEvent['payload'] }): WorkEvent => ({
        type,
        item_type: 'signal',
        item_id: context.signalId,
        actor_user_id: actorOf(event),
        payload,
      }),
    ),
  },
});

const ASSIGNED = [
  'own',
  'touch',
  {
    type: 'announce',
    params: ({ context }: { context: SignalContext }) => ({
      type: 'signal.touched',
      payload: { owner_user_id: context.ownerUserId },
    }),
  },
] as const;

const LINK = {
  target: 'linked',
  actions: [
    'touch',
    {
      type: 'announce',
      params: ({ event }: { event: { candidate_id: number } }) => ({
        type: 'signal.linked',
        payload: { candidate_id: event.candidate_id },
      }),
    },
  ],
} as const;

const ARCHIVE = {
  target: 'archived',
  actions: {
    type: 'putAway',
    params: ({ event }: { event: { reason?: string } }) => ({ reason: event.reason ?? null }),
  },
} as const;

/** What may happen to a signal, and when not. */
export const signalMachine = lifecycle.createMachine({
  id: 'signal',
  context: ({ input }) => ({ ...input, touchedAt: null, reason: null }),
  initial: 'arriving',
  on: { delete: '.deleted' },
  states: {
    arriving: {
      description: 'It comes in.',
      always: [
        {
          guard: 'isScreened',
          target: 'new',
          actions: {
            type: 'screen',
            params: ({ context: { signalId } }) => ({ event: 'signal.screen' as const, signalId }),
          },
        },
        { target: 'new' },
      ],
    },
    new: {
      description: 'Nobody has done anything about it yet.',
      tags: ['open', 'untouched'],
      meta: { noDeadline: 'a clock that runs out is told, it never moves the signal' },
      entry: { type: 'announce', params: { type: 'signal.created' } },
      always: { guard: 'hasOwner', target: 'touched', actions: 'touch' },
      on: { assign: { target: 'touched', actions: ASSIGNED }, link: LINK, archive: ARCHIVE },
    },
    touched: {
      description: 'Somebody looks after it.',
      tags: 'open',
      meta: { noDeadline: 'its owner decides' },
      on: { assign: { actions: ASSIGNED }, link: LINK, archive: ARCHIVE },
    },
    linked: {
      description: 'It belongs to a candidate, or to several.',
      tags: 'open',
      meta: { noDeadline: 'it goes the way of its candidate' },
      on: { assign: { actions: ASSIGNED }, link: LINK, archive: ARCHIVE },
    },
    archived: {
      description: 'Nothing will come of it.',
      type: 'final',
      tags: 'over',
      entry: {
        type: 'announce',
        params: ({ context }) => ({ type: 'signal.archived', payload: { reason: context.reason } }),
      },
    },
    deleted: {
      description: 'Its row is gone, its history stays.',
      type: 'final',
      tags: 'over',
      entry: { type: 'announce', params: { type: 'signal.deleted' } },
    },
  },
});

/** The signal lifecycle, and who may send what. */
export const signal = defineLifecycle({
  name: 'signal',
  version: 1,
  title: 'Signal',
  machine: signalMachine,
  overseers: OVERSEERS,
  events: {
    assign: { from: WORKERS, label: 'Look after it' },
    link: { from: WORKERS, label: 'Add to a candidate' },
    archive: { from: WORKERS, label: 'Put away' },
    delete: { from: WORKERS, label: 'Delete' },
  },
});
