/** How fast our outbox is worked off: effects of commands whose handler does nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { query } from '../postgres.mjs';
import { copyRows } from '../product/seed.mjs';
import { seedOrders, startProduct } from '../product/start.mjs';

/** More than a worker gets through in a second. */
const MOST_PER_SECOND = 30_000;
const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 15_000;

export const outboxGroup = {
  name: 'outbox',
  part: 'outbox',
  contestants: [{ name: 'outbox.drain.100k', label: 'our outbox, drained', seconds: 3 }],
  open: async (bench) => {
    const backlog = await openBacklog(bench, 'outbox');
    return {
      run: async (_, seconds) => {
        await backlog.fill(Math.max(100_000, seconds * MOST_PER_SECOND));
        return backlog.drain(seconds);
      },
      close: () => bench.server.drop('outbox'),
    };
  },
};

/** A database whose outbox can be filled, and drained by a worker process. */
export async function openBacklog({ server, cleanup }, name) {
  const url = await server.database(name, { product: true });
  const api = startProduct(url, 'api', cleanup);
  await api.call('listen');
  const ids = await seedOrders(api, url, 'full');
  await api.call('sendOne', ids[0]);
  await api.stop();
  await query(url, 'create schema bench; create table bench.effect as select * from engine.outbox');
  return {
    url,
    ids,
    /** Puts so many pending effects there and nothing else; spread over all orders, as a busy morning leaves them. */
    fill: async (count) => {
      await query(url, 'truncate engine.outbox, engine.attempts');
      const order = `'wf_full' || (1 + n % ${ids.length})`;
      await copyRows(
        url,
        'engine.outbox',
        'idx = 0',
        count,
        { instance_id: order, seq: `1000 + n`, key: `'demo:' || ${order} || ':' || (1000 + n) || ':0'` },
        'bench.effect',
      );
      await query(url, 'vacuum analyze engine.outbox');
      // Writing all this to disk is no part of working it off.
      await query(url, 'checkpoint');
    },
    drain: (seconds) => drain(url, seconds, cleanup),
  };
}

/** Works it off for so long; what counts is what is done and settled by then. The time runs from the first handler on: starting a process is no part of it. */
async function drain(url, seconds, cleanup) {
  const worker = startProduct(url, 'worker', cleanup);
  await worker.call('work');
  await firstTold(worker);
  const began = performance.now();
  await worker.call('claims');
  await pause(seconds * 1000);
  const claims = await worker.call('claims');
  const took = (performance.now() - began) / 1000;
  const [{ done }] = await query(
    url,
    `select count(*)::int as done from statewright.sw_outbox where finished_at is not null`,
  );
  await worker.stop();
  return { perSecond: done / took, ...claims };
}

async function firstTold(worker) {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await pause(LOOK_EVERY_MS)) {
    const told = await worker.call('told');
    if (told > 0) return;
  }
  throw new Error('the worker does not work');
}
