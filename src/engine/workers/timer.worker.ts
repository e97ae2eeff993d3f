import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { backoff } from '../core/backoff.js';
import { errorToJson } from '../core/json.js';
import { DecisionFault } from '../engine.service.js';
import { Settling } from '../settling.js';
import { forgetFailures } from '../store/audit.js';
import * as timers from '../store/timers.js';
import type { DueTimer } from '../store/timers.js';
import { Beginnings } from './beginnings.js';

/** Timers taken at once: their firings are committed together. */
const BATCH = 100;
/** How long another worker leaves a taken timer alone (database clock). */
const LEASE_MS = 5_000;
/** Pauses of a timer whose firing failed. */
const RETRY = { backoffMs: 1_000, maxBackoffMs: 600_000 };
/** Failures until it is given up: some half an hour of them. What fails then fails for a reason that somebody has to mend. */
const MOST_FAILURES = 12;

/** Fires due timers: those of one instance in the order in which they fell due, instances side by side. */
@Injectable()
export class TimerWorker {
  private readonly beginnings = new Beginnings();

  constructor(
    private readonly database: Database,
    private readonly settling: Settling,
    private readonly log: Log,
  ) {}

  /** Fires one batch. Answers true when there may be more. */
  async turn(): Promise<boolean> {
    const from = this.beginnings.look();
    const due = await timers.claim(this.database, BATCH, LEASE_MS, from('timers'));
    this.beginnings.found(
      due.map(({ next_from: next }) => ({ name: 'timers', next })),
      due.length >= BATCH,
    );
    const perInstance = new Map<string, DueTimer[]>();
    for (const timer of due) {
      const key = `${timer.tenant}:${timer.instance_id}`;
      perInstance.set(key, [...(perInstance.get(key) ?? []), timer]);
    }
    await Promise.all([...perInstance.values()].map((queue) => this.fireAll(queue)));
    return due.length > 0;
  }

  /** Throws away what is only kept for a time. */
  sweep(): Promise<number> {
    return this.database.system((tx) => forgetFailures(tx));
  }

  private async fireAll(queue: readonly DueTimer[]): Promise<void> {
    for (const timer of queue) {
      try {
        await this.settling.timer(timer);
      } catch (error) {
        // Its other timers of this batch come again when their lease ends.
        await this.postpone(timer, errorToJson(error instanceof DecisionFault ? error.error : error));
        return;
      }
    }
  }

  private async postpone(timer: DueTimer, { name, message }: { name: string; message: string }): Promise<void> {
    const isDead = await this.database.transaction(timer.tenant, (tx) =>
      timers.postpone(tx, timer, { name, message }, MOST_FAILURES, (failures) =>
        backoff(failures, RETRY, Math.random()),
      ),
    );
    const { tenant, instance_id: workflowInstanceId, timer_id: timerId } = timer;
    if (isDead) this.log.error('timer.dead', { tenant, workflowInstanceId, timerId, error: message });
  }
}
