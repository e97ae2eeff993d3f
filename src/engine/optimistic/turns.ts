import { refuse } from '../../platform/errors.js';

/** What may wait for one name. Beyond this nobody would wait for the answer. */
const WAITING = 1_000;

/** Lets what concerns the same thing go one after the other, in the order in which it came; different things go side by side. */
export class Turns {
  private readonly lines = new Map<string, { last: Promise<unknown>; length: number }>();

  /** @throws OVERLOADED when too many wait for this name already */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const line = this.lines.get(name) ?? { last: Promise.resolve(), length: 0 };
    if (line.length >= WAITING) return Promise.reject(refuse('OVERLOADED', { retryAfter: 1 }));
    const mine = line.length === 0 ? work() : line.last.then(work);
    line.length += 1;
    line.last = mine.then(
      () => this.leave(name, line),
      () => this.leave(name, line),
    );
    this.lines.set(name, line);
    return mine;
  }

  private leave(name: string, line: { length: number }): void {
    line.length -= 1;
    if (line.length === 0) this.lines.delete(name);
  }
}
