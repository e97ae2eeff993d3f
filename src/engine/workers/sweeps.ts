import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Config } from '../../platform/config.js';
import { Log } from '../../platform/logger.js';
import { Loop } from './loop.js';

/** What modules look after now and then, where workers run: at the start, because nobody did while nobody worked, and then for ever. */
@Injectable()
export class Sweeps implements BeforeApplicationShutdown {
  private readonly loops = new Map<string, Loop>();

  constructor(
    private readonly config: Config,
    private readonly scheduler: SchedulerRegistry,
    private readonly log: Log,
  ) {}

  /**
   * Takes a turn now and every `ms` milliseconds, never two at once. Whose turn it is among several processes is for the turn to agree upon.
   * @param name in the log, when a turn throws; the next one comes all the same @param turn answers true when there is probably more to do
   */
  every(name: string, ms: number, turn: () => Promise<boolean>): void {
    if (this.config.role === 'api') return;
    const loop = new Loop(turn, (error) => this.log.error('worker_failed', error, { worker: name }));
    this.loops.set(name, loop);
    this.scheduler.addInterval(
      name,
      setInterval(() => loop.nudge(), ms),
    );
    loop.nudge();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const name of this.loops.keys()) this.scheduler.deleteInterval(name);
    await Promise.all([...this.loops.values()].map((loop) => loop.stop()));
  }
}
