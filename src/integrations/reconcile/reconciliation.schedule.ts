import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Loop } from '../../engine/workers/loop.js';
import { Config } from '../../platform/config.js';
import { Log } from '../../platform/logger.js';
import { Reconciliation } from './reconciliation.js';

const NAME = 'reconciliation';
/** Looks whether it is time; how often a provider is really asked is agreed upon in the database. */
const LOOK_MS = 60_000;

/** Runs the reconciliation where workers run: at the start, because messages get lost while nobody listens, and then for ever. */
@Injectable()
export class ReconciliationSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private loop: Loop | undefined;

  constructor(
    private readonly config: Config,
    private readonly scheduler: SchedulerRegistry,
    private readonly reconciliation: Reconciliation,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role === 'api') return;
    const loop = new Loop(
      async () => {
        await this.reconciliation.turn();
        return false;
      },
      (error) => this.log.error('worker_failed', error, { worker: NAME }),
    );
    this.loop = loop;
    this.scheduler.addInterval(
      NAME,
      setInterval(() => loop.nudge(), LOOK_MS),
    );
    loop.nudge();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (!this.loop) return;
    this.scheduler.deleteInterval(NAME);
    await this.loop.stop();
  }
}
