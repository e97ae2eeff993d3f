/**
 * Schedule: when a rule is due by itself.
 *
 *   waiting (due ↻ while it comes again) ─it does not come again→ ended      └─rule switched off, changed, gone→ stopped
 *
 * The machine knows moments only. Which moment a cron expression or a recurrence leads to is worked out in the tenant's zone, inside the
 * deciding transaction, and handed in as the fact `next`. What fell due while nobody worked is made up for once, however often it was.
 */
import { assign, emit, setup } from 'xstate';
import { defineLifecycle, rule, type Stamp, type Started } from '../src/engine/authoring.js';
import { OVERSEERS } from './workstream.events.js';

/** What a schedule starts with; moments in milliseconds since 1970. */
export interface ScheduleInput {
  ruleId: number;
  dueAt: number;
}

/** What a schedule remembers. */
export interface ScheduleContext extends ScheduleInput {
  startedAt: number;
  /** The last time it was due, and when that was noticed. */
  lastDueAt: number | null;
  firedAt: number | null;
}

/** Worked out from the rule as it is now; null when it does not come again, or the rule has no schedule any more. */
export interface ScheduleFacts {
  next: number | null;
}

type Event = ({ type: 'schedule.changed' } | { type: 'schedule.stopped' }) & Stamp<ScheduleFacts>;

interface Args {
  context: ScheduleContext;
  event: Event;
}

const machine = setup({
  types: {
    context: {} as ScheduleContext,
    events: {} as Event,
    input: {} as Started<ScheduleInput>,
    emitted: {} as { type: 'automation.scheduled'; rule_id: number; due_at: string },
    tags: {} as 'open' | 'over',
  },
  guards: {
    comesAgain: rule(({ event }: Args) => event.facts.next !== null || { code: 'NOT_AGAIN' }, ['next']),
  },
  actions: {
    plan: assign({ dueAt: ({ context, event }) => event.facts.next ?? context.dueAt }),
    fire: assign({ lastDueAt: ({ context }) => context.dueAt, firedAt: ({ event }) => event.at }),
    tell: emit(({ context }) => ({
      type: 'automation.scheduled' as const,
      rule_id: context.ruleId,
      due_at: new Date(context.dueAt).toISOString(),
    })),
  },
  // The first step is none of the events, and carries no time.
  delays: {
    DUE: ({ context, event }) => Math.max(0, context.dueAt - ((event as Partial<Event>).at ?? context.startedAt)),
  },
}).createMachine({
  id: 'schedule',
  context: ({ input: { ruleId, dueAt, at } }) => ({ ruleId, dueAt, startedAt: at, lastDueAt: null, firedAt: null }),
  initial: 'waiting',
  states: {
    waiting: {
      description: 'Its time comes.',
      tags: 'open',
      after: {
        DUE: [
          { guard: 'comesAgain', target: 'waiting', reenter: true, actions: ['tell', 'fire', 'plan'] },
          { target: 'ended', actions: ['tell', 'fire'] },
        ],
      },
      on: {
        'schedule.changed': [
          { guard: 'comesAgain', target: 'waiting', reenter: true, actions: 'plan' },
          { target: 'stopped' },
        ],
        'schedule.stopped': 'stopped',
      },
    },
    ended: { description: 'It was due for the last time.', type: 'final', tags: 'over' },
    stopped: { description: 'Nobody asks any more.', type: 'final', tags: 'over' },
  },
});

/** Set by the rules themselves; no user sends these. */
const BY_RULES = ['automation:rule'] as const;

/** The lifecycle of when a rule is due, and who may send what. */
export const schedule = defineLifecycle({
  name: 'schedule',
  version: 1,
  title: 'Schedule of a rule',
  machine,
  overseers: OVERSEERS,
  events: {
    'schedule.changed': { from: BY_RULES, label: 'The rule was changed' },
    'schedule.stopped': { from: BY_RULES, label: 'The rule was switched off or taken away' },
  },
});
