import { openBacklog } from '../contestants/outbox.mjs';

const MILLION = 1_000_000;

/** A night's work left in the outbox: does it slow the worker down? */
export const backlogPart = {
  part: 'outbox',
  seconds: ({ quick }) => (quick ? 0 : 45),
  run: async (bench) => {
    if (bench.quick) return;
    const backlog = await openBacklog(bench, 'million');
    await bench.progress.step('writing 1M effects', 33, () => backlog.fill(MILLION));
    await bench.progress.step('our outbox, 1M pending', 12, async () => {
      bench.book.add('outbox.drain.1m', await backlog.drain(8));
    });
    await bench.server.drop('million');
  },
};
