import { Injectable } from '@nestjs/common';
import type { ActionJob } from '../../../machines/function.types.js';
import { EngineService } from '../../engine/engine.service.js';
import type { EffectPolicy, EffectResult, EffectRun } from '../../engine/host.js';
import { ActionRegistry } from '../actions/action.registry.js';
import { ActionRunner, type AttemptOptions } from '../actions/action.runner.js';
import { failureOf, isPassing } from '../failure.js';
import { Secrets } from '../secrets/secrets.js';
import { notHere, Workflows } from './workflows.js';

/** Pauses of R004-56; how often an action is tried is its own matter. */
export const PERFORM_POLICY: Partial<EffectPolicy> = {
  attempts: 10,
  backoffMs: 1_000,
  maxBackoffMs: 30_000,
  timeoutMs: 70_000,
  batch: 10,
};

/** The key of an action of a run: the same for every attempt (R004-43). */
export const keyOf = (executionId: string, { seq, name }: Pick<ActionJob, 'seq' | 'name'>): string =>
  `${executionId}:${seq}:${name}`;

/** Does what functions ask for. */
@Injectable()
export class Performing {
  constructor(
    private readonly engine: EngineService,
    private readonly registry: ActionRegistry,
    private readonly runner: ActionRunner,
    private readonly secrets: Secrets,
    private readonly workflows: Workflows,
  ) {}

  readonly perform = async (job: ActionJob, run: EffectRun): Promise<EffectResult> => {
    const { tenant, instanceId: executionId, correlationId, signal, attempt } = run;
    // Whoever does the action has the run go on, and cannot without its function.
    const missing = await this.workflows.missing(tenant, executionId);
    if (missing !== undefined) return notHere(missing);
    const maxRetries = this.registry.find(job.name)?.options.maxRetries ?? 0;
    const idempotencyKey = keyOf(executionId, job);
    const request = { tenant, executionId, idempotencyKey, correlationId, signal, userId: job.userId };
    const isLast = attempt > maxRetries;
    try {
      const options = { isLast, deliver: this.delivering(job, run) };
      const parameters = await this.secrets.open(tenant, executionId, job);
      const output = await this.runner.executeAction(job.name, { ...request, parameters }, options);
      return { kind: 'done', output };
    } catch (error) {
      const { code, message, ...failure } = failureOf(error, attempt);
      return isPassing(failure) && !isLast
        ? { kind: 'retry', reason: `${code}: ${message}` }
        : { kind: 'failed', code, reason: message };
    }
  };

  /** The run goes on in the transaction of the work (R004-44). When its outbox row is settled afterwards nobody waits for the answer any more. */
  private delivering(
    { seq }: ActionJob,
    { instanceId, key, correlationId }: EffectRun,
  ): NonNullable<AttemptOptions['deliver']> {
    return (tx, output) =>
      this.engine.receiveWithin(
        tx,
        instanceId,
        { kind: 'effect-result', cause: `effect:${key}`, actor: 'system:outbox', roles: [], correlationId },
        async () => ({ type: 'action.done', payload: { id: seq, output } }),
        'ignore',
        'worker',
      );
  }
}
