/**
 * Trial: recorded histories told again by another version of their lifecycle, or with other settings; nothing but its own report is written.
 *
 *   telling (group ↻) → told       └─cancel→ cancelled      └─gave up→ failed
 */
import { assign, setup } from 'xstate';
import { defineLifecycle, durable, rule, type Stamp, type Started } from '../src/engine/authoring.js';

/** JSON, as inputs are. */
type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** What histories are told by instead. */
export interface Candidate {
  lifecycle: string;
  version: number;
  /** What each begins with otherwise (RFC 7386): settings, scorecards; nothing when null. */
  input: { [name: string]: Value } | null;
}

export interface TrialInput {
  candidate: Candidate;
  /** How many histories there are to tell. */
  total: number;
  askedBy: string;
}

export type TrialContext = TrialInput & { error: string | null };

export interface Told {
  /** How many are still to be told. */
  left: number;
}

type Event = { type: 'trial.cancel' } & Stamp;

interface Args {
  context: TrialContext;
  event: Event;
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown';

const machine = setup({
  types: {
    context: {} as TrialContext,
    events: {} as Event,
    input: {} as Started<TrialInput>,
    tags: {} as 'open' | 'won' | 'over' | 'failed',
    meta: {} as { noDeadline: string },
  },
  guards: { hasMore: rule((_: Args, { left }: { left: number }) => left > 0 || { code: 'NO_MORE' }) },
  actors: { tell: durable<Candidate, Told>('trial.tell') },
}).createMachine({
  id: 'trial',
  context: ({ input: { candidate, total, askedBy } }) => ({ candidate, total, askedBy, error: null }),
  initial: 'telling',
  states: {
    telling: {
      description: 'One group of histories after the other.',
      tags: 'open',
      meta: { noDeadline: 'the outbox retries and answers' },
      invoke: {
        id: 'tell',
        src: 'tell',
        input: ({ context }) => context.candidate,
        onDone: [
          {
            guard: { type: 'hasMore', params: ({ event }) => ({ left: event.output.left }) },
            target: 'telling',
            reenter: true,
          },
          { target: 'told' },
        ],
        onError: { target: 'failed', actions: assign({ error: ({ event }) => messageOf(event.error) }) },
      },
      on: { 'trial.cancel': 'cancelled' },
    },
    told: { type: 'final', tags: 'won' },
    cancelled: { description: 'What has been told stays told.', type: 'final', tags: 'over' },
    failed: { type: 'final', tags: 'failed' },
  },
});

/** The lifecycle of a trial, and who may send what. */
export const trial = defineLifecycle({
  name: 'trial',
  version: 1,
  title: 'Trial',
  machine,
  events: { 'trial.cancel': { from: ['admin', 'operator'], label: 'Stop' } },
});
