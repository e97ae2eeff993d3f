import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Fields, Value } from '../../../machines/function.types.js';
import { isFields } from '../../tasks/forms/form.js';
import { ActionError } from '../failure.js';
import type { ActionCall } from './action.js';
import { ActionExecutors } from './action.executor.js';
import { ERROR_STRATEGIES, type PlannedAction } from './action.graph.js';
import { ActionRegistry } from './action.registry.js';

const MOST_ACTIONS = 100;
const MOST_AT_ONCE = 50;
const MOST_RETRIES = 9;
const LONGEST_NAME = 100;
/** All of them together. Tried again, it goes on with those that are not done. */
const TIMEOUT_MS = 60_000;

/** The built-in action `execute_actions`: many actions that stand on each other, from within a function (R004-46). */
@Injectable()
export class ExecuteActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly executors: ActionExecutors,
  ) {}

  onModuleInit(): void {
    this.registry.registerSimpleAction(
      'execute_actions',
      'Does many actions, each when what it stands on is done',
      [
        { name: 'actions', type: 'array', required: true, ofActions: true },
        { name: 'errorStrategy', type: 'string', required: false },
        { name: 'maxConcurrency', type: 'number', required: false, validate: upTo(MOST_AT_ONCE, 1) },
        { name: 'retries', type: 'number', required: false, validate: upTo(MOST_RETRIES, 0) },
      ],
      (params, call) => this.execute(params, call),
      { timeoutMs: TIMEOUT_MS },
    );
  }

  /** What became of each action, in the order given; one that fails does not fail the whole. */
  private async execute(
    { actions, errorStrategy = 'stop', maxConcurrency, retries }: Fields,
    { tenant, executionId, userId, idempotencyKey, signal }: ActionCall,
  ): Promise<Value> {
    const strategy = ERROR_STRATEGIES.find((known) => known === errorStrategy);
    if (!strategy) throw invalid('errorStrategy', `is one of ${ERROR_STRATEGIES.join(', ')}`);
    const executor = this.executors.createActionExecutor({
      errorStrategy: strategy,
      ...(typeof maxConcurrency === 'number' && { maxConcurrency }),
      ...(typeof retries === 'number' && { retries }),
    });
    // The key of the call is the event that they are done about: tried again, what is done is not done again.
    const event = { event_id: idempotencyKey, execution_id: executionId, user_id: userId, signal };
    const results = await executor.executeActions(planned(actions), event, tenant);
    return results as unknown as Value;
  }
}

function planned(actions: Value | undefined): PlannedAction[] {
  if (!Array.isArray(actions) || actions.length > MOST_ACTIONS)
    throw invalid('actions', `is a list of at most ${MOST_ACTIONS}`);
  return actions.map((action, index) => {
    const objection = objectionTo(action);
    if (objection !== undefined) throw invalid('actions', `[${index}] ${objection}`);
    return action as unknown as PlannedAction;
  });
}

/** What is wrong with the shape of one of them. */
function objectionTo(action: Value): string | undefined {
  if (!isFields(action)) return 'is an object';
  const { id, name, params, dependsOn = [], compensationActions = [], errorStrategy, runOnFailure } = action;
  const wrong = ['path', 'group', 'syncPoint'].find((key) => action[key] !== undefined && !isName(action[key]));
  if (!isName(id) || !isName(name)) return `has an id and a name of 1 to ${LONGEST_NAME} characters`;
  if (wrong !== undefined) return `has a ${wrong} of 1 to ${LONGEST_NAME} characters`;
  if (params !== undefined && !isFields(params)) return 'has params that are no object';
  if (!Array.isArray(dependsOn) || !dependsOn.every(isName)) return 'has dependsOn that is no list of names';
  if (
    !Array.isArray(compensationActions) ||
    compensationActions.some((undo) => !isFields(undo) || !isName(undo['name']))
  )
    return 'has compensationActions that are no list of {name, params}';
  if (errorStrategy !== undefined && !ERROR_STRATEGIES.some((known) => known === errorStrategy))
    return `has an errorStrategy that is none of ${ERROR_STRATEGIES.join(', ')}`;
  return runOnFailure === undefined || typeof runOnFailure === 'boolean'
    ? undefined
    : 'has runOnFailure that is no boolean';
}

const isName = (value: Value | undefined): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;

const upTo = (most: number, least: number) => (value: Value) =>
  (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) ||
  `is a whole number from ${least} to ${most}`;

const invalid = (field: string, what: string): ActionError =>
  new ActionError('INVALID_PARAMETERS', `${field} ${what}`, 'permanent', { field });
