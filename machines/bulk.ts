/**
 * Work on many rows, a chunk at a time: every chunk is an effect of its own, so that a restart goes on where it was.
 *
 *   working (chunk ↻ while there is more) ─no more→ done       └─cancel→ cancelled       └─gave up→ failed
 */
import { assign, setup } from 'xstate';
import { defineLifecycle, durable, rule, type Stamp, type Started } from '../src/engine/authoring.js';
import { OVERSEERS } from './workstream.events.js';

/** What there is to do in bulk. */
export type BulkTask = 'spotlight.rescore' | 'sla.reconcile' | 'signals.import';

/** What a job is about, and where it stands; ids only. */
export type BulkParams = Record<string, string | number | boolean | null>;

/** The chunk that begins behind `after`; null is the beginning. */
export interface ChunkRequest {
  task: BulkTask;
  params: BulkParams;
  after: string | null;
}

export interface ChunkDone {
  /** The last row of the chunk; null when there are no more. */
  after: string | null;
  processed: number;
  failed: number;
}

export interface BulkInput {
  task: BulkTask;
  params: BulkParams;
  /** How many rows there were to begin with. */
  total: number;
}

export interface BulkContext extends BulkInput {
  after: string | null;
  processed: number;
  failed: number;
  error: string | null;
}

type Event = { type: 'bulk.cancel' } & Stamp;

interface Args {
  context: BulkContext;
  event: Event;
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown';

const machine = setup({
  types: {
    context: {} as BulkContext,
    events: {} as Event,
    input: {} as Started<BulkInput>,
    tags: {} as 'open' | 'won' | 'failed',
    meta: {} as { noDeadline: string },
  },
  guards: {
    hasMore: rule((_: Args, { done }: { done: ChunkDone }) => done.after !== null || { code: 'NO_MORE' }),
  },
  actors: { doChunk: durable<ChunkRequest, ChunkDone>('workstream.chunk') },
  actions: {
    count: assign(({ context }, { done }: { done: ChunkDone }) => ({
      after: done.after,
      processed: context.processed + done.processed,
      failed: context.failed + done.failed,
    })),
  },
}).createMachine({
  id: 'bulk',
  context: ({ input: { task, params, total } }) => ({
    task,
    params,
    total,
    after: null,
    processed: 0,
    failed: 0,
    error: null,
  }),
  initial: 'working',
  states: {
    working: {
      description: 'One chunk after the other.',
      tags: 'open',
      meta: { noDeadline: 'the outbox retries and answers' },
      invoke: {
        id: 'chunk',
        src: 'doChunk',
        input: ({ context: { task, params, after } }) => ({ task, params, after }),
        onDone: [
          {
            guard: { type: 'hasMore', params: ({ event }) => ({ done: event.output }) },
            target: 'working',
            reenter: true,
            actions: { type: 'count', params: ({ event }) => ({ done: event.output }) },
          },
          { target: 'done', actions: { type: 'count', params: ({ event }) => ({ done: event.output }) } },
        ],
        onError: { target: 'failed', actions: assign({ error: ({ event }) => messageOf(event.error) }) },
      },
      on: { 'bulk.cancel': 'cancelled' },
    },
    done: { type: 'final', tags: 'won' },
    cancelled: { description: 'What is done stays done.', type: 'final' },
    failed: { type: 'final', tags: 'failed' },
  },
});

export const bulk = defineLifecycle({
  name: 'bulk',
  version: 1,
  title: 'Bulk job',
  machine,
  overseers: OVERSEERS,
  events: { 'bulk.cancel': { from: ['starter', 'admin', 'operator'], label: 'Stop' } },
});
