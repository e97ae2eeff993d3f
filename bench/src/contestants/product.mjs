/** Ours: the whole service over HTTP, and its engine from within the process. Each has a process and orders of its own. */
import { Helper } from '../processes.mjs';
import { query } from '../postgres.mjs';
import { orderTarget, seedOrders, startProduct } from '../product/start.mjs';

export const sendGroup = {
  name: 'send',
  warms: true,
  part: 'send',
  contestants: [1, 16, 64].map((concurrency) => ({
    name: `http.c${concurrency}`,
    label: `ours over HTTP, ${concurrency} at once`,
    seconds: concurrency === 1 ? 2 : 4,
    concurrency,
  })),
  open: async ({ server, cleanup, book }) => {
    const url = await server.database('send', { product: true });
    const service = startProduct(url, 'api', cleanup);
    const origin = await service.call('listen');
    const ids = await seedOrders(service, url, 'http');
    const client = new Helper('http.load.mjs');
    cleanup.add(() => client.stop());
    const target = orderTarget(origin, ids);
    const count = counter(url);
    return {
      run: async ({ concurrency }, seconds) => count.add(await client.call('run', target, { concurrency, seconds })),
      close: async () => {
        book.add('memory.api', { bytes: await service.call('peakMemory') });
        await count.check();
        await Promise.all([client.stop(), service.stop()]);
        await server.drop('send');
      },
    };
  },
};

export const engineGroup = {
  name: 'engine',
  warms: true,
  part: 'engine',
  contestants: [1, 16, 64, 256].map((concurrency) => ({
    name: `engine.c${concurrency}`,
    label: `ours in process, ${concurrency} at once`,
    seconds: concurrency === 1 ? 2 : 3,
    concurrency,
  })),
  open: async ({ server, cleanup }) => {
    const url = await server.database('engine', { product: true });
    const service = startProduct(url, 'api', cleanup);
    await service.call('listen');
    const ids = await seedOrders(service, url, 'engine');
    const count = counter(url);
    return {
      run: async ({ concurrency }, seconds) => count.add(await service.call('send', ids, { concurrency, seconds })),
      close: async () => {
        await count.check();
        await service.stop();
        await server.drop('engine');
      },
    };
  },
};

/** Speed is worth nothing when an acknowledged event is missing: each one must be in the database, once. */
function counter(url) {
  let acknowledged = 0;
  return {
    add: (sample) => {
      acknowledged += sample.done;
      return sample;
    },
    check: async () => {
      const [{ events, effects, revisions }] = await query(
        url,
        `select (select count(*) from statewright.sw_history where kind = 'event')::int as events,
                (select count(*) from statewright.sw_outbox)::int as effects,
                (select sum(revision - 1) from statewright.sw_instances)::int as revisions`,
      );
      if ([events, effects, revisions].some((found) => found !== acknowledged))
        throw new Error(
          `${acknowledged} events were acknowledged; there are ${events} in the history, ${effects} effects, ${revisions} steps`,
        );
    },
  };
}
