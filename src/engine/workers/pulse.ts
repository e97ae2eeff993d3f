import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database.js';
import { beat, fleet, leave, type Fleet } from '../store/workers.js';
import { OutboxWorker } from './outbox.worker.js';

/** How often a worker says that it is there. */
export const PULSE_MS = 5_000;
/** Three times not heard of: it is gone. */
const SILENT_MS = 3 * PULSE_MS;
const MINUTE_MS = 60_000;
/** An error of the last five minutes (R004-58). */
const SHAKY_MS = 5 * MINUTE_MS;
/** Whoever replaces a worker that died has a name of its own: the old one is forgotten. */
const FORGET_MS = 5 * MINUTE_MS;

/** Tells how the workers of all processes are (R004-58). */
@Injectable()
export class Pulse {
  constructor(
    private readonly database: Database,
    private readonly outbox: OutboxWorker,
  ) {}

  /** Says how this process's worker is. */
  beat(): Promise<void> {
    const { name, capacity, active, tally } = this.outbox;
    const { succeeded, failed, faultedMs } = tally;
    const standing = { worker: name, capacity, active, processed: succeeded + failed, succeeded, failed, faultedMs };
    return this.database.system((tx) => beat(tx, standing, FORGET_MS));
  }

  /** It stops, and is not missed. */
  async leave(): Promise<void> {
    await this.database.system((tx) => leave(tx, this.outbox.name));
  }

  fleet(): Promise<Fleet> {
    return this.database.system((tx) => fleet(tx, SILENT_MS, SHAKY_MS));
  }
}
