/** pg-boss. Its own worker loop waits between batches, so it is drained by loops of ours over its fetch and complete, its fastest way. */
import { PgBoss } from 'pg-boss';
import { hammer } from '../hammer.mjs';
import { answer } from '../rpc.mjs';
import { percentile } from '../stats.mjs';
import { effectOf, idleLatencies } from './jobs.mjs';

const LOOPS = 4;
const FILLED_AT_ONCE = 5_000;

const boss = new PgBoss({
  connectionString: process.env.PEER_URL,
  max: 10,
  useListenNotify: true,
  supervise: false,
  schedule: false,
});
boss.on('error', () => undefined);
let names = 0;

/** A queue of its own for each measurement, so that nothing is left of the one before. */
async function queue(prefix, options = {}) {
  const name = `${prefix}_${++names}`;
  await boss.createQueue(name, options);
  return name;
}

answer({
  open: async () => void (await boss.start()),

  enqueue: async (load, batch) => {
    const name = await queue('enqueue');
    const jobs = () => Array.from({ length: batch }, () => ({ data: effectOf() }));
    const once = batch === 1 ? () => boss.send(name, effectOf()) : () => boss.insert(name, jobs());
    const sample = await hammer(load, once);
    return { ...sample, perSecond: sample.perSecond * batch };
  },

  drain: async (seconds, { batch, jobs }) => {
    const name = await queue('full');
    for (let filled = 0; filled < jobs; filled += FILLED_AT_ONCE)
      await boss.insert(
        name,
        Array.from({ length: FILLED_AT_ONCE }, () => ({ data: effectOf() })),
      );
    let done = 0;
    const claims = [];
    const began = performance.now();
    const until = began + seconds * 1000;
    const loop = async () => {
      for (let asked = performance.now(); asked < until; asked = performance.now()) {
        const taken = await boss.fetch(name, { batchSize: batch });
        claims.push(performance.now() - asked);
        if (taken.length === 0) return;
        await boss.complete(
          name,
          taken.map(({ id }) => id),
        );
        done += taken.length;
      }
    };
    await Promise.all(Array.from({ length: LOOPS }, loop));
    const took = (performance.now() - began) / 1000;
    return { perSecond: done / took, claimP50: percentile(claims, 0.5), claimP99: percentile(claims, 0.99) };
  },

  idle: async (count) => {
    const name = await queue('idle', { notify: true });
    const sample = await idleLatencies(
      count,
      (job) => boss.send(name, job),
      (handle) => boss.work(name, async (jobs) => jobs.forEach(({ data }) => handle(data))),
    );
    await boss.offWork(name);
    return sample;
  },
});
