import { Injectable } from '@nestjs/common';
import { task, type Fields, type TaskContext, type TaskInput } from '../../machines/task.js';
import { seesEverything, type Caller } from '../auth/caller.js';
import { partiesOf } from '../engine/core/permission.js';
import { EngineService, type Ack, type Opening, type StartTx } from '../engine/engine.service.js';
import type { Cause } from '../engine/recording.js';
import { Reading } from '../engine/reading.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { findDefinition, type DefinitionRow } from './definitions/definitions.store.js';
import { dueAt } from './due.date.js';
import type { FormRow } from './forms/form.js';
import { findForm } from './forms/forms.store.js';
import { prefill } from './forms/prefill.js';
import type { CreateTask, InboxQuery, RenderedForm, TaskPage, TaskView } from './tasks.dto.js';
import { findTask, insertTask, listTasks } from './tasks.store.js';

/** Tasks for people: made, found and read. What happens to them goes through the engine's door like everything else. */
@Injectable()
export class Tasks {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly reading: Reading,
  ) {}

  /** Makes a task, once for each key. @throws WF006 when its kind, its date or what it is filled with will not do */
  create(caller: Caller, body: CreateTask, idempotencyKey: string | undefined): Promise<Ack> {
    return this.engine.start(caller, task.name, { idempotencyKey, request: body }, (tx) =>
      open(tx, body, caller.userId),
    );
  }

  /** Makes a task in a transaction that is under way: both come to be, or neither. @throws WF006 */
  createWithin(tx: Tx, cause: Cause, body: CreateTask, createdBy: string): Promise<Ack> {
    return this.engine.startWithin(tx, task.name, cause, (start) => open(start, body, createdBy));
  }

  /**
   * Calls a task off that an instance has given people, in a transaction that is under way. Answers false when it is over already.
   * @throws WF001 when the instance has given no such task
   */
  async cancelWithin(tx: Tx, cause: Cause, id: string, executionId: string, reason: string | null): Promise<boolean> {
    const row = await findTask(tx, id);
    if (row?.execution_id !== executionId) throw refuse('WF001', { detail: `There is no task ${id} of this run.` });
    const event = { type: 'task.cancel', payload: reason === null ? {} : { reason } };
    const consume = async (_: Tx, { status }: { status: string }) => (status === 'active' ? event : undefined);
    return (
      (await this.engine.receiveWithin(tx, id, { ...cause, kind: 'event' }, consume, 'ignore', 'worker')) !== undefined
    );
  }

  /** One page of what the caller has to do, or of everything there is (R004-70). @throws WF005 */
  inbox(caller: Caller, query: InboxQuery): Promise<TaskPage> {
    const { page, limit, scope } = query;
    if (scope === 'all' && !seesEverything(caller))
      throw refuse('WF005', { detail: 'The tasks of everybody are for those who oversee the tenant.' });
    const filter = {
      among: scope === 'all' ? null : partiesOf({ id: caller.userId, roles: caller.roles }),
      unassigned: caller.roles.includes('admin'),
      status: query.status,
      priority: query.priority ?? null,
      type: query.type ?? null,
      dueBefore: query.due_before ?? null,
      dueAfter: query.due_after ?? null,
      assignee: query.assignee ?? null,
      executionId: query.execution_id ?? null,
    };
    return this.database.transaction(caller.tenant, async (tx) => {
      const { data, total } = await listTasks(tx, filter, page, limit);
      return { data, page, limit, total, hasMore: page * limit < total };
    });
  }

  /** One task with its form, filled in as far as it is. @throws WF001 when there is none, or it is not for the caller */
  async read(caller: Caller, id: string): Promise<TaskView> {
    const instance = await this.reading.read(caller, id, task.name);
    const context = instance.context as unknown as TaskContext;
    return this.database.transaction(caller.tenant, async (tx) => {
      const row = await findTask(tx, id);
      const form = await findForm(tx, context.form.origin, context.form.name, context.form.version);
      if (!row || !form) throw refuse('WF001');
      return {
        ...row,
        context_data: context.contextData,
        form: rendered(form, context),
        allowed_events: instance.allowedEvents,
      };
    });
  }
}

async function open(tx: StartTx, body: CreateTask, createdBy: string): Promise<Opening> {
  const { taskType, title, description = null, contextData = {}, executionId = null } = body;
  const kind = await kindOf(tx, taskType);
  const form = await findForm(tx, kind.form_origin, kind.form_name, null);
  if (!form) throw refuse('WF006', { detail: `The form ${kind.form_name} has no active version.` });
  whole(form, contextData);
  if (executionId !== null) await present(tx, executionId);
  const { users = [], roles = [] } = body.assignTo ?? {};
  const input: TaskInput = {
    taskType,
    origin: kind.definition_type,
    title,
    description,
    priority: body.priority ?? kind.default_priority,
    dueAt: dueAt(body.dueDate, tx.at, kind.default_sla_days),
    expires: kind.expire_on_due,
    users: [...new Set(users)],
    roles: [...new Set(roles)],
    contextData,
    form: { origin: form.form_type, name: form.name, version: form.version },
    executionId,
    createdBy,
  };
  const assignees = [...input.users, ...input.roles.map((role) => `role:${role}`)];
  await insertTask(tx, { ...input, id: tx.instanceId, assignees });
  const parties = Object.fromEntries([
    ...input.users.map((user, index) => [`assignee${index + 1}`, user] as const),
    ...input.roles.map((role, index) => [`role:${index + 1}`, `role:${role}`] as const),
  ]);
  return { parties, keys: { taskType, ...(executionId !== null && { executionId }) }, input };
}

/** @throws WF006 */
async function kindOf(tx: Tx, taskType: string): Promise<DefinitionRow> {
  const kind = await findDefinition(tx, taskType);
  if (kind?.status === 'active') return kind;
  const message = kind ? `${taskType} is deprecated` : `there is no kind of task ${taskType}`;
  throw refuse('WF006', { errors: [{ field: 'taskType', message }] });
}

/** @throws WF006 when a strict form's templates ask for what the task does not say (R004-77) */
function whole(form: FormRow, contextData: Fields): void {
  const { unresolved } = prefill(form, contextData);
  if (form.is_strict && unresolved.length > 0)
    throw refuse('WF006', {
      errors: unresolved.map((path) => ({ field: `contextData.${path}`, message: `the form ${form.name} needs it` })),
    });
}

/** @throws WF006 when there is no such instance */
async function present(tx: Tx, executionId: string): Promise<void> {
  const found = await tx.one('select 1 from engine.instances where tenant = engine.tenant() and id = $1', [
    executionId,
  ]);
  if (!found) throw refuse('WF006', { errors: [{ field: 'executionId', message: 'there is no such instance' }] });
}

/** The form as it stands: what was saved goes before what it began with; what it ended with goes before both. */
function rendered(form: FormRow, { contextData, draft, response }: TaskContext): RenderedForm {
  const { data, unresolved } = prefill(form, contextData);
  const { name, version, form_type, json_schema, ui_schema, actions } = form;
  return {
    name,
    version,
    form_type,
    json_schema,
    ui_schema,
    actions: [...actions].sort((left, right) => (left.order ?? 0) - (right.order ?? 0)),
    data: { ...data, ...draft, ...response },
    unresolved,
  };
}
