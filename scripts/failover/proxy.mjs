/** An address that leads to one server now and to another later: what a virtual address, a DNS name or a load balancer does in production. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export async function startProxy(target) {
  const open = new Set();
  let port = target;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    /** New connections go there from now on; those that are open are cut. */
    pointAt: (next) => {
      port = next;
      for (const socket of open) socket.destroy();
    },
    stop: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
