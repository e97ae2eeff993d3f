/** graphile-worker, as it comes and with what its documentation advises for throughput. */
import { makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { hammer } from '../hammer.mjs';
import { answer } from '../rpc.mjs';
import { effectOf, idleLatencies } from './jobs.mjs';

const pgPool = new pg.Pool({ connectionString: process.env.PEER_URL, max: 30 });
const quiet = { logger: undefined, noHandleSignals: true, pgPool };
const CONCURRENCY = 24;
/** A queue of jobs in the process, and completions that are gathered: after a crash more is done twice. */
const BATCHING = { localQueue: { size: 200 }, completeJobBatchDelay: 5 };
const LOOK_EVERY_MS = 5;
let utils;

answer({
  open: async () => {
    utils = await makeWorkerUtils(quiet);
    await utils.migrate();
  },

  enqueue: async (load, batch) => {
    const jobs = () => Array.from({ length: batch }, () => ({ identifier: 'tell', payload: effectOf() }));
    const sample = await hammer(
      load,
      batch === 1 ? () => utils.addJob('tell', effectOf()) : () => utils.addJobs(jobs()),
    );
    await empty();
    return { ...sample, perSecond: sample.perSecond * batch };
  },

  drain: async (seconds, { isBatching, jobs }) => {
    await pgPool.query(
      `select graphile_worker.add_jobs(array(
         select row('tell', $1::json, null, null, null, null, null, null)::graphile_worker.job_spec from generate_series(1, $2::int)))`,
      [JSON.stringify(effectOf()), jobs],
    );
    await pgPool.query('analyze');
    let done = 0;
    const runner = await run({
      ...quiet,
      concurrency: CONCURRENCY,
      taskList: { tell: async () => void done++ },
      preset: { worker: isBatching ? BATCHING : {} },
    });
    while (done === 0) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const [began, before] = [performance.now(), done];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const [took, after] = [(performance.now() - began) / 1000, done];
    await runner.stop();
    await empty();
    return { perSecond: (after - before) / took };
  },

  idle: async (count) => {
    let runner;
    const sample = await idleLatencies(
      count,
      (job) => utils.addJob('tell', job),
      async (handle) => {
        runner = await run({ ...quiet, concurrency: CONCURRENCY, taskList: { tell: async (job) => handle(job) } });
      },
    );
    await runner.stop();
    return sample;
  },
});

const empty = () => pgPool.query('truncate graphile_worker._private_jobs');
