/** Deadlines that fall due at the same moment, as those of everything that was started by one import do. */
import { setTimeout as pause } from 'node:timers/promises';
import { query } from '../postgres.mjs';
import { copyRows } from '../product/seed.mjs';
import { startProduct } from '../product/start.mjs';

/** Time to write them and to start the worker before they fall due. */
const DUE_IN_MS = 4_000;
const LOOK_EVERY_MS = 100;

export const timersPart = {
  part: 'timers',
  seconds: ({ quick }) => (quick ? 10 : 45),
  run: async ({ server, cleanup, book, progress, quick }) => {
    const count = quick ? 3_000 : 100_000;
    const limit = quick ? 4 : 30;
    const url = await server.database('timers', { product: true });
    await progress.step(`writing ${count.toLocaleString('en-US')} timers`, quick ? 4 : 12, () =>
      seed(url, count, cleanup),
    );
    await progress.step('our timers, all due at once', limit, async () => {
      book.add('timers.100k', await fire(url, count, limit, cleanup));
    });
    await server.drop('timers');
  },
};

async function seed(url, count, cleanup) {
  const api = startProduct(url, 'api', cleanup);
  await api.call('listen');
  const first = await api.call('begin', 'bench-deadline', { orderId: 'order_0', dueMs: 86_400_000 });
  await api.stop();
  const instance_id = `'wf_late' || n`;
  await Promise.all([
    copyRows(url, 'engine.instances', `id = '${first}'`, count, { id: instance_id }),
    copyRows(url, 'engine.history', `instance_id = '${first}'`, count, { instance_id }),
    copyRows(url, 'engine.timers', `instance_id = '${first}'`, count, { instance_id }),
  ]);
  await query(url, 'vacuum analyze engine.instances, engine.history, engine.timers');
}

async function fire(url, count, limitSeconds, cleanup) {
  const worker = startProduct(url, 'worker', cleanup);
  await worker.call('work');
  const [{ due }] = await query(
    url,
    `update engine.timers set due_at = engine.now() + ${DUE_IN_MS} * interval '1 millisecond' where instance_id like 'wf_late%';
     select (extract(epoch from max(due_at)) * 1000)::float8 as due from engine.timers where instance_id like 'wf_late%'`,
  );
  // What the benchmark itself left behind, and writing it to disk, is no part of it.
  await query(url, 'vacuum engine.timers');
  await query(url, 'checkpoint');
  await pause(due - Date.now());
  await worker.call('claims');
  const until = due + limitSeconds * 1000;
  const before = await worker.call('steps');
  // The worker is asked: counting in the database takes more of it than firing does.
  while ((await worker.call('steps')) - before < count && Date.now() < until) await pause(LOOK_EVERY_MS);
  const claims = await worker.call('claims');
  await worker.stop();
  const result = await fired(url);
  return { perSecond: result.fired / result.seconds, ...result, count, ...claims };
}

/** How many have fired, how late, and how long it took from the moment they were due. */
async function fired(url) {
  const [row] = await query(
    url,
    `select count(*)::int as fired, extract(epoch from max(fired_at) - min(due_at))::float8 as seconds,
            (percentile_cont(0.5) within group (order by extract(epoch from fired_at - due_at)) * 1000)::float8 as "lateP50",
            (percentile_cont(0.99) within group (order by extract(epoch from fired_at - due_at)) * 1000)::float8 as "lateP99"
       from statewright.sw_timers where fired_at is not null`,
  );
  return row;
}
