/**
 * One clock: how long one item of the pipeline may wait for one thing, by one rule (R001-54 to R001-60).
 *
 *   running (quiet ─warning→ warned) ─deadline→ breached ─dealt with→ resolved
 *      ↕ paused, resumed          └─dealt with in time→ met       └─ withdrawn: the rule or the item is gone
 *
 * The machine knows moments only. Which moment a number of working hours leads to is worked out from the tenant's calendar,
 * inside the deciding transaction, and handed in as the fact `schedule`: a rule that was changed or withdrawn a moment ago counts.
 */
import { assign, emit, setup } from 'xstate';
import { defineLifecycle, effect, rule, type Stamp, type Started } from '../src/engine/authoring.js';
import { OVERSEERS } from './workstream.events.js';

export const ITEM_TYPES = ['signal', 'candidate', 'pursuit'] as const;
export type ItemType = (typeof ITEM_TYPES)[number];

/** What is counted, moments in milliseconds since 1970. */
export interface Schedule {
  thresholdMs: number;
  /** Time of the rule's kind that had passed before `since`. */
  countedMs: number;
  /** Since when time passes without a pause. */
  since: number;
  warnAt: number;
  dueAt: number;
  /** What it was worked out from: the rule as it was, and the calendar; empty by the wall clock. */
  ruleRevision: number;
  calendar: string;
}

export interface SlaInput extends Schedule {
  clockId: number;
  ruleId: number;
  metric: string;
  itemType: ItemType;
  itemId: number;
  /** What a breach is for: `untouched`, `unsubmitted`, … (R001-57). */
  reasonCode: string;
  ownerId: string | null;
}

interface Context extends SlaInput {
  startedAt: number;
  warnedAt: number | null;
  /** Since when it stands still. */
  pausedAt: number | null;
  breachedAt: number | null;
  /** Why it ended, or stands still. */
  reason: string | null;
}

export interface SlaFacts {
  /** Worked out anew from the rule as it is now; null when the rule no longer applies. */
  schedule: Schedule | null;
}

type Event = (
  | { type: 'sla.met'; reason: string }
  | { type: 'sla.paused'; reason: string }
  | { type: 'sla.resumed' }
  | { type: 'sla.rescheduled' }
  | { type: 'sla.withdrawn'; reason: string }
) &
  Stamp<SlaFacts>;

interface Args {
  context: Context;
  event: Event;
}

/** Who is to hear what of an item that waits too long. */
export interface SlaNotice {
  news: 'warned' | 'breached';
  ruleId: number;
  metric: string;
  itemType: ItemType;
  itemId: number;
  ownerId: string | null;
  dueAt: number;
}

const scheduleOf = (event: Event): Schedule | null => event.facts.schedule ?? null;

/** The first step is none of the events, and carries no time. */
const timeOf = ({ startedAt }: Context, event: Partial<Event>): number => event.at ?? startedAt;

/** The domain event of a clock (R001-59), in the shape of the pipeline's events. */
const words = ({ ruleId, metric, itemType, itemId, reasonCode }: Context) => ({
  item_type: itemType,
  item_id: itemId,
  actor_user_id: null,
  payload: { rule_id: ruleId, metric, item: `${itemType}:${itemId}`, reason_code: reasonCode },
});

const tell = (news: SlaNotice['news']) => ({
  type: 'alert' as const,
  params: ({ context: { ruleId, metric, itemType, itemId, ownerId, dueAt } }: { context: Context }): SlaNotice => ({
    news,
    ruleId,
    metric,
    itemType,
    itemId,
    ownerId,
    dueAt,
  }),
});

const machine = setup({
  types: {
    context: {} as Context,
    events: {} as Event,
    input: {} as Started<SlaInput>,
    emitted: {} as { type: 'sla.warned' | 'sla.breached' | 'sla.resolved' } & ReturnType<typeof words>,
    tags: {} as 'open' | 'won' | 'lost',
    meta: {} as { noDeadline: string },
  },
  guards: {
    ruleApplies: rule(
      ({ event }: Args) =>
        scheduleOf(event) !== null || { code: 'RULE_WITHDRAWN', message: 'The rule is not active any more.' },
      ['schedule'],
    ),
    // The rule may have been given more time since the timer was armed.
    isDue: rule(
      ({ event }: Args) => (scheduleOf(event)?.dueAt ?? Infinity) <= event.at || { code: 'NOT_DUE' },
      ['schedule'],
    ),
    isTimeToWarn: rule(
      ({ context: { warnedAt }, event }: Args) => {
        const { warnAt, dueAt } = scheduleOf(event) ?? { warnAt: Infinity, dueAt: 0 };
        if (warnAt > event.at) return { code: 'NOT_DUE' };
        // After a time out of service both moments have passed: a warning would come after the fact.
        if (dueAt <= event.at) return { code: 'TOO_LATE_TO_WARN' };
        return warnedAt === null || warnAt > warnedAt || { code: 'WARNED_BEFORE' };
      },
      ['schedule'],
    ),
  },
  actions: {
    alert: effect<SlaNotice>('workstream.slaAlert'),
    reschedule: assign(({ event }) => scheduleOf(event) ?? {}),
    explain: assign(({ event }) => ({ reason: 'reason' in event ? event.reason : null })),
    stop: assign({ pausedAt: ({ event }) => event.at }),
    forget: assign({ reason: null, pausedAt: null }),
  },
  delays: {
    WARNING: ({ context, event }) => Math.max(0, context.warnAt - timeOf(context, event)),
    DEADLINE: ({ context, event }) => Math.max(0, context.dueAt - timeOf(context, event)),
  },
}).createMachine({
  id: 'sla',
  context: ({ input }) => {
    const { clockId, ruleId, metric, itemType, itemId, reasonCode, ownerId } = input;
    const { thresholdMs, countedMs, since, warnAt, dueAt, ruleRevision, calendar } = input;
    return {
      clockId,
      ruleId,
      metric,
      itemType,
      itemId,
      reasonCode,
      ownerId,
      thresholdMs,
      countedMs,
      since,
      warnAt,
      dueAt,
      ruleRevision,
      calendar,
      startedAt: input.at,
      warnedAt: null,
      pausedAt: null,
      breachedAt: null,
      reason: null,
    };
  },
  initial: 'running',
  states: {
    running: {
      description: 'Time passes.',
      tags: 'open',
      initial: 'quiet',
      states: {
        quiet: {
          after: {
            WARNING: [
              {
                guard: 'isTimeToWarn',
                target: 'warned',
                actions: [
                  assign({ warnedAt: ({ event }) => event.at }),
                  emit(({ context }) => ({ type: 'sla.warned' as const, ...words(context) })),
                  tell('warned'),
                ],
              },
              { target: 'warned' },
            ],
          },
        },
        warned: { description: 'Somebody has been told that it is getting late.' },
      },
      on: {
        'sla.met': 'met',
        'sla.withdrawn': 'withdrawn',
        'sla.paused': 'paused',
        'sla.rescheduled': { guard: 'ruleApplies', target: 'running', reenter: true, actions: 'reschedule' },
      },
      after: {
        DEADLINE: [
          { guard: 'isDue', target: 'breached' },
          { guard: 'ruleApplies', target: 'running', reenter: true, actions: 'reschedule' },
          { target: 'withdrawn' },
        ],
      },
    },

    paused: {
      description: 'Time stands still.',
      tags: 'open',
      meta: { noDeadline: 'a pause lasts until whoever is waited for has answered' },
      entry: ['explain', 'stop'],
      exit: 'forget',
      on: {
        'sla.met': 'met',
        'sla.withdrawn': 'withdrawn',
        'sla.resumed': { guard: 'ruleApplies', target: 'running', actions: 'reschedule' },
        'sla.rescheduled': { guard: 'ruleApplies', actions: 'reschedule' },
      },
    },

    breached: {
      description: 'It took too long. The breach is open until the item is dealt with.',
      tags: ['open', 'lost'],
      meta: { noDeadline: 'a breach is open until the item is dealt with (R001-59)' },
      entry: [
        assign({ breachedAt: ({ event }) => event.at }),
        emit(({ context }) => ({ type: 'sla.breached' as const, ...words(context) })),
        tell('breached'),
      ],
      on: { 'sla.met': 'resolved', 'sla.withdrawn': 'resolved' },
    },

    met: { description: 'Dealt with in time.', type: 'final', tags: 'won', entry: 'explain' },
    resolved: {
      description: 'Dealt with, too late.',
      type: 'final',
      tags: 'lost',
      entry: ['explain', emit(({ context }) => ({ type: 'sla.resolved' as const, ...words(context) }))],
    },
    withdrawn: { description: 'Nobody asks any more.', type: 'final', entry: 'explain' },
  },
});

/** Set by the pipeline itself when an item moves or a rule changes; no user sends these. */
const BY_PIPELINE = ['workstream:item'] as const;
const BY_PEOPLE = ['admin', 'operator', 'sales', ...BY_PIPELINE] as const;

export const sla = defineLifecycle({
  name: 'sla',
  version: 1,
  title: 'Service level',
  machine,
  overseers: OVERSEERS,
  events: {
    'sla.met': { from: BY_PIPELINE, label: 'The item was dealt with' },
    'sla.paused': { from: BY_PEOPLE, label: 'Stop the clock' },
    'sla.resumed': { from: BY_PEOPLE, label: 'Let the clock go on' },
    'sla.rescheduled': { from: BY_PIPELINE, label: 'The rule or the calendar changed' },
    'sla.withdrawn': { from: BY_PIPELINE, label: 'The rule or the item is gone' },
  },
});
