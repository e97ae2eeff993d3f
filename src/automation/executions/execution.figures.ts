import { Injectable } from '@nestjs/common';
import type { ExecutionContext } from '../../../machines/execution.types.js';
import type { Transitioned } from '../../engine/host.js';
import { Metrics } from '../../platform/metrics.js';

/** Counts what executions come to, for Prometheus (R002-76). Every process counts what it has committed itself. */
@Injectable()
export class ExecutionFigures {
  private readonly started: (labels: { trigger: string }) => void;
  private readonly completed: (labels: Readonly<Record<never, string>>) => void;
  private readonly failed: (labels: Readonly<Record<never, string>>) => void;
  private readonly steps: (labels: Readonly<Record<never, string>>, by: number) => void;

  constructor(private readonly metrics: Metrics) {
    const started = 'Executions that were started, by what set them off.';
    this.started = metrics.counter('statewright_workflow_started_total', started, ['trigger']);
    this.completed = metrics.counter('statewright_workflow_completed_total', 'Executions that have completed.', []);
    this.failed = metrics.counter('statewright_workflow_failed_total', 'Executions that have failed.', []);
    const steps = 'Steps of executions, those in loops included, counted when the execution is over.';
    this.steps = metrics.counter('statewright_step_executed_total', steps, []);
  }

  note({ from, state, status, context }: Transitioned<ExecutionContext>): void {
    if (from === null) this.started({ trigger: context.trigger.type });
    if (status === 'active') return;
    this.steps({}, context.executed);
    if (state === 'completed') this.completed({});
    if (state !== 'failed') return;
    this.failed({});
    this.metrics.error('workflow');
  }
}
