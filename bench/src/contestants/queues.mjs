/** Job queues on Postgres, which somebody might use in place of our outbox. */
import { Helper } from '../processes.mjs';

const SECONDS = 2;
const ONE_BY_ONE = 8;
const BY_HUNDREDS = 4;
/** More than can be done in a second, so that none runs dry. */
const MOST_PER_SECOND = { slow: 6_000, fast: 20_000 };

const enqueues = (queue, title) => [
  {
    name: `${queue}.enqueue.1`,
    label: `${title}, enqueued one by one`,
    seconds: SECONDS,
    run: (peer, seconds) => peer.call('enqueue', { concurrency: ONE_BY_ONE, seconds }, 1),
  },
  {
    name: `${queue}.enqueue.100`,
    label: `${title}, enqueued by 100`,
    seconds: SECONDS,
    run: (peer, seconds) => peer.call('enqueue', { concurrency: BY_HUNDREDS, seconds }, 100),
  },
];

const drained = (name, label, setting, perSecond) => ({
  name,
  label,
  seconds: SECONDS,
  run: (peer, seconds) => peer.call('drain', seconds, { ...setting, jobs: perSecond * seconds }),
});

const idle = (name, label, jobs) => ({ name, label, seconds: SECONDS, run: (peer) => peer.call('idle', jobs) });

const group = (name, file, contestants) => ({
  name,
  part: 'queues',
  optional: true,
  contestants,
  open: async ({ server, cleanup }) => {
    const url = await server.database(name);
    const peer = new Helper(file, { PEER_URL: url });
    cleanup.add(() => peer.stop());
    await peer.call('open');
    return {
      run: (contestant, seconds) => contestant.run(peer, seconds),
      close: async () => {
        await peer.stop();
        await server.drop(name);
      },
    };
  },
});

export const pgbossGroup = group('pgboss', 'peers/pgboss.mjs', [
  ...enqueues('pgboss', 'pg-boss'),
  drained('pgboss.drain.1', 'pg-boss, drained one by one', { batch: 1 }, MOST_PER_SECOND.slow),
  drained('pgboss.drain.10', 'pg-boss, drained by ten', { batch: 10 }, MOST_PER_SECOND.fast),
  idle('pgboss.idle', 'pg-boss, idle', 50),
]);

export const graphileGroup = group('graphile', 'peers/graphile.mjs', [
  ...enqueues('graphile', 'graphile-worker'),
  drained('graphile.drain', 'graphile-worker, drained', { isBatching: false }, MOST_PER_SECOND.slow),
  drained('graphile.batch', 'graphile-worker, drained in batches', { isBatching: true }, MOST_PER_SECOND.fast),
  idle('graphile.idle', 'graphile-worker, idle', 50),
]);
