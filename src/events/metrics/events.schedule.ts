import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Loop } from '../../engine/workers/loop.js';
import { Config } from '../../platform/config.js';
import { Log } from '../../platform/logger.js';
import { History } from './history.js';
import { Reconciling } from './reconciling.js';

const HISTORY_MS = 30_000;
const RECONCILE_MS = 3_600_000;

/** Takes the figures in every process, because each knows its own requests; compares the counters where workers run. */
@Injectable()
export class EventsSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loops = new Map<string, Loop>();

  constructor(
    private readonly config: Config,
    private readonly scheduler: SchedulerRegistry,
    private readonly history: History,
    private readonly reconciling: Reconciling,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.every('events-history', HISTORY_MS, () => this.history.take());
    if (this.config.role !== 'api') this.every('events-reconcile', RECONCILE_MS, () => this.reconciling.compare());
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const name of this.loops.keys()) this.scheduler.deleteInterval(name);
    await Promise.all([...this.loops.values()].map((loop) => loop.stop()));
  }

  private every(name: string, ms: number, work: () => Promise<unknown>): void {
    const turn = () => work().then(() => false);
    const loop = new Loop(turn, (error) => this.log.error('worker_failed', error, { worker: name }));
    this.loops.set(name, loop);
    this.scheduler.addInterval(
      name,
      setInterval(() => loop.nudge(), ms),
    );
  }
}
