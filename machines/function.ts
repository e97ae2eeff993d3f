/**
 * Function: a run of a TypeScript function that outlives every process (R004-6).
 *
 *   running → waitingAction | waitingEvent | waitingTimer ─something came in→ running        → completed | failed      (any) → cancelled | terminated
 *
 * What the function does about what came in is found out by running it again over everything that came in so far; that is handed in as
 * the fact `turn`. The machine keeps what came in, and writes down what the function asks of the world.
 */
import { assign, setup } from 'xstate';
import { defineLifecycle, rule, several } from '../src/engine/authoring.js';
import {
  NONDETERMINISM,
  type ActionJob,
  type FunctionContext,
  type FunctionEvent,
  type FunctionStarted,
  type Publication,
  type Turn,
} from './function.types.js';

interface Args {
  context: FunctionContext;
  event: FunctionEvent;
}

/** A run that waits for nothing at a certain time is looked at once a year. */
const YEAR_MS = 31_536_000_000;

const lifecycle = setup({
  types: {
    context: {} as FunctionContext,
    events: {} as FunctionEvent,
    input: {} as FunctionStarted,
    tags: {} as 'open' | 'won' | 'failed' | 'over',
  },
  guards: {
    isAwaited: rule(
      ({ event: { facts } }: Args) =>
        facts.turn.entry !== null || { code: 'NOT_AWAITED', message: 'The function does not wait for this' },
      ['turn'],
    ),
    hasReturned: rule(({ context: { outcome } }: Args) => outcome?.kind === 'completed' || { code: 'NOT_RETURNED' }),
    hasThrown: rule(({ context: { outcome } }: Args) => outcome?.kind === 'failed' || { code: 'NOT_THROWN' }),
    waitsForAction: rule(({ context: { waitsFor } }: Args) => waitsFor === 'action' || { code: 'NO_ACTION' }),
    waitsForEvent: rule(({ context: { waitsFor } }: Args) => waitsFor === 'event' || { code: 'NO_EVENT' }),
  },
  actions: {
    perform: several<ActionJob>('functions.perform', { as: 'action' }),
    publish: several<Publication>('functions.publish'),
    goOn: assign(({ context, event: { facts } }) => follow(context, facts.turn)),
    stop: assign({
      reason: ({ event }) =>
        event.type === 'function.cancel' || event.type === 'function.terminate' ? (event.reason ?? null) : null,
    }),
  },
  delays: { NEXT: ({ context: { alarmAt, at } }) => Math.max(0, Math.min(YEAR_MS, (alarmAt ?? Infinity) - at)) },
});

const GO_ON = { guard: 'isAwaited', target: 'running', actions: 'goOn' } as const;

const machine = lifecycle.createMachine({
  id: 'function',
  context: ({ input: { workflow, module, moduleVersion, input, userId, correlationId, instanceId, turn } }) =>
    follow(
      {
        workflow,
        module,
        moduleVersion,
        input,
        userId,
        correlationId,
        executionId: instanceId,
        log: [],
        calls: [],
        settled: 0,
        label: turn.label,
        data: {},
        waitsFor: turn.waitsFor,
        alarmAt: null,
        at: 0,
        actions: [],
        publications: [],
        outcome: null,
        reason: null,
      },
      turn,
    ),
  initial: 'running',
  on: {
    'function.cancel': { target: '.cancelled', actions: 'stop' },
    'function.terminate': { target: '.terminated', actions: 'stop' },
  },
  states: {
    running: {
      description: 'The function has gone as far as it can.',
      tags: 'open',
      entry: [
        { type: 'perform', params: ({ context: { actions } }) => ({ work: actions.map(numbered) }) },
        { type: 'publish', params: ({ context: { publications } }) => ({ work: publications.map(numbered) }) },
      ],
      always: [
        { guard: 'hasReturned', target: 'completed' },
        { guard: 'hasThrown', target: 'failed' },
        { guard: 'waitsForAction', target: 'waitingAction' },
        { guard: 'waitsForEvent', target: 'waitingEvent' },
        'waitingTimer',
      ],
    },
    waitingAction: {
      description: 'An action is being done.',
      tags: 'open',
      on: { 'action.done': GO_ON, 'action.failed': GO_ON, 'function.event': GO_ON },
      after: { NEXT: GO_ON },
    },
    waitingEvent: {
      description: 'Something has to happen.',
      tags: 'open',
      on: { 'function.event': GO_ON },
      after: { NEXT: GO_ON },
    },
    waitingTimer: {
      description: 'Time has to pass.',
      tags: 'open',
      on: { 'function.event': GO_ON },
      after: { NEXT: GO_ON },
    },
    completed: { description: 'The function has returned.', type: 'final', tags: 'won' },
    failed: {
      description: 'The function has thrown, or did something else than before.',
      type: 'final',
      tags: 'failed',
    },
    cancelled: { description: 'Nobody needs it any more.', type: 'final', tags: 'over' },
    terminated: { description: 'An administrator has ended it.', type: 'final', tags: 'over' },
  },
});

const numbered = <Work extends { seq: number }>(input: Work) => ({ id: input.seq, input });

function follow(context: FunctionContext, turn: Turn): FunctionContext {
  const { entry, calls, actions, publications, label, data, waitsFor, alarmAt, outcome } = turn;
  const log = entry ? [...context.log, entry] : context.log;
  const isFlawed = outcome?.kind === 'failed' && outcome.error.code === NONDETERMINISM;
  return {
    ...context,
    log,
    // What was asked in a flawed turn is asked again, for the first time, when the right version goes on.
    settled: isFlawed ? context.settled : log.length,
    calls: [...context.calls, ...calls],
    at: entry?.at ?? context.at,
    actions,
    publications,
    label,
    data,
    waitsFor,
    alarmAt,
    outcome,
  };
}

/** Who may tell a run something, or call it off: whoever started it, and who works with runs. */
const WORKERS = ['starter', 'admin', 'operator', 'service'] as const;

/** The lifecycle of a function's run, and who may send what. */
export const functionRun = defineLifecycle({
  name: 'function',
  version: 1,
  title: 'Function workflow',
  machine,
  events: {
    'action.done': { from: ['worker'], label: 'An action was done' },
    'action.failed': { from: ['worker'], label: 'An action was not done' },
    'function.event': { from: [...WORKERS, 'worker'], label: 'Tell it something' },
    'function.cancel': { from: WORKERS, label: 'Call it off' },
    'function.terminate': { from: ['admin'], label: 'End it' },
  },
});
