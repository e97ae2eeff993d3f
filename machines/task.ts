/**
 * Human task: something that a person has to do, or to decide (R004-62 to R004-69).
 *
 *   open (pending ⇄ claimed) ─answered→ completed     ├─not wanted any more→ canceled     └─too late→ expired
 *
 * Who may take it stands in the task. Whether an answer fits the task's form is worked out when it comes, and handed in as the fact `judged`.
 */
import { and, assign, emit, setup } from 'xstate';
import { defineLifecycle, rule, type Stamp, type Started } from '../src/engine/authoring.js';

export const TASK_PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
export type TaskPriority = (typeof TASK_PRIORITIES)[number];

/** JSON, as forms give it. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };
export interface Fields {
  [name: string]: Value;
}

/** Where a definition comes from: the product, or the tenant (R004-62). */
export type Origin = 'system' | 'tenant';

/** What a task starts with. */
export interface TaskInput {
  taskType: string;
  origin: Origin;
  title: string;
  description: string | null;
  priority: TaskPriority;
  /** Milliseconds since 1970. */
  dueAt: number;
  /** Whether it is over when its time has come; else it stays, overdue. */
  expires: boolean;
  /** Who may take it. Without anybody it is for administrators. */
  users: readonly string[];
  roles: readonly string[];
  contextData: Fields;
  /** The form, in the version that it is answered in for ever. */
  form: { origin: Origin; name: string; version: string };
  /** The instance that asked for it. */
  executionId: string | null;
  createdBy: string;
}

/** What a task remembers. */
export interface TaskContext extends TaskInput {
  taskId: string;
  startedAt: number;
  claimedBy: string | null;
  claimedAt: number | null;
  /** What was filled in so far. */
  draft: Fields | null;
  completedBy: string | null;
  completedAt: number | null;
  response: Fields | null;
  reason: string | null;
  overdueAt: number | null;
}

/** Something in an answer that does not fit the form. */
export interface Flaw {
  path: string;
  message: string;
}

/** What is known of an answer, by the form: what of it is kept, and what does not fit. */
export interface Judged {
  answer: Fields;
  flaws: readonly Flaw[];
}

export interface TaskFacts {
  judged: Judged;
}

export type TaskEvent = (
  | { type: 'task.claim' }
  | { type: 'task.unclaim' }
  | { type: 'task.draft'; formData: Fields }
  | { type: 'task.complete'; formData: Fields; comments?: string }
  | { type: 'task.cancel'; reason?: string }
) &
  Stamp<TaskFacts>;

interface Args {
  context: TaskContext;
  event: TaskEvent;
}

const TELLS = {
  created: 'task.created',
  claimed: 'task.claimed',
  unclaimed: 'task.unclaimed',
  completed: 'task.completed',
  canceled: 'task.canceled',
  expired: 'task.expired',
  overdue: 'task.overdue',
} as const;

/** What is told of a task. */
export interface TaskNews {
  type: (typeof TELLS)[keyof typeof TELLS];
  task_id: string;
  task_type: string;
  title: string;
  priority: TaskPriority;
  execution_id: string | null;
  claimed_by: string | null;
  completed_by: string | null;
  response: Fields | null;
}

const machine = setup({
  types: {
    context: {} as TaskContext,
    events: {} as TaskEvent,
    input: {} as Started<TaskInput>,
    emitted: {} as TaskNews,
    tags: {} as 'open' | 'overdue' | 'won' | 'over',
  },
  guards: {
    isAssigned: rule(({ context: { users, roles }, event: { caller } }: Args) => {
      const isForNobody = users.length === 0 && roles.length === 0;
      const may =
        users.includes(caller.id) ||
        roles.some((role) => caller.roles.includes(role)) ||
        (isForNobody && caller.roles.includes('admin'));
      return may || { code: 'NOT_ASSIGNED', message: 'The task is for others', clearedBy: [...users, ...roles] };
    }),
    isMine: rule(
      ({ context: { claimedBy }, event: { caller } }: Args) =>
        claimedBy === caller.id || { code: 'TAKEN', message: 'Somebody else has taken the task' },
    ),
    fits: rule(
      ({ event: { facts } }: Args) =>
        facts.judged.flaws.length === 0 || {
          code: 'FORM_INVALID',
          message: 'The answer does not fit the form',
          data: facts.judged.flaws,
        },
      ['judged'],
    ),
    expires: rule(({ context }: Args) => context.expires || { code: 'STAYS', message: 'The task stays, overdue' }),
  },
  actions: {
    claim: assign({ claimedBy: ({ event }) => event.caller.id, claimedAt: ({ event }) => event.at }),
    again: assign({ claimedBy: ({ context }) => context.claimedBy }),
    unclaim: assign({ claimedBy: null, claimedAt: null }),
    keep: assign({ draft: ({ context, event }) => (event.type === 'task.draft' ? event.formData : context.draft) }),
    answer: assign({
      completedBy: ({ event }) => event.caller.id,
      completedAt: ({ event }) => event.at,
      response: ({ event }) => (event.type === 'task.complete' ? answerOf(event) : null),
      draft: null,
    }),
    cancel: assign({ reason: ({ event }) => (event.type === 'task.cancel' ? (event.reason ?? null) : null) }),
    note: assign({ overdueAt: ({ context }) => context.dueAt }),
    tellCreated: emit(({ context }) => news('created', context)),
    tellClaimed: emit(({ context }) => news('claimed', context)),
    tellUnclaimed: emit(({ context }) => news('unclaimed', context)),
    tellCompleted: emit(({ context }) => news('completed', context)),
    tellCanceled: emit(({ context }) => news('canceled', context)),
    tellExpired: emit(({ context }) => news('expired', context)),
    tellOverdue: emit(({ context }) => news('overdue', context)),
  },
  delays: { DUE: ({ context }) => Math.max(0, context.dueAt - context.startedAt) },
}).createMachine({
  id: 'task',
  context: ({ input: { instanceId, at, ...given } }) => ({
    taskType: given.taskType,
    origin: given.origin,
    title: given.title,
    description: given.description,
    priority: given.priority,
    dueAt: given.dueAt,
    expires: given.expires,
    users: given.users,
    roles: given.roles,
    contextData: given.contextData,
    form: given.form,
    executionId: given.executionId,
    createdBy: given.createdBy,
    taskId: instanceId,
    startedAt: at,
    claimedBy: null,
    claimedAt: null,
    draft: null,
    completedBy: null,
    completedAt: null,
    response: null,
    reason: null,
    overdueAt: null,
  }),
  initial: 'open',
  states: {
    open: {
      description: 'It is to be done.',
      tags: 'open',
      entry: 'tellCreated',
      initial: 'pending',
      states: {
        pending: {
          description: 'Nobody has taken it.',
          on: {
            'task.claim': { guard: 'isAssigned', target: 'claimed', actions: ['claim', 'tellClaimed'] },
            'task.complete': { guard: and(['isAssigned', 'fits']), target: '#task.completed', actions: 'answer' },
          },
        },
        claimed: {
          description: 'Somebody is at it.',
          on: {
            // Taking again what one has taken changes nothing (R004-67).
            'task.claim': { guard: 'isMine', actions: 'again' },
            'task.unclaim': { guard: 'isMine', target: 'pending', actions: ['tellUnclaimed', 'unclaim'] },
            'task.draft': { guard: 'isMine', actions: 'keep' },
            'task.complete': { guard: and(['isMine', 'fits']), target: '#task.completed', actions: 'answer' },
          },
        },
      },
      on: { 'task.cancel': { target: 'canceled', actions: 'cancel' } },
      after: { DUE: [{ guard: 'expires', target: 'expired' }, { actions: ['note', 'tellOverdue'] }] },
    },
    completed: { description: 'It has been answered.', type: 'final', tags: 'won', entry: 'tellCompleted' },
    canceled: { description: 'Nobody needs it any more.', type: 'final', tags: 'over', entry: 'tellCanceled' },
    expired: { description: 'Its time is over.', type: 'final', tags: 'over', entry: 'tellExpired' },
  },
});

function news(what: keyof typeof TELLS, context: TaskContext): TaskNews {
  return {
    type: TELLS[what],
    task_id: context.taskId,
    task_type: context.taskType,
    title: context.title,
    priority: context.priority,
    execution_id: context.executionId,
    claimed_by: context.claimedBy,
    completed_by: context.completedBy,
    response: context.response,
  };
}

/** Comments stand beside what the form asks (R004-68). */
const answerOf = ({ facts, comments }: { comments?: string } & Stamp<TaskFacts>): Fields => ({
  ...facts.judged.answer,
  ...(comments !== undefined && { __comments: comments }),
});

/** Whoever has signed in; the machine itself knows whom the task is for. */
const ANYBODY = [
  'admin',
  'operator',
  'legal',
  'creator',
  'investor',
  'production',
  'sales',
  'service',
  'viewer',
] as const;

/** The lifecycle of a human task, and who may send what. */
export const task = defineLifecycle({
  name: 'task',
  version: 1,
  title: 'Human task',
  machine,
  events: {
    'task.claim': { from: ANYBODY, label: 'Take it' },
    'task.unclaim': { from: ANYBODY, label: 'Give it back' },
    'task.draft': { from: ANYBODY, label: 'Save what is filled in' },
    'task.complete': { from: ANYBODY, label: 'Answer it' },
    'task.cancel': { from: ['admin', 'operator', 'service', 'worker'], label: 'Call it off' },
  },
});
