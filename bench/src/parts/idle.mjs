/** How long an effect waits on an idle system: worked off by the process that took the event, and by another one. */
import { setTimeout as pause } from 'node:timers/promises';
import { query } from '../postgres.mjs';
import { seedOrders, startProduct } from '../product/start.mjs';
import { percentile } from '../stats.mjs';

const ORDERS = 1_000;
const PAUSE_MS = 20;
const PATIENCE_MS = 10_000;

export const idlePart = {
  part: 'outbox',
  seconds: ({ quick }) => (quick ? 6 : 20),
  run: async ({ server, cleanup, book, progress, quick }) => {
    const events = quick ? 40 : 250;
    const seconds = idlePart.seconds({ quick }) / 2;
    const url = await server.database('idle', { product: true });
    const whole = startProduct(url, 'all', cleanup);
    await whole.call('listen');
    const ids = await seedOrders(whole, url, 'idle', ORDERS);
    await progress.step('our outbox, idle, one process', seconds, async () => {
      book.add('outbox.idle', await latencies(url, whole, whole, ids, events));
    });
    await whole.stop();
    const [api, worker] = [startProduct(url, 'api', cleanup), startProduct(url, 'worker', cleanup)];
    await Promise.all([api.call('listen'), worker.call('work')]);
    await progress.step('our outbox, idle, API and worker apart', seconds, async () => {
      book.add('outbox.apart', await latencies(url, api, worker, ids, events));
    });
    await Promise.all([api.stop(), worker.stop()]);
    await server.drop('idle');
  },
};

/** From the acknowledgement of an event, which is the commit, to the start of the handler and to the end of the effect. */
async function latencies(url, api, worker, ids, count) {
  await api.call('trickle', ids, 10, PAUSE_MS);
  await worker.call('remember');
  const acknowledged = await api.call('trickle', ids, count, PAUSE_MS);
  await allDone(url);
  const starts = new Map(await worker.call('started'));
  const ends = new Map(
    (
      await query(url, `select key, (extract(epoch from finished_at) * 1000)::float8 as at from statewright.sw_outbox`)
    ).map(({ key, at }) => [key, at]),
  );
  // A handler may start before the one who sent the event has its answer.
  const toStart = acknowledged.map(([key, at]) => Math.max(0, starts.get(key) - at));
  const toDone = acknowledged.map(([key, , at]) => Math.max(0, ends.get(key) - at));
  return {
    p50: percentile(toStart, 0.5),
    p99: percentile(toStart, 0.99),
    doneP50: percentile(toDone, 0.5),
    doneP99: percentile(toDone, 0.99),
  };
}

async function allDone(url) {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await pause(50)) {
    const [{ open }] = await query(
      url,
      `select count(*)::int as open from statewright.sw_outbox where status <> 'done'`,
    );
    if (open === 0) return;
  }
  throw new Error('effects of an idle system were not done');
}
