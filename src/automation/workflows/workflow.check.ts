import { Injectable } from '@nestjs/common';
import { Ajv } from 'ajv';
import { durationMs } from '../../../machines/execution.steps.js';
import type { Fields, Step } from '../../../machines/execution.types.js';
import { isPermitted, type Action } from '../../actions/action.js';
import { Actions } from '../../actions/actions.js';
import type { Caller } from '../../auth/caller.js';
import { Config } from '../../platform/config.js';
import { refuse, type FieldError } from '../../platform/errors.js';
import { checked } from '../firings/performing.js';
import { scheduleObjection } from '../schedules/occurrences.js';
import { calledBy, withConfig } from './calls.js';
import type { Compiled, Definition, WrittenStep } from './definition.js';
import {
  branchingLoops,
  durationObjection,
  referenceObjections,
  rootsOf,
  wayObjections,
  type Objecting,
} from './objections.js';
import { parseExpression } from './expression.js';
import { promptOf } from './prompt.js';
import { isLedAway, meantConfig, openConfig, sealConfig } from './secrets.js';
import { STEP_SCHEMA } from './workflow.schema.js';

const DEFAULT_TIME = '1h';
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRY = { limit: 3, delay: '5s', backoff: 'exponential' } as const;
const MOST_ITERATIONS = 1_000;
/** Characters of a definition as JSON. */
const LARGEST = 100_000;
/** What a call may take: longer than any effect has. */
const LONGEST_TIMEOUT_MS = 120_000;

const isStep = new Ajv({ discriminator: true, allErrors: false }).compile(STEP_SCHEMA);

/** Finds everything that is wrong with a workflow before it is written down, and makes of it what executions go by (R002-40). */
@Injectable()
export class WorkflowCheck {
  constructor(
    private readonly actions: Actions,
    private readonly config: Config,
  ) {}

  /**
   * The definition as it is kept, and its plan.
   * @param earlier the version before, whose secrets stand where the new one hides them
   * @throws WORKFLOW_ERROR with every objection; WF005 when an action needs more than the caller has
   */
  compile(caller: Caller, workflowId: string, given: Definition, earlier: Definition | undefined): Compiled {
    const objections: FieldError[] = [];
    const object: Objecting = (field, message) => objections.push({ field, message });
    if (JSON.stringify(given).length > LARGEST) object('steps', `have more than ${LARGEST} characters`);
    const most = this.config.maxWorkflowSteps;
    if (given.steps.length > most) object('steps', `are more than ${most}`);
    given.steps.forEach((step, index) => {
      if (isStep(step)) return;
      const [error] = isStep.errors ?? [];
      const where = (error?.instancePath ?? '').replaceAll('/', '.');
      object(`steps.${index}${where}`, error?.message ?? 'is no step');
    });
    // What is no step has no ways to look at.
    if (objections.length > 0) throw refused(objections);
    const warnings = wayObjections(given, object);
    referenceObjections(given.steps, object);
    given.triggers.forEach(({ cron, timezone = 'UTC' }, index) => {
      const wrong = scheduleObjection({ cron, timezone });
      if (wrong !== undefined) object(`triggers.${index}`, wrong);
    });
    durationObjection(given.config.maxExecutionTime ?? DEFAULT_TIME, 'config.maxExecutionTime', object);
    const place = [caller.tenant, workflowId];
    const before = new Map((earlier?.steps ?? []).map((step) => [step.id, calledBy(step)?.config]));
    const steps = given.steps.map((step, index) => {
      const called = calledBy(step);
      const action = called && this.allowed(caller, called.action, `steps.${index}`, object);
      if (!action) return step;
      const at = [...place, step.id];
      const keys = this.config.encryptionKeys;
      const earlier = before.get(step.id);
      const meant = meantConfig(keys, at, action, called.config, earlier);
      if (earlier && isLedAway(action, called.config, meant, openConfig(keys, at, action, earlier)))
        object(`steps.${index}.config`, 'goes to another address, so what is hidden has to be said again');
      configObjections(action, meant, `steps.${index}`, object);
      return withConfig(step, sealConfig(keys, at, action, meant));
    });
    const branching = branchingLoops(steps);
    const roots = rootsOf(steps);
    const compiled = steps.map((step, index) => {
      const made = stepOf(step, `steps.${index}.${step.type}`, object);
      if (made?.type === 'loop' && branching.has(made.id)) return { ...made, branches: true as const };
      if (made?.type === 'ai' && step.type === 'ai')
        return { ...made, config: { ...made.config, system: promptOf(step.ai, roots) } };
      return made;
    });
    if (objections.length > 0) throw refused(objections);
    const { maxSteps = 100, maxExecutionTime = DEFAULT_TIME, errorHandling = {} } = given.config;
    return {
      definition: { ...given, steps },
      plan: {
        startStep: given.startStep,
        steps: Object.fromEntries(compiled.flatMap((step) => (step ? [[step.id, step]] : []))),
        maxSteps: Math.min(maxSteps, most),
        maxActiveMs: durationMs(maxExecutionTime) ?? 0,
        onError: errorHandling.onError ?? 'stop',
        notifyOnError: errorHandling.notifyOnError ?? true,
      },
      warnings,
    };
  }

  /** The action that a step calls, when there is one. @throws WF005 when the caller may not have it done */
  private allowed(caller: Caller, type: string, at: string, object: Objecting): Action | undefined {
    const action = this.actions.find(type);
    if (!action) object(`${at}.action.type`, `there is no action ${type}`);
    else if (!isPermitted(action, caller.roles))
      throw refuse('WF005', { detail: `${type} needs ${action.permission}, which your roles do not have.` });
    return action;
  }
}

/** Objects to what the action does not take. What a reference will hold is not known yet; it is looked at when the step is done. */
function configObjections(action: Action, config: Fields, at: string, object: Objecting): void {
  const params = checked(action, config);
  for (const { field, message } of 'objections' in params ? params.objections : [])
    if (!isOpen(config, field)) object(`${at}.config${field.replace(/^params/, '')}`, message);
}

const refused = (errors: readonly FieldError[]) =>
  refuse('WORKFLOW_ERROR', { detail: 'The workflow is not valid.', errors: errors.slice(0, 50) });

/** Whether the value that an objection is about will only be known when the step is done. */
function isOpen(config: Fields, path: string): boolean {
  let at: unknown = config;
  for (const name of path.split('.').slice(1)) {
    if (typeof at === 'string') break;
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Fields)[name] : undefined;
  }
  return at !== undefined && JSON.stringify(at).includes('{{');
}

/** The step as executions go by it; undefined when something is wrong with it. */
function stepOf(written: WrittenStep, at: string, object: Objecting): Step | undefined {
  const base = { id: written.id, name: written.name ?? written.id, next: written.next ?? null };
  const parsed = (text: string, field: string) => {
    try {
      return parseExpression(text);
    } catch (error) {
      object(`${at}.${field}`, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  switch (written.type) {
    case 'condition': {
      const expression = parsed(written.condition.expression, 'expression');
      const { onTrue = null, onFalse = null } = written.condition;
      return expression && { ...base, type: 'condition', expression, onTrue, onFalse };
    }
    case 'transform': {
      const script = parsed(written.transform.script, 'script');
      const { input } = written.transform;
      return script && { ...base, type: 'transform', script, ...(input !== undefined && { input }) };
    }
    case 'delay':
      durationObjection(written.delay.duration, `${at}.duration`, object);
      return { ...base, type: 'delay', duration: written.delay.duration };
    case 'loop': {
      const { items, steps, maxIterations = MOST_ITERATIONS } = written.loop;
      return { ...base, type: 'loop', items, steps, maxIterations };
    }
    case 'parallel':
      return {
        ...base,
        type: 'parallel',
        steps: written.parallel.steps,
        waitForAll: written.parallel.waitForAll ?? true,
      };
    default: {
      const called = calledBy(written);
      if (!called) return undefined;
      const retries = { ...DEFAULT_RETRY, ...(written.type === 'action' && written.action.retries) };
      const timeout = written.type === 'action' ? written.action.timeout : undefined;
      durationObjection(retries.delay, `${at}.retries.delay`, object);
      if (timeout !== undefined) durationObjection(timeout, `${at}.timeout`, object);
      const retry = { limit: retries.limit, delayMs: durationMs(retries.delay) ?? 0, backoff: retries.backoff };
      const timeoutMs = Math.min(durationMs(timeout ?? '') ?? DEFAULT_TIMEOUT_MS, LONGEST_TIMEOUT_MS);
      return { ...base, type: written.type, ...called, retry, timeoutMs };
    }
  }
}
