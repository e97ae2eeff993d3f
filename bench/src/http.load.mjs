/** Sends requests, from a process of its own so that it takes no time from the server's event loop; cores it does share. */
import { Client } from 'undici';
import { hammer } from './hammer.mjs';
import { answer } from './rpc.mjs';

let keys = 0;

answer({
  /**
   * @param {{ origin: string, paths: string[], headers: Record<string, string>, body: string, keyed: boolean }} target any of the paths
   *   is asked at random; `keyed` adds an Idempotency-Key of its own to each request
   * @param {{ concurrency: number, seconds: number }} load one connection for each lane
   */
  run: async ({ origin, paths, headers, body, keyed }, load) => {
    const clients = Array.from({ length: load.concurrency }, () => new Client(origin, { pipelining: 1 }));
    const fixed = Object.entries(headers).flat();
    const once = (lane) =>
      ask(clients[lane], {
        method: 'POST',
        path: paths[Math.floor(Math.random() * paths.length)],
        headers: keyed ? [...fixed, 'idempotency-key', `bench-${process.pid}-${++keys}`] : fixed,
        body,
      });
    try {
      return await hammer(load, once);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
  },
});

/** Resolves when the whole answer is there. @throws what the server said, unless it was a success */
function ask(client, request) {
  return new Promise((resolve, reject) => {
    let status = 0;
    const said = [];
    client.dispatch(request, {
      onRequestStart: () => undefined,
      onResponseStart: (_, code) => {
        status = code;
      },
      onResponseData: (_, chunk) => {
        if (status >= 300) said.push(chunk);
      },
      onResponseEnd: () =>
        status < 300
          ? resolve(undefined)
          : reject(new Error(`${request.path} answered ${status}: ${Buffer.concat(said)}`)),
      onResponseError: (_, error) => reject(error),
    });
  });
}
