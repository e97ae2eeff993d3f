/**
 * Firing: a rule that an event has set off, and what it has done, one action after the other.
 *
 *   acting (job ↻ while there are more) ─all done→ succeeded      └─some were not→ failed      └─stopped→ stopped
 *
 * The parameters were filled in when the rule fired, so that a change of the rule is no concern of what is under way. An action that
 * comes to nothing holds up none of the others.
 */
import { and, assign, not, setup } from 'xstate';
import { defineLifecycle, durable, rule, type Stamp, type Started } from '../src/engine/authoring.js';
import { OVERSEERS } from './workstream.events.js';

/** JSON, as parameters are. */
type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** One action with everything it needs; the input of the effect that does it. */
export interface FiringJob {
  position: number;
  /** `ruleId:eventId:actionSignature` (R001-76). */
  key: string;
  type: string;
  params: { [name: string]: Value };
  /** Whose rule it is, and the rights he had when he wrote it. */
  owner: { id: string; roles: string[] };
  ruleId: number;
  /** How many rules stand between this and what happened by itself. */
  depth: number;
}

/** What a firing starts with. */
export interface FiringInput {
  ruleId: number;
  eventId: string;
  jobs: FiringJob[];
}

/** How one of its jobs ended. */
export interface JobResult {
  position: number;
  /** Null when it was done. */
  error: { code: string; message: string } | null;
}

/** What a firing remembers. */
export interface FiringContext extends FiringInput {
  /** The job under way. */
  position: number;
  results: JobResult[];
}

type Event = { type: 'firing.stop' } & Stamp;

interface Args {
  context: FiringContext;
  event: Event;
}

const lifecycle = setup({
  types: {
    context: {} as FiringContext,
    events: {} as Event,
    input: {} as Started<FiringInput>,
    tags: {} as 'open' | 'won' | 'failed',
    meta: {} as { noDeadline: string },
  },
  guards: {
    hasMore: rule(({ context }: Args) => context.position + 1 < context.jobs.length || { code: 'NO_MORE' }),
    hasFailed: rule(
      ({ context }: Args) => context.results.some(({ error }) => error !== null) || { code: 'NONE_FAILED' },
    ),
  },
  actors: { perform: durable<FiringJob, unknown>('automation.perform') },
  actions: {
    note: assign(({ context }, { error }: { error: JobResult['error'] }) => ({
      results: [...context.results, { position: context.position, error }],
    })),
    goOn: assign({ position: ({ context }) => context.position + 1 }),
  },
});

const NOTED = { type: 'note', params: { error: null } } as const;
const NOT_DONE = {
  type: 'note',
  params: ({ event }: { event: { error: unknown } }) => ({ error: errorOf(event.error) }),
} as const;

const machine = lifecycle.createMachine({
  id: 'firing',
  context: ({ input: { ruleId, eventId, jobs } }) => ({ ruleId, eventId, jobs, position: 0, results: [] }),
  initial: 'acting',
  states: {
    acting: {
      description: 'One action after the other.',
      tags: 'open',
      meta: { noDeadline: 'the outbox retries and answers' },
      invoke: {
        id: 'job',
        src: 'perform',
        input: ({ context: { jobs, position } }) => at(jobs, position),
        onDone: [
          { guard: 'hasMore', target: 'acting', reenter: true, actions: [NOTED, 'goOn'] },
          { guard: and([not('hasMore'), not('hasFailed')]), target: 'succeeded', actions: NOTED },
          { target: 'failed', actions: NOTED },
        ],
        onError: [
          { guard: 'hasMore', target: 'acting', reenter: true, actions: [NOT_DONE, 'goOn'] },
          { target: 'failed', actions: NOT_DONE },
        ],
      },
      on: { 'firing.stop': 'stopped' },
    },
    succeeded: { description: 'Every action was done.', type: 'final', tags: 'won' },
    failed: { description: 'Some action was not done; the others were.', type: 'final' },
    stopped: { description: 'What had not begun was left.', type: 'final' },
  },
});

/** The lifecycle of a rule that was set off, and who may send what. */
export const firing = defineLifecycle({
  name: 'firing',
  version: 1,
  title: 'Rule set off',
  machine,
  overseers: OVERSEERS,
  events: { 'firing.stop': { from: ['owner', 'admin', 'operator'], label: 'Stop' } },
});

function at(jobs: readonly FiringJob[], position: number): FiringJob {
  const job = jobs[position];
  if (!job) throw new Error('a firing without jobs');
  return job;
}

function errorOf(error: unknown): { code: string; message: string } {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : 'UNKNOWN', message: typeof message === 'string' ? message : '' };
}
