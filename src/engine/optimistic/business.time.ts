import { Injectable } from '@nestjs/common';
import type { Moment } from '../store/advance.js';

/** A reading stands still this long: whoever decides right after it has the very time that the database told. */
const STILL_MS = 5;
/** Two clocks never run alike. Ours counts as the faster one, so that no time comes out that the database has not reached. */
const CAUTION = 0.999;

/**
 * Business time between two answers of the database: its last reading, carried on by the monotonic clock of this process. It comes out a
 * little late, never early: a reading is older than its arrival. Whoever writes hands the offset over, and the database refuses what was
 * decided on another one, ahead of its clock, or too long ago.
 */
@Injectable()
export class BusinessTime {
  private last: (Moment & { seen: number }) | undefined;

  learn({ now_ms, offset_ms }: Moment): void {
    this.last = { now_ms, offset_ms, seen: this.elapsed() };
  }

  /** Now, or undefined when nothing was heard of it yet. */
  now(): Moment | undefined {
    if (!this.last) return undefined;
    const { now_ms, offset_ms, seen } = this.last;
    const since = Math.max(0, this.elapsed() - seen - STILL_MS);
    return { now_ms: Math.floor(now_ms + since * CAUTION), offset_ms };
  }

  /** Milliseconds of the monotonic clock. */
  protected elapsed(): number {
    return performance.now();
  }
}
