import { percentile } from './stats.mjs';

/** Not counted: connections open, code is compiled, caches fill. */
const WARM_UP_MS = 400;

/**
 * Does one thing again and again in so many lanes at once, each lane waiting for its own.
 * @param {{ concurrency: number, seconds: number }} load
 * @param {(lane: number) => Promise<unknown>} once rejects when what was asked for did not happen; that ends everything
 * @returns {Promise<{ perSecond: number, p50: number, p99: number, done: number }>} milliseconds; `done` counts the warm-up too
 */
export async function hammer({ concurrency, seconds }, once) {
  const from = performance.now() + WARM_UP_MS;
  const until = from + seconds * 1000;
  const took = [];
  let done = 0;
  const lane = async (number) => {
    for (let at = performance.now(); at < until;) {
      await once(number);
      const end = performance.now();
      done++;
      if (end >= from && end <= until) took.push(end - at);
      at = end;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, number) => lane(number)));
  return { perSecond: took.length / seconds, p50: percentile(took, 0.5), p99: percentile(took, 0.99), done };
}
