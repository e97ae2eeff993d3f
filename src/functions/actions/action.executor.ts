import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Failure, Value } from '../../../machines/function.types.js';
import { Database } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { failureOf, isPassing } from '../failure.js';
import { plan, type ErrorStrategy, type PlannedAction, type Step } from './action.graph.js';
import { ActionRunner } from './action.runner.js';
import { keepPlan, moveSyncPoint } from './plans.store.js';

export interface ExecutorOptions {
  /** Actions at once; 10 when left out. */
  maxConcurrency?: number;
  /** For actions that have none of their own; `stop` when left out. */
  errorStrategy?: ErrorStrategy;
  /** Attempts after the first with `retry`; 3 when left out. */
  retries?: number;
  /** The pause before the second attempt, milliseconds; doubles each time. */
  backoffMs?: number;
}

/** What the actions are done about. */
export interface ActionEvent {
  event_id: string;
  execution_id: string;
  user_id?: string | null;
  /** Aborts when no more are to be begun. */
  signal?: AbortSignal;
}

/** What became of one action. */
export interface ActionResult {
  id: string;
  actionName: string;
  success: boolean;
  result?: Value;
  /** Code SKIPPED for one that was not begun. */
  error?: Failure;
  attempts: number;
  /** For one that was done and is undone. */
  compensation?: 'compensated' | 'compensation_failed';
}

const DEFAULTS: Required<ExecutorOptions> = {
  maxConcurrency: 10,
  errorStrategy: 'stop',
  retries: 3,
  backoffMs: 1_000,
};
const LONGEST_PAUSE_MS = 30_000;

/** Does many actions, each when what it stands on is done, as many at once as there is room for. */
@Injectable()
export class ActionExecutors {
  constructor(
    private readonly runner: ActionRunner,
    private readonly database: Database,
    private readonly log: Log,
  ) {}

  createActionExecutor(options: ExecutorOptions = {}) {
    return {
      /** In the order given. @throws ActionError when the graph is wrong; an action that fails is in what is answered */
      executeActions: async (
        actions: readonly PlannedAction[],
        event: ActionEvent,
        tenant: string,
      ): Promise<ActionResult[]> => {
        const steps = plan(actions);
        const services = { runner: this.runner, database: this.database, log: this.log };
        await this.database.transaction(tenant, (tx) => keepPlan(tx, planOf(event), steps));
        return new Execution(steps, event, tenant, { ...DEFAULTS, ...options }, services).run();
      },
    };
  }
}

/** One list of actions being done. */
class Execution {
  private readonly results = new Map<string, ActionResult>();
  /** Ids in the order in which they were done. */
  private readonly done: string[] = [];
  private readonly running = new Map<string, Promise<void>>();
  private verdict: 'stop' | 'compensate' | undefined;

  constructor(
    private readonly steps: readonly Step[],
    private readonly event: ActionEvent,
    private readonly tenant: string,
    private readonly options: Required<ExecutorOptions>,
    private readonly services: { runner: ActionRunner; database: Database; log: Log },
  ) {}

  async run(): Promise<ActionResult[]> {
    for (;;) {
      this.begin();
      if (this.running.size === 0) break;
      await Promise.race(this.running.values());
    }
    for (const { action } of this.steps) if (!this.results.has(action.id)) this.skip(action, 'an earlier one failed');
    if (this.verdict === 'compensate') await this.compensate();
    return this.steps.flatMap(({ action }) => this.results.get(action.id) ?? []);
  }

  /** Begins whatever can be begun; skips what stands on something that failed. */
  private begin(): void {
    for (let changed = true; changed;) {
      changed = false;
      for (const { action, after } of this.steps) {
        if (this.verdict || this.event.signal?.aborted || this.running.size >= this.options.maxConcurrency) return;
        if (this.results.has(action.id) || this.running.has(action.id)) continue;
        if (!after.every((id) => this.results.has(id))) continue;
        const failed = after.find((id) => !this.results.get(id)?.success);
        if (failed !== undefined && !action.runOnFailure) {
          this.skip(action, `${failed} failed`);
          changed = true;
        } else this.running.set(action.id, this.perform(action));
      }
    }
  }

  private async perform(action: PlannedAction): Promise<void> {
    const { id, name, errorStrategy = this.options.errorStrategy } = action;
    const most = errorStrategy === 'retry' ? this.options.retries + 1 : 1;
    for (let attempts = 1; ; attempts++) {
      try {
        const result = await this.ask(action, id, attempts === most);
        this.results.set(id, { id, actionName: name, success: true, result, attempts });
        this.done.push(id);
        break;
      } catch (thrown) {
        const error = failureOf(thrown, attempts);
        if (attempts < most && isPassing(error)) {
          await pause(pauseAfter(attempts, this.options.backoffMs));
          continue;
        }
        this.results.set(id, { id, actionName: name, success: false, error, attempts });
        if (errorStrategy !== 'continue') this.verdict ??= errorStrategy === 'compensate' ? 'compensate' : 'stop';
        break;
      }
    }
    await this.join(action);
    this.running.delete(id);
  }

  /** Writes down how far its join point is. */
  private async join({ syncPoint }: PlannedAction): Promise<void> {
    if (syncPoint === undefined) return;
    const members = this.steps.filter(({ action }) => action.syncPoint === syncPoint);
    const ended = members.flatMap(({ action }) => this.results.get(action.id) ?? []);
    const completed = ended.filter(({ success }) => success).length;
    const point = { name: syncPoint, completed, isBroken: completed < ended.length };
    await this.services.database.transaction(this.tenant, (tx) => moveSyncPoint(tx, planOf(this.event), point));
  }

  /** Undoes what was done, the last first; one that cannot be undone holds up none of the others, and somebody is told. */
  private async compensate(): Promise<void> {
    for (const id of [...this.done].reverse()) {
      const result = this.results.get(id);
      const compensations = this.steps.find(({ action }) => action.id === id)?.action.compensationActions ?? [];
      if (!result || compensations.length === 0) continue;
      result.compensation = 'compensated';
      for (const [index, undo] of compensations.entries())
        try {
          await this.ask(undo, `${id}:undo:${index}`, false);
        } catch (error) {
          result.compensation = 'compensation_failed';
          const { execution_id, event_id } = this.event;
          this.services.log.error('compensation_failed', error, {
            tenant: this.tenant,
            execution_id,
            event_id,
            action: id,
            name: undo.name,
          });
        }
    }
  }

  /** The key is the same for each attempt: whether one that never answered was done shows then (R004-48). */
  private ask(
    { name, params: parameters = {}, path, group }: Omit<PlannedAction, 'id'>,
    id: string,
    isLast: boolean,
  ): Promise<Value> {
    const { execution_id: executionId, event_id: eventId, user_id: userId = null, signal } = this.event;
    const idempotencyKey = `${executionId}:${eventId}:${id}`;
    const about = {
      ...(path !== undefined && { path }),
      ...(group !== undefined && { group }),
      ...(signal && { signal }),
    };
    const request = { tenant: this.tenant, executionId, eventId, userId, idempotencyKey, parameters, ...about };
    return this.services.runner.executeAction(name, request, { isLast });
  }

  private skip({ id, name }: PlannedAction, why: string): void {
    const error = { ...failureOf(new Error(`It was not begun: ${why}`)), code: 'SKIPPED', category: 'permanent' };
    this.results.set(id, { id, actionName: name, success: false, error, attempts: 0 });
  }
}

const planOf = ({ execution_id: executionId, event_id: eventId }: ActionEvent) => ({ executionId, eventId });

/** Doubling, up to 30 s, a fifth more or less (R004-56). */
const pauseAfter = (attempts: number, firstMs: number): number =>
  Math.min(LONGEST_PAUSE_MS, firstMs * 2 ** (attempts - 1)) * (0.8 + 0.4 * Math.random());
