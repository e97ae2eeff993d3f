/** Stands in for pgbench where there is none: the same function, called from Node. */
import pg from 'pg';
import { hammer } from './hammer.mjs';
import { answer } from './rpc.mjs';

const clients = [];

answer({
  run: async (load, rows, { snapshot, payload, hash }) => {
    while (clients.length < load.concurrency) {
      const client = new pg.Client({ connectionString: process.env.LIMIT_URL });
      await client.connect();
      clients.push(client);
    }
    return hammer(load, (lane) =>
      clients[lane].query({
        name: 'transition',
        text: 'select transition($1, 0, $2, $3, $4)',
        values: [1 + Math.floor(Math.random() * rows), snapshot, payload, hash],
      }),
    );
  },
});
