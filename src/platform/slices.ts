/** Long work of one request, in slices: between them everybody else has a turn. */

import { refuse } from './errors.js';

/** Nobody else waits for longer than this, milliseconds. */
const SLICE_MS = 5;

/** Answers what is to be called between small pieces of work: it gives way to others once a slice is over. */
export function slices(ms = SLICE_MS): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < ms) return;
    // Whatever has come in meanwhile goes first.
    await new Promise((resolve) => setImmediate(resolve));
    began = performance.now();
  };
}

/** Long work of which a process does only so much at once: each takes its share of the time that everybody has. */
export class SlicedWork {
  private running = 0;

  constructor(private readonly bounds: { mostAtOnce: number; longestMs: number }) {}

  /** Runs work that pauses between its pieces, and gives way to others there. @returns undefined when it took too long @throws OVERLOADED */
  async run<Result>(work: Generator<void, Result>): Promise<Result | undefined> {
    const { mostAtOnce, longestMs } = this.bounds;
    if (this.running >= mostAtOnce)
      throw refuse('OVERLOADED', { detail: `${mostAtOnce} of these are being worked out already.`, retryAfter: 1 });
    this.running++;
    try {
      return await sliced(work, performance.now() + longestMs);
    } finally {
      this.running--;
    }
  }
}

/** @param until gives up at this time of the monotonic clock, milliseconds */
async function sliced<Result>(work: Generator<void, Result>, until: number): Promise<Result | undefined> {
  const breathe = slices();
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() > until) return undefined;
    await breathe();
  }
}
