import { createServer, type AddressInfo } from 'node:net';
import { freePort } from '../../src/platform/free.port.js';

const listen = (port: number) =>
  new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
    server.on('error', reject);
  });

describe('a free port', () => {
  it('can be listened on, and is out of reach of outgoing connections', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    for (const port of ports) expect(port).toBeLessThan(32_768);
    const servers = await Promise.all([...new Set(ports)].map(listen));
    expect(servers.map((server) => (server.address() as AddressInfo).port)).toEqual([...new Set(ports)]);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  });
});
