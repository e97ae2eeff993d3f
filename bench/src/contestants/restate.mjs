import { startRestate } from '../peers/restate.server.mjs';
import { Helper } from '../processes.mjs';
import { NOTE } from '../product/order.mjs';

const ORDERS = 1_000;
const CREATED_AT_ONCE = 32;

export const restateGroup = {
  name: 'restate',
  warms: true,
  part: 'peers',
  optional: true,
  contestants: [1, 16, 64].map((concurrency) => ({
    name: `restate.c${concurrency}`,
    label: `Restate + XState over HTTP, ${concurrency} at once`,
    seconds: concurrency === 1 ? 2 : 3,
    concurrency,
  })),
  open: async ({ folder, cleanup }) => {
    const server = await startRestate(folder);
    cleanup.add(() => server.stop());
    const [service, client] = [new Helper('peers/restate.mjs'), new Helper('http.load.mjs')];
    for (const helper of [service, client]) cleanup.add(() => helper.stop());
    await post(`${server.admin}/deployments`, { uri: await service.call('listen') });
    const ids = Array.from({ length: ORDERS }, (_, n) => `order-${n}`);
    await inLanes(ids, (orderId) => post(`${server.ingress}/order/${orderId}/create`, { input: { orderId } }));
    const target = {
      origin: server.ingress,
      paths: ids.map((id) => `/order/${id}/send`),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event: { type: 'advance', note: NOTE } }),
      keyed: false,
    };
    return {
      run: ({ concurrency }, seconds) => client.call('run', target, { concurrency, seconds }),
      close: () => Promise.all([server.stop(), service.stop(), client.stop()]),
    };
  },
};

async function post(url, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text;
}

async function inLanes(items, work) {
  const left = [...items];
  const lane = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: CREATED_AT_ONCE }, lane));
}
