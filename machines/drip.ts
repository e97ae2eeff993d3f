/**
 * Drip: letters to a candidate's contact, one after each pause of some days, for as long as the candidate is not ready (R001-13).
 *
 *   waiting ─next→ sending ─sent→ waiting, or done after the last      paused ⇄ waiting      stopped: done
 *                      └─cannot be delivered→ paused
 *
 * A letter that cannot be delivered pauses the drip: somebody has to see to the address before the next one goes out.
 */
import { assign, emit, setup } from 'xstate';
import { defineLifecycle, durable, rule, type Stamp, type Started } from '../src/engine/authoring.js';
import { actorOf, OVERSEERS, WORKERS, type WorkEvent } from './workstream.events.js';

/** What a drip starts with. */
export interface DripInput {
  dripId: number;
  candidateId: number;
  templateId: string;
  /** Between two letters, milliseconds. */
  cadenceMs: number;
  /** Letters altogether; null for as many as there is time for. */
  times: number | null;
  /** When the next letter is due, milliseconds. */
  dueAt: number;
}

/** What a drip remembers. */
export interface DripContext extends DripInput {
  startedAt: number;
  /** Letters that were sent. */
  sent: number;
  lastSentAt: number | null;
  /** Why it stands still, or ended. */
  reason: string | null;
}

/** A letter of a drip. */
export interface DripLetter {
  /** The event it follows from (R001-12). */
  event: 'drip.letter';
  dripId: number;
  /** Which letter of the drip it is, from 1: the same for every attempt. */
  number: number;
}

type Event = ({ type: 'drip.pause' | 'drip.stop'; reason?: string } | { type: 'drip.resume' }) & Stamp;

interface Args {
  context: DripContext;
  event: Event;
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown';

/** The first step is none of the events, and carries no time. */
const timeOf = ({ startedAt }: DripContext, event: Partial<Event>): number => event.at ?? startedAt;

/** The next turn after a moment: turns that were missed, because nobody worked, are not made up for. */
const nextAfter = ({ dueAt, cadenceMs }: DripContext, at: number): number =>
  dueAt + Math.max(1, Math.ceil((at - dueAt) / cadenceMs)) * cadenceMs;

const tell = (type: string) =>
  ({
    type: 'announce',
    params: { type },
  }) as const;

const machine = setup({
  types: {
    context: {} as DripContext,
    events: {} as Event,
    input: {} as Started<DripInput>,
    emitted: {} as WorkEvent,
    tags: {} as 'open' | 'over',
    meta: {} as { noDeadline: string },
  },
  guards: {
    wasLast: rule(
      ({ context: { times, sent } }: Args) => (times !== null && sent + 1 >= times) || { code: 'MORE_TO_COME' },
    ),
  },
  actors: { mail: durable<DripLetter, Record<string, never>>('workstream.mailDrip') },
  actions: {
    count: assign(({ context, event }) => ({ sent: context.sent + 1, lastSentAt: event.at })),
    schedule: assign(({ context, event }) => ({ dueAt: nextAfter(context, event.at) })),
    catchUp: assign(({ context, event }) => ({ dueAt: Math.max(context.dueAt, event.at), reason: null })),
    keepReason: assign({ reason: ({ event }) => ('reason' in event ? (event.reason ?? null) : null) }),
    announce: emit(({ context, event }, { type }: { type: string }): WorkEvent => ({
      type,
      item_type: 'candidate',
      item_id: context.candidateId,
      actor_user_id: actorOf(event),
      payload: { drip_id: context.dripId, template_id: context.templateId, reason: context.reason },
    })),
  },
  delays: { NEXT: ({ context, event }) => Math.max(0, context.dueAt - timeOf(context, event)) },
}).createMachine({
  id: 'drip',
  context: ({ input: { dripId, candidateId, templateId, cadenceMs, times, dueAt, at } }) => ({
    dripId,
    candidateId,
    templateId,
    cadenceMs,
    times,
    dueAt,
    startedAt: at,
    sent: 0,
    lastSentAt: null,
    reason: null,
  }),
  initial: 'waiting',
  entry: tell('drip.started'),
  on: { 'drip.stop': { target: '.done', actions: 'keepReason' } },
  states: {
    waiting: {
      description: 'The next letter is not due yet.',
      tags: 'open',
      after: { NEXT: 'sending' },
      on: { 'drip.pause': { target: 'paused', actions: 'keepReason' } },
    },
    sending: {
      description: 'A letter is on its way.',
      tags: 'open',
      meta: { noDeadline: 'the outbox retries and answers' },
      invoke: {
        id: 'letter',
        src: 'mail',
        input: ({ context: { dripId, sent } }) => ({ event: 'drip.letter', dripId, number: sent + 1 }),
        onDone: [
          { guard: 'wasLast', target: 'done', actions: ['count', tell('drip.sent')] },
          { target: 'waiting', actions: ['count', 'schedule', tell('drip.sent')] },
        ],
        onError: { target: 'paused', actions: assign({ reason: ({ event }) => messageOf(event.error) }) },
      },
      on: { 'drip.pause': { target: 'paused', actions: 'keepReason' } },
    },
    paused: {
      description: 'No letters until somebody lets it go on.',
      tags: 'open',
      meta: { noDeadline: 'people decide when it goes on' },
      entry: tell('drip.paused'),
      on: { 'drip.resume': { target: 'waiting', actions: ['catchUp', tell('drip.resumed')] } },
    },
    done: { description: 'No more letters.', type: 'final', tags: 'over', entry: tell('drip.done') },
  },
});

/** The drip lifecycle, and who may send what. */
export const drip = defineLifecycle({
  name: 'drip',
  version: 1,
  title: 'Drip',
  machine,
  overseers: OVERSEERS,
  events: {
    'drip.pause': { from: WORKERS, label: 'Pause' },
    'drip.resume': { from: WORKERS, label: 'Go on' },
    'drip.stop': { from: [...WORKERS, 'workstream:candidate'], label: 'Stop' },
  },
});
