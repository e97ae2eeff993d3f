/** 1,000 events through the product's own pipeline, from their acceptance to their delivery; 100 at once. */
import { setTimeout as pause } from 'node:timers/promises';
import { query } from '../postgres.mjs';
import { startProduct } from '../product/start.mjs';

const EVENTS = 1_000;
const AT_ONCE = 100;
const ROUNDS = 3;

export const pipelinePart = {
  part: 'pipeline',
  seconds: ({ quick }) => (quick ? 10 : 20),
  run: async ({ server, cleanup, book, progress, quick }) => {
    const url = await server.database('pipeline', { product: true });
    const service = startProduct(url, 'all', cleanup);
    await service.call('listen');
    await service.call('pipelines', 50, 10);
    const rounds = quick ? 1 : ROUNDS;
    for (let round = 1; round <= rounds; round++) {
      await progress.step('our event pipeline', pipelinePart.seconds({ quick }) / rounds, async () => {
        const began = performance.now();
        await service.call('pipelines', EVENTS, AT_ONCE);
        await counted(url, 50 + round * EVENTS);
        book.add('pipeline', { seconds: (performance.now() - began) / 1000 });
      });
    }
    await service.stop();
    await server.drop('pipeline');
  },
};

/** Every event has one row and is delivered, the counters are exact, and each of its steps was done once. The last commit may be a moment behind its own news. */
async function counted(url, events) {
  let found;
  for (let look = 0; look < 50; look++) {
    [found] = await query(
      url,
      `select (select count(*) from events.events where status = 'delivered')::int as rows,
              (select sum(value) from events.metric_counters where key = 'metrics:events:total')::int as total,
              (select sum(value) from events.metric_counters where key = 'metrics:events:pending')::int as pending,
              (select sum(value) from events.metric_counters where key = 'metrics:events:delivered')::int as delivered,
              (select count(*) from statewright.sw_outbox where status = 'done' and attempts = 1)::int as effects`,
    );
    const { rows, total, pending, delivered, effects } = found;
    if ([rows, total, delivered].every((count) => count === events) && pending === 0 && effects === 4 * events) return;
    await pause(5);
  }
  throw new Error(`of ${events} events it says ${JSON.stringify(found)}`);
}
