/**
 * Operation: one deed done to many instances, looked at beforehand, tried on a few, agreed to, and taken back where that is possible.
 *
 *   planning (group ↻) → planned ─sample→ sampling → sampled ─approve→ running (group ↻) ⇄ paused
 *                          └─cancel, nobody decides→ cancelled                └─no more→ performed ─undo→ undoing (group ↻) → undone
 *                                                                                           └─cannot, or not in time→ closed
 *
 * Each group is an effect of its own, so that a restart goes on where it was. What became of each instance is in rows beside it.
 */
import { and, assign, setup } from 'xstate';
import { defineLifecycle, durable, rule, type Stamp, type Started } from '../src/engine/authoring.js';

/** JSON, as payloads are. */
type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** What is done to each instance. */
export type Deed =
  | { verb: 'event'; type: string; payload: { [name: string]: Value } }
  | { verb: 'force'; toState: string; runEntryEffects: boolean }
  /** `to` is the newest version when it was asked for. */
  | { verb: 'migrate'; to: number }
  | { verb: 'retry' };

/** Which instances; what is left out does not narrow them. */
export interface Selection {
  lifecycle: string;
  version?: number;
  /** A state, or a state and what is below it. */
  state?: string;
  tag?: string;
  status?: string;
  ids?: string[];
}

export interface OperationInput {
  deed: Deed;
  selection: Selection;
  reason: string;
  /** Instances a second at most. */
  perSecond: number;
  /** How many were selected. */
  total: number;
  askedBy: string;
  roles: string[];
}

export interface OperationContext extends OperationInput {
  /** How many would take it, as far as they have been looked at. */
  acceptable: number;
  /** How many are to be tried first. */
  sample: number;
  /** Who agreed last. */
  approvedBy: string | null;
  /** Why it stopped, or null. */
  error: string | null;
}

/** One group: what is to be done, in whose name, and how many at most. */
export interface GroupRequest {
  lifecycle: string;
  deed: Deed;
  reason: string;
  askedBy: string;
  roles: string[];
  approvedBy: string | null;
  perSecond: number;
  /** How many at most; as many as are right for one group when null. */
  most: number | null;
}

export interface GroupLooked {
  acceptable: number;
  /** How many have not been looked at yet. */
  left: number;
}

export interface GroupDone {
  /** How many are still to be done. */
  left: number;
}

/** Whether another administrator has to decide. */
interface Facts {
  needsSecond: boolean;
}

type Event =
  | ({ type: 'bulk.sample'; count: number; reason: string } & Stamp<Facts>)
  | ({ type: 'bulk.approve' | 'bulk.undo'; reason: string } & Stamp<Facts>)
  | ({ type: 'bulk.pause' | 'bulk.resume' | 'bulk.cancel'; reason: string } & Stamp);

interface Args {
  context: OperationContext;
  event: Event;
}

const DAY = 86_400_000;

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown';

const groupOf = (
  { deed, selection: { lifecycle }, reason, askedBy, roles, approvedBy, perSecond }: OperationContext,
  most: number | null,
): GroupRequest => ({ lifecycle, deed, reason, askedBy, roles, approvedBy, perSecond, most });

const machine = setup({
  types: {
    context: {} as OperationContext,
    events: {} as Event,
    input: {} as Started<OperationInput>,
    tags: {} as 'open' | 'won' | 'over' | 'failed',
    meta: {} as { noDeadline: string },
  },
  guards: {
    hasMore: rule((_: Args, { left }: { left: number }) => left > 0 || { code: 'NO_MORE' }),
    wouldDo: rule(
      ({ context }: Args) =>
        context.acceptable > 0 || { code: 'NOTHING_ACCEPTED', message: 'none of the instances would take it' },
    ),
    mayDecide: rule(
      ({ context, event }: Args) =>
        !('needsSecond' in event.facts && event.facts.needsSecond) ||
        event.caller.id !== context.askedBy || {
          code: 'SECOND_APPROVER_NEEDED',
          message: 'another administrator than the one who asked has to decide',
          clearedBy: ['admin'],
        },
      ['needsSecond'],
    ),
    isUndoable: rule(
      ({ context: { deed } }: Args) => deed.verb === 'force' || deed.verb === 'migrate' || { code: 'NO_WAY_BACK' },
    ),
  },
  actors: {
    look: durable<GroupRequest, GroupLooked>('bulk.plan'),
    try: durable<GroupRequest, GroupDone>('bulk.perform'),
    perform: durable<GroupRequest, GroupDone>('bulk.perform'),
    takeBack: durable<GroupRequest, GroupDone>('bulk.undo'),
  },
  actions: {
    count: assign(({ context }, { acceptable }: { acceptable: number }) => ({
      acceptable: context.acceptable + acceptable,
    })),
    agree: assign(({ context, event }) => ({
      approvedBy: event.caller.id,
      sample: event.type === 'bulk.sample' ? event.count : context.sample,
      error: null,
    })),
    note: assign((_, { error }: { error: unknown }) => ({ error: messageOf(error) })),
    forget: assign({ error: null }),
  },
  delays: { DECISION: 7 * DAY, WAY_BACK: 7 * DAY },
}).createMachine({
  id: 'operation',
  context: ({ input: { deed, selection, reason, perSecond, total, askedBy, roles } }) => ({
    deed,
    selection,
    reason,
    perSecond,
    total,
    askedBy,
    roles,
    acceptable: 0,
    sample: 0,
    approvedBy: null,
    error: null,
  }),
  initial: 'planning',
  states: {
    planning: {
      description: 'Each instance is asked what it would make of it; nothing is done.',
      tags: 'open',
      meta: { noDeadline: 'the outbox retries and answers' },
      invoke: {
        id: 'look',
        src: 'look',
        input: ({ context }) => groupOf(context, null),
        onDone: [
          {
            guard: { type: 'hasMore', params: ({ event }) => ({ left: event.output.left }) },
            target: 'planning',
            reenter: true,
            actions: { type: 'count', params: ({ event }) => ({ acceptable: event.output.acceptable }) },
          },
          {
            target: 'planned',
            actions: { type: 'count', params: ({ event }) => ({ acceptable: event.output.acceptable }) },
          },
        ],
        onError: { target: 'failed', actions: { type: 'note', params: ({ event }) => ({ error: event.error }) } },
      },
      on: { 'bulk.cancel': 'cancelled' },
    },
    planned: {
      description: 'An administrator looks at what it would come to.',
      tags: 'open',
      on: {
        'bulk.sample': { guard: and(['wouldDo', 'mayDecide']), target: 'sampling', actions: 'agree' },
        'bulk.cancel': 'cancelled',
      },
      after: { DECISION: 'cancelled' },
    },
    sampling: {
      description: 'It is tried on a few.',
      tags: 'open',
      meta: { noDeadline: 'the outbox retries and answers' },
      invoke: {
        id: 'try',
        src: 'try',
        input: ({ context }) => groupOf(context, context.sample),
        onDone: [
          { guard: { type: 'hasMore', params: ({ event }) => ({ left: event.output.left }) }, target: 'sampled' },
          { target: 'over' },
        ],
        onError: { target: 'sampled', actions: { type: 'note', params: ({ event }) => ({ error: event.error }) } },
      },
      on: { 'bulk.cancel': 'over' },
    },
    sampled: {
      description: 'An administrator looks at what it came to.',
      tags: 'open',
      on: {
        'bulk.sample': { guard: 'mayDecide', target: 'sampling', actions: 'agree' },
        'bulk.approve': { guard: 'mayDecide', target: 'running', actions: 'agree' },
        'bulk.cancel': 'over',
      },
      after: { DECISION: 'over' },
    },
    running: {
      description: 'One group after the other.',
      tags: 'open',
      meta: { noDeadline: 'the outbox retries and answers' },
      invoke: {
        id: 'perform',
        src: 'perform',
        input: ({ context }) => groupOf(context, null),
        onDone: [
          {
            guard: { type: 'hasMore', params: ({ event }) => ({ left: event.output.left }) },
            target: 'running',
            reenter: true,
          },
          { target: 'over' },
        ],
        onError: { target: 'paused', actions: { type: 'note', params: ({ event }) => ({ error: event.error }) } },
      },
      on: { 'bulk.pause': 'paused', 'bulk.cancel': 'over' },
    },
    paused: {
      description: 'What is done stays done; the rest waits.',
      tags: 'open',
      meta: { noDeadline: 'an administrator lets it go on, or ends it' },
      on: { 'bulk.resume': { target: 'running', actions: 'forget' }, 'bulk.cancel': 'over' },
    },
    over: { always: [{ guard: 'isUndoable', target: 'performed' }, { target: 'closed' }] },
    performed: {
      description: 'Over; it can be taken back for a while.',
      tags: 'open',
      on: { 'bulk.undo': { guard: 'mayDecide', target: 'undoing', actions: 'agree' } },
      after: { WAY_BACK: 'closed' },
    },
    undoing: {
      description: 'What was done is taken back, where nothing has happened since.',
      tags: 'open',
      meta: { noDeadline: 'the outbox retries and answers' },
      invoke: {
        id: 'takeBack',
        src: 'takeBack',
        input: ({ context }) => groupOf(context, null),
        onDone: [
          {
            guard: { type: 'hasMore', params: ({ event }) => ({ left: event.output.left }) },
            target: 'undoing',
            reenter: true,
          },
          { target: 'undone' },
        ],
        onError: { target: 'performed', actions: { type: 'note', params: ({ event }) => ({ error: event.error }) } },
      },
      on: { 'bulk.cancel': 'performed' },
    },
    closed: { type: 'final', tags: 'won' },
    undone: { type: 'final', tags: 'over' },
    cancelled: { description: 'Nothing was done.', type: 'final', tags: 'over' },
    failed: { type: 'final', tags: 'failed' },
  },
});

/** The lifecycle of a deed done to many instances, and who may send what. */
export const operation = defineLifecycle({
  name: 'operation',
  version: 1,
  title: 'Bulk operation',
  machine,
  events: {
    'bulk.sample': { from: ['admin'], label: 'Try it on a few' },
    'bulk.approve': { from: ['admin'], label: 'Agree' },
    'bulk.pause': { from: ['admin'], label: 'Pause' },
    'bulk.resume': { from: ['admin'], label: 'Go on' },
    'bulk.cancel': { from: ['admin'], label: 'End it' },
    'bulk.undo': { from: ['admin'], label: 'Take it back' },
  },
});
