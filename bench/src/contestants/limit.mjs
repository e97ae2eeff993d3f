import { limit } from '../limit.mjs';

/** L, which everything else is divided by. */
export const limitGroup = {
  name: 'limit',
  warms: true,
  contestants: [
    { name: 'limit.c8', label: 'L: the least durable transition, 8 clients', seconds: 4, clients: 8 },
    { name: 'limit.c1', label: 'the same, one client', seconds: 2, clients: 1 },
  ],
  open: async ({ server, cleanup, folder, notes }) => {
    const { by, run } = await limit(server, cleanup, folder);
    notes.limit = by;
    return { run: ({ clients }, seconds) => run(clients, seconds) };
  },
};
