import { Injectable, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Config } from '../../platform/config.js';
import { Log } from '../../platform/logger.js';
import { Wakeup } from '../../platform/wakeup.js';
import { Checkpointing } from '../checkpointing.js';
import { EngineModule } from '../engine.module.js';
import { InboxWorker } from './inbox.worker.js';
import { Loop } from './loop.js';
import { OutboxWorker } from './outbox.worker.js';
import { Pulse, PULSE_MS } from './pulse.js';
import { TimerWorker } from './timer.worker.js';
import { WorkerHealthController } from './worker.health.controller.js';

/** The workers, each the body of one loop. */
@Injectable()
export class WorkerSet {
  constructor(
    readonly outbox: OutboxWorker,
    readonly timers: TimerWorker,
    readonly inbox: InboxWorker,
    readonly checkpointing: Checkpointing,
    readonly pulse: Pulse,
  ) {}
}

const SWEEP_MS = 3_600_000;
const CHECKPOINT_MS = 60_000;

/** Runs the loops, unless this process only answers requests: nudged by commits, by other processes' notices, and by scheduled polling as the safety net. */
@Injectable()
export class Workers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly claiming: Loop[] = [];
  private readonly upkeep: Loop[] = [];
  private readonly jobs: string[] = [];

  constructor(
    private readonly config: Config,
    private readonly wakeup: Wakeup,
    private readonly scheduler: SchedulerRegistry,
    private readonly log: Log,
    private readonly workers: WorkerSet,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role === 'api') return;
    const { outbox, timers, inbox, checkpointing, pulse } = this.workers;
    const pump = this.loop(
      'outbox',
      this.config.outboxPollMs,
      () =>
        outbox.pump((fault) => {
          if (fault !== undefined) this.report('outbox', fault);
          if (outbox.isHungry) pump.nudge();
        }),
      (type) => outbox.hear(type),
    );
    this.loop('timers', this.config.timerPollMs, () => timers.turn());
    this.loop('inbox', this.config.outboxPollMs, () => inbox.turn());
    this.every('heartbeat', Math.max(50, Math.floor(outbox.shortestLeaseMs / 3)), () => outbox.heartbeat());
    this.every('sweep', SWEEP_MS, () => timers.sweep());
    this.every('checkpoint', CHECKPOINT_MS, () => checkpointing.take());
    this.every('pulse', PULSE_MS, () => pulse.beat()).nudge();
  }

  /** Stops claiming, then gives running effects a moment, their leases kept, before their claims go back. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.config.role === 'api') return;
    const drained = Promise.all(this.claiming.map((loop) => loop.stop())).then(() => this.workers.outbox.idle());
    await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, this.config.drainMs).unref())]);
    for (const name of this.jobs) this.scheduler.deleteInterval(name);
    await Promise.all(this.upkeep.map((loop) => loop.stop()));
    await this.workers.outbox.release();
    await this.workers.pulse.leave();
  }

  /** @param hear is told of each piece of news before the turn that it leads to; without news it is time to look at everything */
  private loop(
    topic: 'outbox' | 'timers' | 'inbox',
    pollMs: number,
    turn: () => Promise<boolean>,
    hear: (news?: string) => void = () => undefined,
  ): Loop {
    const loop = new Loop(turn, (error) => this.report(topic, error));
    this.claiming.push(loop);
    const nudge = (news?: string): void => {
      hear(news);
      loop.nudge();
    };
    this.wakeup.on(topic, nudge);
    this.schedule(topic, pollMs, () => nudge());
    loop.nudge();
    return loop;
  }

  private every(name: string, ms: number, work: () => Promise<unknown>): Loop {
    const loop = new Loop(
      async () => {
        await work();
        return false;
      },
      (error) => this.report(name, error),
    );
    this.upkeep.push(loop);
    this.schedule(name, ms, () => loop.nudge());
    return loop;
  }

  private schedule(name: string, ms: number, tick: () => void): void {
    this.scheduler.addInterval(name, setInterval(tick, ms));
    this.jobs.push(name);
  }

  private report(name: string, error: unknown): void {
    this.workers.outbox.tally.fault();
    this.log.error('worker_failed', error, { worker: name });
  }
}

@Module({
  imports: [EngineModule],
  controllers: [WorkerHealthController],
  providers: [Workers, WorkerSet, OutboxWorker, TimerWorker, InboxWorker, Pulse],
  exports: [OutboxWorker, TimerWorker, InboxWorker, Pulse],
})
export class WorkersModule {}
