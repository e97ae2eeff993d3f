import { Injectable, type OnModuleInit } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Fields, Value } from '../../../machines/function.types.js';
import type { Cause } from '../../engine/recording.js';
import type { Tx } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { fieldErrors } from '../../platform/validation.js';
import { CreateTask } from '../../tasks/tasks.dto.js';
import { Tasks } from '../../tasks/tasks.js';
import type { ActionCall } from '../actions/action.js';
import { ActionRegistry } from '../actions/action.registry.js';
import type { Parameter } from '../actions/parameters.js';
import { DEEPEST } from '../bus/bus.js';
import { ActionError } from '../failure.js';
import { depthOf } from '../runs/runs.store.js';
import { Runs } from '../runs/runs.js';
import { Workflows } from '../runs/workflows.js';
import { keepCompletionEvent, PRODUCT_COMPLETION_EVENTS } from './task.events.js';

/** Characters of why a task is called off. */
const LONGEST_REASON = 1_000;
const given = (name: string, type: Parameter['type'], required = false): Parameter => ({ name, type, required });

/** What every function can have done (R004-49). */
@Injectable()
export class BuiltIns implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly tasks: Tasks,
    private readonly runs: Runs,
    private readonly workflows: Workflows,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    const { registry } = this;
    registry.registerDatabaseAction(
      'create_human_task',
      'Gives people a task; its end comes back as an event',
      [
        given('taskType', 'string', true),
        given('title', 'string', true),
        given('description', 'string'),
        given('priority', 'string'),
        given('dueDate', 'string'),
        given('assignTo', 'object'),
        given('contextData', 'object'),
        given('completionEvent', 'string'),
      ],
      'READ COMMITTED',
      (params, call) => this.createTask(params, call),
    );
    registry.registerDatabaseAction(
      'cancel_human_task',
      'Calls a task of this run off that nobody has answered yet',
      [given('taskId', 'string', true), given('reason', 'string')],
      'READ COMMITTED',
      (params, call) => this.cancelTask(params, call),
    );
    registry.registerDatabaseAction(
      'trigger_workflow',
      'Starts a run of another workflow',
      [given('name', 'string', true), given('version', 'string'), given('input', 'object')],
      'READ COMMITTED',
      (params, call) => this.trigger(params, call),
    );
    registry.registerSimpleAction(
      'log_event',
      'Writes a line to the log',
      [given('message', 'string', true), given('fields', 'object')],
      async ({ message, fields = {} }, { tenant, executionId, correlationId }) =>
        this.log.info('workflow_event', { message, tenant, executionId, correlationId, context: fields }),
    );
  }

  /** Answers `{ success, taskId }` (R004-61). */
  private async createTask(params: Fields, call: ActionCall & { transaction: Tx }): Promise<Value> {
    const { completionEvent, ...rest } = params;
    const body = plainToInstance(CreateTask, { ...rest, executionId: call.executionId });
    const errors = validateSync(body, { whitelist: true, forbidNonWhitelisted: true });
    const [slip] = fieldErrors(errors);
    if (slip) throw new ActionError('INVALID_PARAMETERS', slip.message, 'permanent', { field: slip.field });
    const { transaction, executionId, userId } = call;
    const by = userId ?? `system:workflow:${executionId}`;
    const { instanceId: taskId } = await this.tasks.createWithin(transaction, causeOf(call), body, by);
    const name = typeof completionEvent === 'string' ? completionEvent : PRODUCT_COMPLETION_EVENTS[body.taskType];
    if (name !== undefined)
      await keepCompletionEvent(transaction, taskId, executionId, name.replaceAll('{taskId}', taskId));
    return { success: true, taskId };
  }

  /** Answers `{ success }`: false when it is over already (R004-67). */
  private async cancelTask({ taskId, reason }: Fields, call: ActionCall & { transaction: Tx }): Promise<Value> {
    const why = typeof reason === 'string' ? reason.slice(0, LONGEST_REASON) : null;
    return {
      success: await this.tasks.cancelWithin(call.transaction, causeOf(call), String(taskId), call.executionId, why),
    };
  }

  /** Answers `{ executionId }`. Runs that start each other end ten deep. */
  private async trigger({ name, version, input = {} }: Fields, call: ActionCall & { transaction: Tx }): Promise<Value> {
    const { transaction, executionId, userId, correlationId } = call;
    const depth = ((await depthOf(transaction, executionId)) ?? 0) + 1;
    if (depth > DEEPEST) throw new ActionError('TOO_DEEP', `Runs start each other ${DEEPEST} deep at most`);
    const workflow = await this.workflows.find(
      transaction,
      String(name),
      typeof version === 'string' ? version : undefined,
    );
    const start = { workflow, input: input as Fields, userId, correlationId, depth };
    const started = await this.runs.startWithin(transaction, causeOf(call), start);
    return { executionId: started.instanceId };
  }
}

const causeOf = ({ executionId, userId, idempotencyKey, correlationId }: ActionCall): Cause => ({
  kind: 'start',
  cause: `action:${idempotencyKey}`,
  actor: userId ?? `system:workflow:${executionId}`,
  roles: [],
  correlationId,
});
