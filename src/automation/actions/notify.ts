import { Injectable } from '@nestjs/common';
import { IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { Action } from '../../actions/action.js';
import { NotificationSender, type Recipient } from '../../notifications/notification.sender.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';
import { Tasks } from '../../tasks/tasks.js';

/** A user, or everybody with the role `sales`. */
const TEAM = 'sales-team';
const USER = /^[\w.:@-]{1,128}$/;

/** Parameters of `comms.escalate`. */
export class EscalateParams {
  /** A user, or `sales-team`. */
  @IsString() @Matches(USER) to!: string;
  @IsString() @MinLength(1) @MaxLength(200) subject!: string;
  @IsString() @MinLength(1) @MaxLength(5_000) body!: string;
}

/** Parameters of `engagements.create_task`. */
export class CreateTaskParams {
  /** A user, or `sales-team`. */
  @IsString() @Matches(USER) assignee_id!: string;
  @IsString() @MinLength(1) @MaxLength(200) title!: string;
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(5_000) description?: string;
  /** Until when. */
  @MayBeAbsent() @IsMoment() due_at?: string;
}

/** Tells people: by every way that reaches them, in the app above all, where it stays until it is read. */
@Injectable()
export class Notify {
  constructor(
    private readonly sender: NotificationSender,
    private readonly tasks: Tasks,
  ) {}

  readonly escalate: Action<EscalateParams> = {
    type: 'comms.escalate',
    title: 'Tell somebody with high priority',
    kind: 'task',
    permission: 'comms.send',
    Params: EscalateParams,
    run: ({ to, subject, body }, run) =>
      this.sender.send(
        { type: 'rule_escalation', recipient: recipientOf(to), data: { title: subject, text: body } },
        run,
      ),
  };

  readonly createTask: Action<CreateTaskParams> = {
    type: 'engagements.create_task',
    title: 'Give somebody a task',
    kind: 'task',
    permission: 'engagements.write',
    Params: CreateTaskParams,
    run: async ({ assignee_id, title, description, due_at }, run) => {
      const task = {
        taskType: 'to_do',
        title,
        ...(description !== undefined && { description }),
        ...(due_at !== undefined && { dueDate: due_at }),
        assignTo: assignee_id === TEAM ? { roles: ['sales' as const] } : { users: [assignee_id] },
      };
      const { instanceId } = await this.tasks.create(run.caller, task, run.key);
      // Whom it is for is told by whoever tells of tasks.
      return { kind: 'done', output: { task_id: instanceId } };
    },
  };
}

const recipientOf = (id: string): Recipient => ({ id, type: id === TEAM ? 'internal' : 'partner', email: null });
