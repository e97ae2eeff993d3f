/**
 * Event: what has been accepted, on its way to being delivered, or to the dead letters with the reason.
 *
 *   received → validating → storing → counting → delivering → delivered        (any) ─a step fails for good, or 30 s pass→ failed
 *
 * Every step is work in the world with tries of its own; what a step has done it is never asked for again. One run has 30 seconds, counted
 * from its start: an old event that is replayed has as many.
 */
import { assign, not, setup } from 'xstate';
import { defineLifecycle, durable, rule, type Stamp, type Started } from '../src/engine/authoring.js';

/** JSON. */
type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** What a run is asked to process. */
export interface ProcessEventInput {
  event_id: string;
  payload: { [name: string]: Value };
  metadata?: { [name: string]: Value };
  /** When it happened, ISO 8601. */
  timestamp: string;
  correlation_id: string;
  /** Runs that came before this one. */
  retry_attempt: number;
}

/** What became of it. */
export interface ProcessEventOutput {
  event_id: string;
  status: 'success' | 'failure';
  stored_at?: string;
  error?: string;
}

/** What a run starts with: the event as its sender gave it, so that it is for the first step to say whether it is one. */
export interface EventInput extends Pick<
  ProcessEventInput,
  'event_id' | 'timestamp' | 'correlation_id' | 'retry_attempt'
> {
  payload: Value;
  metadata: Value;
  /** `event-{event_id}`, of a replay `event-{event_id}-r{n}`. */
  run_id: string;
  /** Waits before it begins, or is refused when it is stored: for trying out how others cope. */
  debug: 'queue_delay' | 'dlq_routing' | null;
}

/** The event as far as a step needs it. */
export type Arrived = Omit<EventInput, 'debug'>;
/** What the first step has found to be an event. */
export type Validated = Pick<ProcessEventInput, 'event_id' | 'payload' | 'metadata' | 'timestamp' | 'correlation_id'>;
/** What is stored. */
export interface ToStore extends Validated {
  retry_attempt: number;
  /** Is to be refused, to see what becomes of it. */
  doomed: boolean;
}
export interface Stored {
  event_id: string;
  status: 'pending' | 'delivered' | 'failed';
  stored_at: string;
}
export interface Counted {
  total_updated: true;
  pending_updated: true;
}
/** Which event a step is about. */
export interface Named {
  event_id: string;
  timestamp: string;
  correlation_id: string;
  /** When the run began, milliseconds since 1970. */
  since: number;
}

/** Why a run has failed. */
export interface Failure {
  code: string;
  message: string;
}

/** What a run remembers. Once the event is stored, what it says is in its row. */
export interface EventContext extends EventInput {
  since: number;
  stored_at: string | null;
  failure: Failure | null;
}

/** Read where a run could fail although it has come to its end. */
export interface EventFacts {
  /** The event is marked delivered already, by this run. */
  isMarked: boolean;
}

/** Steps and the limit answer; nobody else sends anything. */
type Event = { type: string } & Stamp<EventFacts>;

interface Args {
  context: EventContext;
  event: Event;
}

/** The code of a run that took too long. */
export const TIMED_OUT = 'TIMEOUT';
const RUN_LIMIT_MS = 30_000;
const QUEUE_DELAY_MS = 2_000;

const lifecycle = setup({
  types: {
    context: {} as EventContext,
    events: {} as Event,
    input: {} as Started<EventInput>,
    output: {} as ProcessEventOutput,
    tags: {} as 'open' | 'won' | 'failed',
  },
  guards: {
    isHeldBack: rule(({ context }: Args) => context.debug === 'queue_delay' || { code: 'NOT_HELD_BACK' }),
    isMarked: rule(({ event }: Args) => event.facts.isMarked || { code: 'NOT_MARKED' }, ['isMarked']),
  },
  actors: {
    validate: durable<Arrived, Validated>('events.validate'),
    store: durable<ToStore, Stored>('events.store'),
    count: durable<Named, Counted>('events.count'),
    deliver: durable<Named, null>('events.deliver'),
  },
  actions: {
    keepValid: assign((_, { valid }: { valid: Validated }) => ({
      payload: valid.payload,
      metadata: valid.metadata ?? null,
    })),
    keepStored: assign((_, { stored }: { stored: Stored }) => ({
      stored_at: stored.stored_at,
      payload: null,
      metadata: null,
    })),
    noteFailure: assign((_, { error }: { error: unknown }) => ({ failure: failureOf(error) })),
    noteTimeout: assign({ failure: () => ({ code: TIMED_OUT, message: 'The run took longer than 30 s' }) }),
  },
  delays: { QUEUE_DELAY: QUEUE_DELAY_MS, RUN_LIMIT: RUN_LIMIT_MS },
});

const FAILED = {
  target: 'failed',
  actions: { type: 'noteFailure', params: ({ event }: { event: { error: unknown } }) => ({ error: event.error }) },
} as const;

const nameOf = ({ context: { event_id, timestamp, correlation_id, since } }: { context: EventContext }): Named => ({
  event_id,
  timestamp,
  correlation_id,
  since,
});

const machine = lifecycle.createMachine({
  id: 'event',
  context: ({
    input: { event_id, payload, metadata, timestamp, correlation_id, retry_attempt, run_id, debug, at },
  }) => ({
    event_id,
    payload,
    metadata,
    timestamp,
    correlation_id,
    retry_attempt,
    run_id,
    debug,
    since: at,
    stored_at: null,
    failure: null,
  }),
  output: ({ context: { event_id, stored_at, failure } }) =>
    failure
      ? { event_id, status: 'failure', error: failure.message }
      : { event_id, status: 'success', ...(stored_at !== null && { stored_at }) },
  initial: 'received',
  after: {
    // What is marked has arrived, however late the news of it.
    RUN_LIMIT: [
      { guard: 'isMarked', target: '.delivered' },
      { target: '.failed', actions: 'noteTimeout' },
    ],
  },
  states: {
    received: {
      description: 'Accepted and written down.',
      tags: 'open',
      always: { guard: not('isHeldBack'), target: 'validating' },
      after: { QUEUE_DELAY: 'validating' },
    },
    validating: {
      description: 'Is it an event?',
      tags: 'open',
      invoke: {
        id: 'validate-event',
        src: 'validate',
        input: ({ context: { event_id, payload, metadata, timestamp, correlation_id, retry_attempt, run_id } }) => ({
          event_id,
          payload,
          metadata,
          timestamp,
          correlation_id,
          retry_attempt,
          run_id,
        }),
        onDone: {
          target: 'storing',
          actions: { type: 'keepValid', params: ({ event }) => ({ valid: event.output }) },
        },
        onError: FAILED,
      },
    },
    storing: {
      description: 'It gets its row, once for each event id.',
      tags: 'open',
      invoke: {
        id: 'store-event',
        src: 'store',
        input: ({ context }) => toStore(context),
        onDone: {
          target: 'counting',
          actions: { type: 'keepStored', params: ({ event }) => ({ stored: event.output }) },
        },
        onError: FAILED,
      },
    },
    counting: {
      description: 'It is counted, once.',
      tags: 'open',
      invoke: { id: 'update-metrics', src: 'count', input: nameOf, onDone: 'delivering', onError: FAILED },
    },
    delivering: {
      description: 'It is marked delivered, and whoever wants to hear of it is told.',
      tags: 'open',
      invoke: {
        id: 'mark-delivered',
        src: 'deliver',
        input: nameOf,
        onDone: 'delivered',
        onError: [{ guard: 'isMarked', target: 'delivered' }, FAILED],
      },
    },
    delivered: { description: 'It has its row, and is counted.', type: 'final', tags: 'won' },
    failed: {
      description: 'It lies with the dead letters, with the reason, and can be replayed.',
      type: 'final',
      tags: 'failed',
    },
  },
});

/** The lifecycle of one run of an event. Nobody sends it anything: what moves it are its steps and its limit. */
export const event = defineLifecycle({ name: 'event', version: 1, title: 'Event', machine, events: {} });

/** The step before has seen to it that they are objects. */
function toStore({
  event_id,
  payload,
  metadata,
  timestamp,
  correlation_id,
  retry_attempt,
  debug,
}: EventContext): ToStore {
  const about = objectOf(metadata);
  const doomed = debug === 'dlq_routing';
  return {
    event_id,
    payload: objectOf(payload) ?? {},
    ...(about && { metadata: about }),
    timestamp,
    correlation_id,
    retry_attempt,
    doomed,
  };
}

const objectOf = (value: Value): { [name: string]: Value } | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;

function failureOf(error: unknown): Failure {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : 'UNKNOWN', message: typeof message === 'string' ? message : '' };
}
