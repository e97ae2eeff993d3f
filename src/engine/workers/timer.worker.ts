import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database.js';
import { backoff } from '../core/backoff.js';
import { Settling } from '../settling.js';
import { forgetFailures } from '../store/audit.js';
import * as timers from '../store/timers.js';
import type { DueTimer } from '../store/timers.js';
import { Beginnings } from './beginnings.js';

/** Timers taken at once: their firings are committed together. */
const BATCH = 100;
/** How long another worker leaves a taken timer alone (database clock). */
const LEASE_MS = 5_000;
/** Pauses of a timer whose firing threw: its definition has to be mended first. */
const RETRY = { backoffMs: 1_000, maxBackoffMs: 600_000 };

/** Fires due timers: those of one instance in the order in which they fell due, instances side by side. */
@Injectable()
export class TimerWorker {
  private readonly beginnings = new Beginnings();

  constructor(
    private readonly database: Database,
    private readonly settling: Settling,
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
      } catch {
        // The failure is kept with the instance; its other timers of this batch come again when their lease ends.
        await this.database.transaction(timer.tenant, (tx) =>
          timers.postpone(tx, timer, backoff(timer.attempts, RETRY, Math.random())),
        );
        return;
      }
    }
  }
}
