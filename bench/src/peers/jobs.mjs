import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../stats.mjs';

const PAUSE_MS = 20;
const PATIENCE_MS = 5_000;

/** What our effect carries too. */
export const effectOf = () => ({ orderId: 'order_0', template: 'order.PAID' });

/**
 * How long a job waits on an idle system, from the moment it is durable to the start of its handler.
 * @param {number} count @param {(job: object) => Promise<unknown>} enqueue
 * @param {(handle: (job: { number?: number }) => void) => Promise<unknown>} work starts the worker
 */
export async function idleLatencies(count, enqueue, work) {
  const started = new Map();
  await work(({ number }) => void started.set(number, performance.now()));
  await pause(5 * PAUSE_MS);
  const took = [];
  for (let number = 0; number < count; number++) {
    await enqueue({ ...effectOf(), number });
    const durable = performance.now();
    while (!started.has(number)) {
      if (performance.now() - durable > PATIENCE_MS) throw new Error('a job on an idle system was not begun');
      await pause(1);
    }
    // A handler may start before the one who asked for it has his answer.
    took.push(Math.max(0, started.get(number) - durable));
    await pause(PAUSE_MS * (0.5 + Math.random()));
  }
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
}
