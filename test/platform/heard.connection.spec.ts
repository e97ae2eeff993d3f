import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { DataSource } from 'typeorm';
import type { Config } from '../../src/platform/config.js';
import { Database } from '../../src/platform/database.js';
import { dataSourceOptions } from '../../src/platform/datasource.js';
import { Health } from '../../src/platform/health.js';

/** One message of Postgres's protocol: its letter, its length, what it says. */
function message(letter: string, said: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(said.length + 4);
  return Buffer.concat([Buffer.from(letter), length, said]);
}

const READY = message('Z', Buffer.from('I'));
const GREETING = Buffer.concat([message('R', Buffer.alloc(4)), READY]);
/** One row of one column of text, as TypeORM asks for the version. */
const ROW = Buffer.concat([
  message('T', Buffer.from('\0\x01version\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0', 'latin1')),
  message('D', Buffer.from('\0\x01\0\0\0\x0fPostgreSQL 18.4', 'latin1')),
  message('C', Buffer.from('SELECT 1\0')),
  READY,
]);
const DONE = Buffer.concat([message('C', Buffer.from('COMMIT\0')), READY]);
/** What a backend sends when its postmaster is gone. */
const GOODBYE = message(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
);

/** Speaks as much of the protocol as it takes to say goodbye at the worst moment. */
let server: Server;
let answer: (socket: Socket, isFirst: boolean) => void;
let url: string;
const open = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => {
    open.add(socket.on('error', () => undefined));
    let isFirst = true;
    socket.on('data', () => {
      answer(socket, isFirst);
      isFirst = false;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `postgres://somebody@127.0.0.1:${(server.address() as AddressInfo).port}/somewhere`;
});
afterAll(() => {
  for (const socket of open) socket.destroy();
  server.close();
});

const inTheGreeting = (socket: Socket): void => void socket.end(Buffer.concat([GREETING, GOODBYE]));
const inTheAnswer = (socket: Socket, isFirst: boolean): void =>
  void (isFirst ? socket.write(GREETING) : socket.end(Buffer.concat([DONE, GOODBYE])));

describe.each([
  ['in the bytes that greet the connection', inTheGreeting],
  ['in the bytes that end an answer', inTheAnswer],
])('a server that says goodbye %s', (_, how) => {
  beforeEach(() => (answer = how));

  it('makes the service unready, and does not end its process', async () => {
    const health = new Health({ databaseUrl: url } as Config);
    for (let look = 0; look < 3; look++)
      expect(await health.report()).toEqual({ database: { ok: false, reason: 'failed' } });
    await health.onApplicationShutdown();
  });

  it('fails the calls under way, and does not end their process', async () => {
    // The pool comes to life at a server that stays.
    answer = (socket, isFirst) => void socket.write(isFirst ? GREETING : ROW);
    const source = new DataSource(dataSourceOptions(url, 2, () => undefined));
    await source.initialize();
    answer = how;
    const database = new Database(source);
    const calls = Array.from({ length: 4 }, () => database.call('select 1', []));
    expect((await Promise.allSettled(calls)).length).toBe(4);
    const transactions = Array.from({ length: 4 }, () => database.system((tx) => tx.query('select 1')));
    for (const { status } of await Promise.allSettled(transactions)) expect(status).toBe('rejected');
  });
});
