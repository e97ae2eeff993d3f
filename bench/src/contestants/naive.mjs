import { Helper } from '../processes.mjs';
import { query } from '../postgres.mjs';
import { NOTE } from '../product/order.mjs';
import { INSTANCES } from '../product/start.mjs';

export const naiveGroup = {
  name: 'naive',
  warms: true,
  part: 'peers',
  optional: true,
  contestants: [16, 64].map((concurrency) => ({
    name: `naive.c${concurrency}`,
    label: `NestJS + TypeORM over HTTP, ${concurrency} at once`,
    seconds: 3,
    concurrency,
  })),
  open: async ({ server, cleanup }) => {
    const url = await server.database('naive');
    const service = new Helper('peers/naive.mjs', { PEER_URL: url, NODE_ENV: 'production' });
    const client = new Helper('http.load.mjs');
    for (const helper of [service, client]) cleanup.add(() => helper.stop());
    const origin = await service.call('listen', INSTANCES);
    await query(url, 'analyze');
    const target = {
      origin,
      paths: Array.from({ length: INSTANCES }, (_, n) => `/orders/${n + 1}/advance`),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ note: NOTE }),
      keyed: false,
    };
    return {
      run: ({ concurrency }, seconds) => client.call('run', target, { concurrency, seconds }),
      close: async () => {
        await Promise.all([service.stop(), client.stop()]);
        await server.drop('naive');
      },
    };
  },
};
