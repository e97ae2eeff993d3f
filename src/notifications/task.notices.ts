import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { TaskContext } from '../../machines/task.js';
import type { EffectResult, EffectRun } from '../engine/host.js';
import type { Heard } from '../engine/listening.js';
import { Registry } from '../engine/registry.js';
import { Database, type Tx } from '../platform/database.js';
import { NotificationSender, type Message, type Recipient } from './notification.sender.js';

/** What people are told of tasks, by what happened to one. */
const NOTICES: Readonly<Record<string, string>> = {
  'task.created': 'task_assigned',
  'task.overdue': 'task_overdue',
  'task.canceled': 'task_canceled',
  'task.expired': 'task_expired',
};
/** Roles that can be told something as a team; whoever has another one finds the task in his inbox. */
const TEAMS: Readonly<Record<string, string>> = { legal: 'legal-team', sales: 'sales-team' };

type Task = Pick<TaskContext, 'title' | 'description' | 'priority' | 'dueAt' | 'users' | 'roles' | 'claimedBy'>;

/** Tells people that they have been given a task, that it is overdue, or that it is not to be done any more. */
@Injectable()
export class TaskNotices implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly sender: NotificationSender,
  ) {}

  onModuleInit(): void {
    this.registry.listen({
      lifecycles: ['task'],
      events: Object.keys(NOTICES),
      effect: 'notifications.task',
      handler: this.tell,
    });
  }

  /** Everybody by a key of his own: whom one attempt has told, the next leaves out. */
  readonly tell = async ({ event }: Heard, run: EffectRun): Promise<EffectResult> => {
    const type = NOTICES[event.type];
    const task = await this.database.transaction(run.tenant, (tx) => taskOf(tx, run.instanceId));
    if (type === undefined || !task) return { kind: 'done' };
    const results: EffectResult[] = [];
    for (const recipient of recipientsOf(event.type, task)) {
      const told = { ...run, key: `${run.key}:${recipient.id}` };
      results.push(await this.sender.send(messageOf(type, recipient, task, run.instanceId), told));
    }
    return (
      results.find(({ kind }) => kind === 'retry') ?? results.find(({ kind }) => kind === 'failed') ?? { kind: 'done' }
    );
  };
}

const taskOf = async (tx: Tx, id: string): Promise<Task | undefined> =>
  (
    await tx.one<{ context: Task }>(
      `select snapshot -> 'context' as context from engine.instances where tenant = engine.tenant() and id = $1`,
      [id],
    )
  )?.context;

/** Whom it is for; once somebody has taken it, he alone. Of an end that nobody was working towards nobody is told. */
function recipientsOf(type: string, { users, roles, claimedBy }: Task): Recipient[] {
  if (claimedBy !== null) return [person(claimedBy)];
  if (type === 'task.canceled' || type === 'task.expired') return [];
  const teams = roles.flatMap((role) => TEAMS[role] ?? []);
  return [...users.map(person), ...teams.map((id): Recipient => ({ id, type: 'internal', email: null }))];
}

const person = (id: string): Recipient => ({ id, type: 'partner', email: null });

const messageOf = (
  type: string,
  recipient: Recipient,
  { title, description, dueAt, priority }: Task,
  taskId: string,
): Message => ({
  type,
  recipient,
  data: { title, text: description ?? '', dueAt: new Date(dueAt).toISOString(), taskId },
  ...(type === 'task_assigned' && priority === 'urgent' && { priority: 'high' as const }),
});
