/** Does an event take longer when there are many instances? One service for each size, side by side, in turns. */
import { Helper } from '../processes.mjs';
import { query } from '../postgres.mjs';
import { orderTarget, seedOrders, startProduct } from '../product/start.mjs';

const CONCURRENCY = 16;
const SIZES = [
  { name: '10k', count: 10_000, seeding: 2 },
  { name: '100k', count: 100_000, seeding: 6 },
  { name: '1m', count: 1_000_000, seeding: 60 },
];

const sizesOf = ({ quick }) => (quick ? SIZES.slice(0, 2) : SIZES);
const roundsOf = ({ quick }) => (quick ? 1 : 4);
const lengthOf = ({ quick }) => (quick ? 2 : 4);

export const growthPart = {
  part: 'growth',
  seconds: (options) =>
    sizesOf(options).reduce((sum, { seeding }) => sum + seeding + roundsOf(options) * (lengthOf(options) + 0.5), 0),
  run: async (bench) => {
    const { server, cleanup, book, progress } = bench;
    const client = new Helper('http.load.mjs');
    cleanup.add(() => client.stop());
    const open = [];
    for (const size of sizesOf(bench))
      open.push({
        size,
        ...(await progress.step(`writing ${size.name} instances`, size.seeding, () => seeded(bench, size))),
      });
    for (let round = 0; round < roundsOf(bench); round++) {
      for (const { size, target } of open) {
        await progress.step(`ours over HTTP, ${size.name} instances`, lengthOf(bench) + 0.5, async () => {
          const load = { concurrency: CONCURRENCY, seconds: lengthOf(bench) };
          book.add(`growth.${size.name}`, await client.call('run', target, load));
        });
      }
    }
    await client.stop();
    for (const { size, service } of open) {
      await service.stop();
      await server.drop(`growth_${size.name}`);
    }
  },
};

async function seeded({ server, cleanup }, { name, count }) {
  const url = await server.database(`growth_${name}`, { product: true });
  const service = startProduct(url, 'api', cleanup);
  const origin = await service.call('listen');
  const ids = await seedOrders(service, url, 'grown', count);
  await query(url, 'vacuum analyze engine.instances, engine.history');
  await query(url, 'checkpoint');
  return { service, target: orderTarget(origin, ids) };
}
