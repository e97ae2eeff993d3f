/** Goes through a workflow's steps as far as nothing has to be done in the world: what comes next, with what, and what came of it. Pure. */
import { evaluate } from './execution.evaluate.js';
import { isTrue } from './execution.functions.js';
import { filled, MissingReference } from './execution.references.js';
import { sizeOf } from './execution.size.js';
import type {
  Call,
  CallOutcome,
  CallOutcomes,
  CallStep,
  ExecutionContext,
  Fields,
  Flaw,
  Frame,
  Retry,
  Step,
  Value,
} from './execution.types.js';

/** Size of all results together, in characters of JSON. */
const MOST_RESULTS = 1_000_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Thirty days: the same as the whole execution may take (R002-58). */
const LONGEST_DELAY_MS = 30 * 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The part of the context that steps change. */
type Progress = Pick<
  ExecutionContext,
  'step' | 'frames' | 'completed' | 'results' | 'size' | 'executed' | 'calls' | 'outcomes' | 'ask' | 'failure'
>;
type Given = Readonly<ExecutionContext>;

/** Begins with the first step. */
export const begun = (context: Given): Progress => proceed(context, { ...progressOf(context) });

/** After a delay. */
export function rested(context: Given): Progress {
  const progress = progressOf(context);
  complete(context, progress, null);
  return proceed(context, progress);
}

/** After calls have been answered: those that may pass are tried again, the others decide what comes of the step. */
export function answered(context: Given, outcomes: CallOutcomes): Progress {
  const progress = { ...progressOf(context), outcomes: { ...context.outcomes, ...outcomes } };
  const step = stepOf(context, context.step);
  const isEnough = step?.type === 'parallel' && !step.waitForAll && Object.values(progress.outcomes).some(isDone);
  const again = isEnough ? [] : progress.calls.filter((call) => mayTryAgain(context, call, outcomes[call.stepId]));
  if (again.length > 0) {
    const pauses = again.map((call) => pauseOf(context, call, outcomes[call.stepId]));
    progress.calls = again.map((call) => ({ ...call, attempt: call.attempt + 1 }));
    progress.ask = { kind: 'pause', ms: Math.max(...pauses) };
    return progress;
  }
  const settled = progress.outcomes;
  progress.calls = [];
  progress.outcomes = {};
  if (step?.type === 'parallel') closeParallel(context, progress, step, settled);
  else {
    const outcome = settled[context.step ?? ''];
    if (outcome?.kind === 'done') complete(context, progress, outcome.output);
    else fail(context, progress, flawOf(outcome));
  }
  return proceed(context, progress);
}

/** When the effect that makes the calls has itself come to nothing. */
export const unanswered = (context: Given, flaw: Flaw): Progress =>
  answered(
    { ...context, calls: context.calls.map((call) => ({ ...call, attempt: Number.MAX_SAFE_INTEGER })) },
    Object.fromEntries(context.calls.map(({ stepId }) => [stepId, { kind: 'failed', isPassing: false, ...flaw }])),
  );

/** Ended by a limit. */
export const overdue = (context: Given, flaw: Flaw): Pick<Progress, 'ask' | 'failure'> => ({
  ask: { kind: 'failed' },
  failure: { step: context.step, ...flaw },
});

/** Milliseconds of `30s`, `15m`, `24h` or `7d` (R002-34); undefined when it is none, or longer than thirty days. */
export function durationMs(text: Value): number | undefined {
  const [, amount, unit = ''] = (typeof text === 'string' && /^(\d{1,7})([smhd])$/.exec(text)) || [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  return ms > 0 && ms <= LONGEST_DELAY_MS ? ms : undefined;
}

function progressOf(context: Given): Progress {
  const { step, frames, completed, results, size, executed, calls, outcomes, ask, failure } = context;
  return {
    step,
    frames: frames.map((frame) => ({ ...frame })),
    completed,
    results,
    size,
    executed,
    calls,
    outcomes,
    ask,
    failure,
  };
}

/** Goes on until something is asked of the world, or it is over. */
function proceed(context: Given, progress: Progress): Progress {
  while (progress.failure === null) {
    const step = stepOf(context, progress.step);
    if (!step) {
      progress.ask = { kind: 'completed' };
      return progress;
    }
    const cost = step.type === 'parallel' ? step.steps.length : 1;
    if (progress.executed + cost > context.plan.maxSteps) {
      stop(progress, { code: 'MAX_STEPS_EXCEEDED', message: `more than ${context.plan.maxSteps} steps` });
      break;
    }
    progress.executed += cost;
    try {
      if (enter(context, progress, step) === 'asks') return progress;
    } catch (error) {
      fail(context, progress, faultOf(error));
    }
  }
  progress.ask = { kind: 'failed' };
  return progress;
}

/** Does a step, or asks for it. */
function enter(context: Given, progress: Progress, step: Step): 'asks' | 'done' {
  const scope = scopeOf(context, progress);
  switch (step.type) {
    case 'condition':
      complete(context, progress, { result: isTrue(evaluate(step.expression, scope)) });
      return 'done';
    case 'transform':
      complete(context, progress, transformed(step, scope));
      return 'done';
    case 'delay': {
      const duration = filled(step.duration, scope);
      const ms = durationMs(duration);
      if (ms === undefined) throw new Error(`${JSON.stringify(duration).slice(0, 60)} is no duration`);
      progress.ask = { kind: 'wait', ms };
      return 'asks';
    }
    case 'loop':
      open(context, progress, step, scope);
      return 'done';
    case 'parallel':
      return fork(context, progress, step, scope);
    default:
      progress.calls = [callOf(context, progress, step, scope)];
      progress.outcomes = {};
      progress.ask = { kind: 'call' };
      return 'asks';
  }
}

function transformed({ script, input }: Extract<Step, { type: 'transform' }>, scope: Readonly<Fields>): Value {
  return evaluate(script, input === undefined ? scope : { ...scope, input: filled(input, scope) });
}

/** A call with what it is given, filled in. */
function callOf(context: Given, progress: Progress, step: CallStep, scope: Readonly<Fields>): Call {
  const iteration = progress.frames.map(({ index }) => index).join('.') || '0';
  const config = filled(step.config, scope) as Fields;
  // A cycle comes to the same step again, which is another call.
  const turn = progress.completed.filter((id) => id === step.id).length;
  const key = `${context.executionId}:${step.id}:${iteration}${turn > 0 ? `:${turn}` : ''}`;
  return { stepId: step.id, key, type: step.type, action: step.action, config, timeoutMs: step.timeoutMs, attempt: 1 };
}

function open(
  context: Given,
  progress: Progress,
  step: Extract<Step, { type: 'loop' }>,
  scope: Readonly<Fields>,
): void {
  const items = filled(step.items, scope);
  if (!Array.isArray(items)) throw new Error(`the items of ${step.id} are no list`);
  const few = items.slice(0, step.maxIterations);
  if (few.length === 0) complete(context, progress, []);
  else {
    progress.frames.push({ loop: step.id, items: few, index: 0, position: 0, results: {}, done: [] });
    progress.step = step.steps[0] ?? null;
  }
}

/** Steps at the same time: what can be worked out is, the rest is asked for at once (R002-45). */
function fork(
  context: Given,
  progress: Progress,
  step: Extract<Step, { type: 'parallel' }>,
  scope: Readonly<Fields>,
): 'asks' | 'done' {
  const outcomes: Record<string, CallOutcome> = {};
  const calls: Call[] = [];
  for (const id of step.steps) {
    const branch = stepOf(context, id);
    try {
      if (branch?.type === 'condition')
        outcomes[id] = { kind: 'done', output: { result: isTrue(evaluate(branch.expression, scope)) } };
      else if (branch?.type === 'transform') outcomes[id] = { kind: 'done', output: transformed(branch, scope) };
      else if (isCall(branch)) calls.push(callOf(context, progress, branch, scope));
    } catch (error) {
      outcomes[id] = { kind: 'failed', isPassing: false, ...faultOf(error) };
    }
  }
  if (calls.length === 0 || (!step.waitForAll && Object.values(outcomes).some(isDone))) {
    closeParallel(context, progress, step, outcomes);
    return 'done';
  }
  progress.calls = calls;
  progress.outcomes = outcomes;
  progress.ask = { kind: 'call' };
  return 'asks';
}

function closeParallel(
  context: Given,
  progress: Progress,
  step: Extract<Step, { type: 'parallel' }>,
  outcomes: CallOutcomes,
): void {
  const outputs = Object.fromEntries(
    Object.entries(outcomes).flatMap(([id, outcome]) => (outcome.kind === 'done' ? [[id, outcome.output]] : [])),
  );
  const failed = step.steps.find((id) => outcomes[id]?.kind === 'failed');
  const isGood = step.waitForAll ? failed === undefined : Object.keys(outputs).length > 0;
  if (!isGood) {
    fail(context, progress, flawOf(outcomes[failed ?? ''], failed === undefined ? '' : `${failed}: `));
    return;
  }
  progress.results = { ...progress.results, ...outputs };
  complete(context, progress, outputs);
}

/** Writes down what came of the step under way and finds the next one. */
function complete(context: Given, progress: Progress, value: Value): void {
  const step = stepOf(context, progress.step);
  if (!step) return;
  progress.size += sizeOf(value, MOST_RESULTS);
  if (progress.size > MOST_RESULTS) {
    stop(progress, { code: 'RESULTS_TOO_LARGE', message: `the results have more than ${MOST_RESULTS} characters` });
    return;
  }
  progress.results = { ...progress.results, [step.id]: value };
  const frame = progress.frames.at(-1);
  if (!frame) {
    progress.completed = [...progress.completed, step.id];
    progress.step = nextOf(step, value);
    return;
  }
  const results = { ...frame.results, [step.id]: value };
  turn(context, progress, frame, results, wayOn(context, frame, step, value));
}

/**
 * Where a step in a loop leads: in the order of the loop's list, not by `next` (R002-44), until a condition has led to one of its branches;
 * from there by `next`, as outside of loops. Null ends the iteration.
 */
function wayOn(context: Given, frame: Frame, step: Step, value: Value): { to: string | null; branched: boolean } {
  const loop = stepOf(context, frame.loop);
  const inner = loop?.type === 'loop' ? loop : undefined;
  const isBranch =
    inner?.branches === true &&
    step.type === 'condition' &&
    (step.onTrue !== null || step.onFalse !== null) &&
    !isFlaw(value);
  if (isBranch) return { to: nextOf(step, value), branched: true };
  if (frame.branched === true) return { to: step.next, branched: true };
  return { to: inner?.steps[frame.position + 1] ?? null, branched: false };
}

function turn(
  context: Given,
  progress: Progress,
  { branched: _, ...frame }: Frame,
  results: Fields,
  on: { to: string | null; branched: boolean },
): void {
  const loop = stepOf(context, frame.loop);
  const inner = loop?.type === 'loop' ? loop.steps : [];
  if (on.to !== null) {
    replace(progress, { ...frame, results, position: inner.indexOf(on.to), ...(on.branched && { branched: true }) });
    progress.step = on.to;
    return;
  }
  const done = [...frame.done, { item: frame.items[frame.index] ?? null, results }];
  if (frame.index + 1 < frame.items.length) {
    replace(progress, { ...frame, results: {}, position: 0, index: frame.index + 1, done });
    progress.step = inner[0] ?? null;
    return;
  }
  progress.frames = progress.frames.slice(0, -1);
  progress.step = frame.loop;
  complete(
    context,
    progress,
    done.map(({ item, results: of }) => ({ item, results: of })),
  );
}

const replace = (progress: Progress, frame: Frame): void => {
  progress.frames = [...progress.frames.slice(0, -1), frame];
};

/** What the workflow says is to become of a step that failed (R002-56). */
function fail(context: Given, progress: Progress, flaw: Flaw): void {
  if (context.plan.onError !== 'continue') stop(progress, flaw);
  else complete(context, progress, { error: { code: flaw.code, message: flaw.message } });
}

function stop(progress: Progress, flaw: Flaw): void {
  progress.failure = { step: progress.step, code: flaw.code, message: flaw.message };
}

const nextOf = (step: Step, value: Value): string | null => {
  if (step.type !== 'condition' || isFlaw(value)) return step.next;
  return isTrue((value as Fields)['result'] ?? null) ? step.onTrue : step.onFalse;
};

const isFlaw = (value: Value): boolean => typeof value === 'object' && value !== null && 'error' in value;
const isDone = ({ kind }: CallOutcome): boolean => kind === 'done';
const isCall = (step: Step | undefined): step is CallStep =>
  step?.type === 'action' || step?.type === 'webhook' || step?.type === 'ai';

const stepOf = ({ plan }: Given, id: string | null): Step | undefined =>
  id !== null && Object.hasOwn(plan.steps, id) ? plan.steps[id] : undefined;

function retryOf(context: Given, { stepId }: Call): Retry {
  const step = stepOf(context, stepId);
  return isCall(step) ? step.retry : { limit: 0, delayMs: 0, backoff: 'linear' };
}

/** A plain no is tried again only where the workflow says so (R002-48, R002-56). */
function mayTryAgain(context: Given, call: Call, outcome: CallOutcome | undefined): boolean {
  if (outcome?.kind !== 'failed') return false;
  const isWorthIt = outcome.isPassing || context.plan.onError === 'retry';
  return isWorthIt && call.attempt <= retryOf(context, call).limit;
}

/** Exponential: the delay, twice it, four times it; an hour at most (R002-42). */
function pauseOf(context: Given, call: Call, outcome: CallOutcome | undefined): number {
  const { delayMs, backoff } = retryOf(context, call);
  const factor = backoff === 'linear' ? call.attempt : 2 ** (call.attempt - 1);
  const asked = outcome?.kind === 'failed' ? (outcome.afterMs ?? 0) : 0;
  return Math.min(Math.max(delayMs * factor, asked), LONGEST_PAUSE_MS);
}

const flawOf = (outcome: CallOutcome | undefined, where = ''): Flaw =>
  outcome?.kind === 'failed'
    ? { code: outcome.code, message: `${where}${outcome.message}` }
    : { code: 'NO_ANSWER', message: `${where}there was no answer` };

const faultOf = (error: unknown): Flaw => ({
  code: error instanceof MissingReference ? 'MISSING_REFERENCE' : 'STEP_FAILED',
  message: error instanceof Error ? error.message.slice(0, 300) : 'the step cannot be done',
});

/** What references and expressions can name (R002-52). */
function scopeOf(context: Given, progress: Progress): Fields {
  const frame = progress.frames.at(-1);
  const { executionId, plan } = context;
  return {
    ...progress.results,
    ...Object.fromEntries(progress.frames.flatMap(({ results }) => Object.entries(results))),
    steps: progress.results,
    input: context.input,
    event: context.event,
    execution: { id: executionId, workflowId: plan.workflowId },
    ...(frame && { item: frame.items[frame.index] ?? null, index: frame.index }),
  };
}
