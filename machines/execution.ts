/**
 * Execution: a workflow on its way, one step after the other (R002-41 to R002-59).
 *
 *   working (acting ⇄ pausing) ⇄ waiting ─no step left→ completed      └─a step failed, or a limit→ failed      └─called off→ cancelled
 *
 * The machine goes by the plan it was started with (R002-11); which step comes next is worked out in `execution.steps.ts`. What has to be
 * done in the world is one effect for each step; conditions, transforms and the order of loops are decided here. A try again and a delay
 * are durable timers.
 */
import { and, assign, emit, setup } from 'xstate';
import { defineLifecycle, durable, rule, type Stamp, type Started } from '../src/engine/authoring.js';
import { answered, begun, overdue, rested, unanswered } from './execution.steps.js';
import type { Ask, CallOutcomes, CallsJob, ExecutionContext, ExecutionInput, Flaw } from './execution.types.js';
import { OVERSEERS } from './workstream.events.js';

/** Everything together, delays too (R002-58). */
const LIMIT_MS = 30 * 86_400_000;

type Event = { type: 'execution.cancel' } & Stamp;

interface Args {
  context: ExecutionContext;
}

const TOO_LONG: Flaw = {
  code: 'MAX_EXECUTION_TIME_EXCEEDED',
  message: 'its steps took longer than the workflow allows',
};
const TOO_OLD: Flaw = { code: 'MAX_TOTAL_TIME_EXCEEDED', message: 'it has not come to its end in 30 days' };

const asks = (kind: Ask['kind']) => rule(({ context }: Args) => context.ask.kind === kind || { code: 'OTHERWISE' });

const lifecycle = setup({
  types: {
    context: {} as ExecutionContext,
    events: {} as Event,
    input: {} as Started<ExecutionInput>,
    emitted: {} as {
      type: 'workflow.failed';
      workflow_id: string;
      execution_id: string;
      step: string | null;
      code: string;
      message: string;
    },
    tags: {} as 'open' | 'won' | 'failed' | 'over',
    meta: {} as { noDeadline: string },
  },
  guards: {
    asksToCall: asks('call'),
    asksToPause: asks('pause'),
    asksToWait: asks('wait'),
    hasCompleted: asks('completed'),
    hasFailed: asks('failed'),
    isToBeTold: rule(({ context }: Args) => context.plan.notifyOnError || { code: 'NOT_WANTED' }),
  },
  actors: { calls: durable<CallsJob, CallOutcomes>('automation.step') },
  actions: {
    begin: assign(({ context }) => begun(context)),
    goOn: assign(({ context }) => rested(context)),
    settle: assign(({ context }, { outcomes }: { outcomes: CallOutcomes }) => answered(context, outcomes)),
    giveUp: assign(({ context }, { error }: { error: unknown }) => unanswered(context, flawIn(error))),
    noteTooLong: assign(({ context }) => overdue(context, TOO_LONG)),
    noteTooOld: assign(({ context }) => overdue(context, TOO_OLD)),
    // The start is none of the events, and carries no time.
    stopClock: assign({
      activeMs: ({ context, event }) =>
        context.activeMs + Math.max(0, (atOf(event) ?? context.activeSince) - context.activeSince),
    }),
    startClock: assign({ activeSince: ({ context, event }) => atOf(event) ?? context.activeSince }),
    tellFailed: emit(({ context }) => ({
      type: 'workflow.failed' as const,
      workflow_id: context.plan.workflowId,
      execution_id: context.executionId,
      step: context.failure?.step ?? null,
      code: context.failure?.code ?? '',
      message: context.failure?.message ?? '',
    })),
  },
  delays: {
    LIMIT: LIMIT_MS,
    ACTIVE: ({ context }) => Math.max(0, context.plan.maxActiveMs - context.activeMs),
    PAUSE: ({ context }) => msOf(context.ask),
    REST: ({ context }) => msOf(context.ask),
  },
});

const machine = lifecycle.createMachine({
  id: 'execution',
  context: ({ input: { plan, trigger, input, event, owner, instanceId, at } }) => ({
    plan,
    trigger,
    input,
    event,
    owner,
    executionId: instanceId,
    startedAt: at,
    step: plan.startStep,
    frames: [],
    completed: [],
    results: {},
    size: 0,
    executed: 0,
    calls: [],
    outcomes: {},
    ask: { kind: 'completed' },
    failure: null,
    activeMs: 0,
    activeSince: at,
  }),
  initial: 'beginning',
  after: { LIMIT: { target: '.working', actions: 'noteTooOld' } },
  on: { 'execution.cancel': '.cancelled' },
  states: {
    beginning: {
      description: 'Its first step is looked at.',
      tags: 'open',
      always: { target: 'working', actions: 'begin' },
    },
    working: {
      description: 'Its steps are done, one after the other.',
      tags: 'open',
      initial: 'deciding',
      // What the workflow allows for its steps; delays do not count.
      after: { ACTIVE: { target: '.deciding', actions: 'noteTooLong' } },
      states: {
        deciding: {
          description: 'What comes next has been worked out.',
          always: [
            { guard: 'asksToCall', target: 'acting' },
            { guard: 'asksToPause', target: 'pausing' },
            { guard: 'asksToWait', target: '#execution.waiting', actions: 'stopClock' },
            { guard: 'hasCompleted', target: '#execution.completed' },
            { guard: and(['hasFailed', 'isToBeTold']), target: '#execution.failed', actions: 'tellFailed' },
            { target: '#execution.failed' },
          ],
        },
        acting: {
          description: 'A step does something in the world.',
          invoke: {
            id: 'step',
            src: 'calls',
            input: ({ context }) => jobOf(context),
            onDone: {
              target: 'deciding',
              actions: { type: 'settle', params: ({ event }) => ({ outcomes: event.output }) },
            },
            onError: {
              target: 'deciding',
              actions: { type: 'giveUp', params: ({ event }) => ({ error: event.error }) },
            },
          },
        },
        pausing: { description: 'A step that failed waits to be tried again.', after: { PAUSE: 'acting' } },
      },
    },
    waiting: {
      description: 'A delay, as the workflow wants it.',
      tags: 'open',
      after: { REST: { target: 'working', actions: ['startClock', 'goOn'] } },
    },
    completed: { description: 'There is no step left.', type: 'final', tags: 'won' },
    failed: { description: 'A step failed, or it took too long.', type: 'final', tags: 'failed' },
    cancelled: { description: 'Somebody has called it off.', type: 'final', tags: 'over' },
  },
});

/** The lifecycle of an execution of a workflow, and who may send what. */
export const execution = defineLifecycle({
  name: 'execution',
  version: 1,
  title: 'Workflow execution',
  machine,
  overseers: OVERSEERS,
  events: {
    'execution.cancel': { from: ['owner', 'admin', 'operator', 'service', 'sales', 'worker'], label: 'Call it off' },
  },
});

function jobOf({ plan, calls, step, owner }: ExecutionContext): CallsJob {
  const asked = step === null ? undefined : plan.steps[step];
  return {
    workflowId: plan.workflowId,
    calls,
    firstIsEnough: asked?.type === 'parallel' && !asked.waitForAll,
    owner,
  };
}

const msOf = (ask: Ask): number => ('ms' in ask ? ask.ms : 0);
const atOf = (event: object): number | undefined =>
  'at' in event && typeof event.at === 'number' ? event.at : undefined;

function flawIn(error: unknown): Flaw {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : 'UNKNOWN', message: typeof message === 'string' ? message : '' };
}
