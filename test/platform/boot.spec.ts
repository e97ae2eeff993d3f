import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { testDatabase, type TestDatabase } from '../support/database.js';

let home: string;
let test: TestDatabase;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'statewright-boot-'));
  chmodSync(home, 0o755);
  test = await testDatabase();
});
afterAll(async () => {
  await test.drop();
  rmSync(home, { recursive: true, force: true });
});

/** The service as `npm start` runs it, with nothing but these variables. */
function start(variables: Record<string, string>, program = 'main') {
  const child = spawn(process.execPath, [`dist/src/${program}.js`], {
    env: { PATH: process.env['PATH'], STATEWRIGHT_DATA_DIR: home, PORT: '0', LOG_LEVEL: 'warn', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  const complaint = text(child.stderr);
  const ended = once(child, 'exit').then(([code]: unknown[]) => code);
  return {
    ended,
    complaint,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    /** Everything printed, as soon as it matches. */
    says: async (wanted: RegExp) => {
      while (!wanted.test(printed)) {
        await Promise.race([
          once(child.stdout, 'data'),
          ended.then(async () => Promise.reject(new Error(await complaint))),
        ]);
      }
      return printed;
    },
  };
}

/** How a start that fails ends: its code, and what it says. */
async function failure(variables: Record<string, string>): Promise<[unknown, string]> {
  const service = start(variables);
  return [await service.ended, await service.complaint];
}

const sandbox = () => ({ STATEWRIGHT_MODE: 'sandbox', DATABASE_URL: test.url });

describe('starting', () => {
  it('needs nothing, prints where everything is and a key for each role, and leaves nothing behind', async () => {
    const service = start({});
    const printed = await service.says(/viewer +sw_/);
    const [address = ''] = /http:\S+(?=\/health\/ready)/.exec(printed) ?? [];
    expect((await fetch(`${address}/health/ready`)).status).toBe(200);
    for (const role of ['admin', 'operator', 'investor', 'creator'])
      expect(printed).toMatch(new RegExp(`${role} +sw_`));
    const postgres = Number(readFileSync(join(home, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
    service.signal('SIGTERM');
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(existsSync(`/proc/${postgres}`)).toBe(false);
  });

  it('runs beside others on one database, as API or as worker', async () => {
    const [api, worker] = [start({ ...sandbox(), STATEWRIGHT_ROLE: 'api' }), start(sandbox(), 'worker')];
    await Promise.all([api.says(/is running/), worker.says(/The worker is running/)]);
    api.signal('SIGINT');
    worker.signal('SIGINT');
    expect(await Promise.all([api.ended, worker.ended])).toEqual([0, 0]);
  });

  it('says in one sentence that the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    expect(await failure({ ...sandbox(), PORT: String(port) })).toEqual([
      1,
      `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or set PORT to another.\n`,
    ]);
    taken.close();
  });

  it('says in one sentence that the database cannot be reached', async () => {
    expect(await failure({ ...sandbox(), DATABASE_URL: 'postgres://app:secret@127.0.0.1:1/app' })).toEqual([
      1,
      'The database at 127.0.0.1:1 cannot be used: connect ECONNREFUSED 127.0.0.1:1. Start it, or correct DATABASE_URL.\n',
    ]);
  });

  it('says what production needs before it does anything', async () => {
    const [code, complaint] = await failure({ STATEWRIGHT_MODE: 'production' });
    expect(code).toBe(1);
    expect(complaint).toMatch(/^The configuration has 3 problems:\n {2}- .+\n {2}- .+\n {2}- .+\n$/);
  });
});
