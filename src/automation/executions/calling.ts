import { Injectable } from '@nestjs/common';
import type { Call, CallOutcome, CallsJob, Fields, Value } from '../../../machines/execution.types.js';
import { isPermitted, type Action } from '../../actions/action.js';
import { Actions } from '../../actions/actions.js';
import type { Json } from '../../engine/core/driver.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import { Refused } from '../../platform/errors.js';
import { Metrics } from '../../platform/metrics.js';
import { chained, depthOf } from '../chain.js';
import { checked, verdict } from '../firings/performing.js';
import { hidden, openConfig } from '../workflows/secrets.js';
import { audit, succeededBefore, type AuditStatus } from './audit.js';

/** Characters of what comes of a call, as JSON. */
const LARGEST = 65_536;

/** Does what a step asks for: one call, or several at the same time. A call that has succeeded is not made again, however often the step is. */
@Injectable()
export class Calling {
  private readonly count: (labels: { action: string; status: AuditStatus }) => void;

  constructor(
    private readonly actions: Actions,
    private readonly config: Config,
    private readonly database: Database,
    private readonly metrics: Metrics,
  ) {
    this.count = metrics.counter(
      'statewright_action_executed_total',
      'Tries of actions in executions of workflows, by how they ended.',
      ['action', 'status'],
    );
  }

  readonly perform = async (job: CallsJob, run: EffectRun): Promise<EffectResult> => {
    const keys = job.calls.map(({ key }) => key);
    const before = await this.database.transaction(run.tenant, (tx) => succeededBefore(tx, keys));
    const enough = new AbortController();
    const outcomes = await Promise.all(
      job.calls.map(async (call): Promise<[string, CallOutcome]> => {
        const known = before.get(call.key);
        const outcome: CallOutcome =
          known === undefined ? await this.call(call, job, run, enough.signal) : { kind: 'done', output: known };
        if (outcome.kind === 'done' && job.firstIsEnough) enough.abort(new Error('another was faster'));
        return [call.stepId, outcome];
      }),
    );
    return { kind: 'done', output: Object.fromEntries(outcomes) as unknown as Json };
  };

  private async call(call: Call, job: CallsJob, run: EffectRun, enough: AbortSignal): Promise<CallOutcome> {
    const started = performance.now();
    const limit = AbortSignal.timeout(call.timeoutMs);
    const result = await this.tried(call, job, { ...run, signal: AbortSignal.any([run.signal, limit, enough]) }, limit);
    if (enough.aborted && result.kind !== 'done') return { kind: 'given-up' };
    const outcome = outcomeOf(result);
    const status = statusOf(outcome);
    this.count({ action: call.action, status });
    if (status !== 'success') this.metrics.error('action');
    await this.database.transaction(run.tenant, (tx) =>
      audit(tx, {
        executionId: run.instanceId,
        workflowId: job.workflowId,
        call,
        config: hidden(call.config) as Fields,
        status,
        result: outcome.kind === 'done' ? outcome.output : null,
        error: outcome.kind === 'failed' ? { code: outcome.code, message: outcome.message } : null,
        durationMs: Math.round(performance.now() - started),
      }),
    );
    return outcome;
  }

  /** Never throws: what goes wrong is an outcome of the step. */
  private async tried(call: Call, job: CallsJob, run: EffectRun, limit: AbortSignal): Promise<EffectResult> {
    try {
      return await Promise.race([this.done(call, job, run), rejection(run.signal)]);
    } catch (error) {
      if (error instanceof Refused) return verdict(error);
      if (limit.aborted) return { kind: 'retry', reason: `it took longer than ${call.timeoutMs} ms` };
      return { kind: 'retry', reason: error instanceof Error ? error.message.slice(0, 300) : String(error) };
    }
  }

  private done(call: Call, { owner, workflowId }: CallsJob, run: EffectRun): Promise<EffectResult> {
    const action = this.actions.find(call.action);
    if (!action) return failed('UNKNOWN_ACTION', `There is no action ${call.action}.`);
    if (!isPermitted(action, owner.roles)) return failed('WF005', `${call.action} needs ${action.permission}.`);
    const params = this.params(action, call, [run.tenant, workflowId, call.stepId]);
    if ('objections' in params)
      return failed('WF006', params.objections.map(({ field, message }) => `${field}: ${message}`).join('; '));
    const depth = depthOf(run.correlationId) + 1;
    const caller = {
      tenant: run.tenant,
      userId: `system:workflow:${workflowId}`,
      roles: owner.roles,
      correlationId: chained(run.correlationId, depth),
    };
    const attempt = {
      attempt: call.attempt,
      begun: Math.max(run.begun, call.attempt),
      key: `${run.tenant}:${call.key}`,
    };
    return action.run(params.value, { ...run, ...attempt, caller, depth });
  }

  private params(action: Action, call: Call, place: readonly string[]) {
    return checked(action, openConfig(this.config.encryptionKeys, place, action, call.config));
  }
}

const statusOf = (outcome: CallOutcome): AuditStatus => {
  if (outcome.kind === 'done') return 'success';
  return outcome.kind === 'failed' && outcome.isPassing ? 'retry' : 'failure';
};

const failed = (code: string, reason: string): Promise<EffectResult> =>
  Promise.resolve({ kind: 'failed', code, reason: reason.slice(0, 500) });

/** Rejects when the time is up, however deaf the action is. */
const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const give = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });

function outcomeOf(result: EffectResult): CallOutcome {
  switch (result.kind) {
    case 'done': {
      const text = JSON.stringify(result.output ?? null);
      if (text.length > LARGEST)
        return {
          kind: 'failed',
          isPassing: false,
          code: 'RESULT_TOO_LARGE',
          message: `more than ${LARGEST} characters`,
        };
      return { kind: 'done', output: withoutPrototypes(text) };
    }
    case 'retry':
      return {
        kind: 'failed',
        isPassing: true,
        code: 'TEMPORARY_FAILURE',
        message: result.reason,
        ...(result.afterMs !== undefined && { afterMs: result.afterMs }),
      };
    case 'failed':
      return { kind: 'failed', isPassing: false, code: result.code, message: result.reason };
  }
}

/** What somebody outside answers may have a field that no object should have. */
const withoutPrototypes = (text: string): Value =>
  JSON.parse(text, (name, value: unknown) => (name === '__proto__' ? undefined : value)) as Value;
