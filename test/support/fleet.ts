/** Several processes of the built service on one database, as an operator runs them: started, stopped, killed and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ROLES } from '../../src/auth/caller.js';
import type { Entry } from '../../src/integrations/sandbox/ledger.js';
import { startSandbox, type Sandbox } from '../../src/integrations/sandbox/server.js';
import { freePort } from '../../src/platform/free.port.js';
import { sandboxSecrets } from '../../src/platform/sandbox.secrets.js';
import { testDatabase, type TestDatabase } from './database.js';

const START_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 25;

/** One process of the service, on a port that it keeps over restarts. */
export class Member {
  private child: ChildProcess | undefined;

  constructor(
    readonly role: 'api' | 'worker' | 'all',
    readonly port: number,
    private readonly env: Record<string, string>,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the process and waits until it is ready. A worker listens to nobody: it is ready when it says so. */
  async start(): Promise<this> {
    const child = spawn(process.execPath, ['dist/src/main.js'], {
      env: { PATH: process.env['PATH'], ...this.env, STATEWRIGHT_ROLE: this.role, PORT: String(this.port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    for (let waited = 0; waited < START_LIMIT_MS; waited += LOOK_EVERY_MS) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the ${this.role} process ended: ${printed}`);
      if (this.role === 'worker' ? printed.includes('The worker is running') : await this.isReady()) return this;
      await pause(LOOK_EVERY_MS);
    }
    throw new Error(`the ${this.role} process did not get ready`);
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Sends the signal, and waits for the end; answers the exit code, and how long it took. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ code: number | null; ms: number }> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return { code: child?.exitCode ?? null, ms: 0 };
    const began = performance.now();
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const [code] = await ended;
    return { code, ms: performance.now() - began };
  }
}

/** The database, the stand-ins for the providers, and whatever processes a test starts. */
export class Fleet {
  readonly members: Member[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly sandbox: Sandbox,
    /** The database as its owner. */
    readonly owner: pg.Pool,
    readonly dataDir: string,
    readonly keys: Readonly<Record<string, string>>,
  ) {}

  /** @param given a migrated database, when it is not to be one of the test server's */
  static async start(given?: TestDatabase): Promise<Fleet> {
    const database = given ?? (await testDatabase());
    const dataDir = mkdtempSync(join(tmpdir(), 'statewright-fleet-'));
    const secrets = sandboxSecrets(dataDir, ROLES);
    const sandbox = await startSandbox({ dataDir, webhookTarget: 'http://127.0.0.1:1', secrets });
    const owner = new pg.Pool({ connectionString: database.url, max: 2 });
    owner.on('error', () => undefined);
    return new Fleet(database, sandbox, owner, dataDir, secrets.apiKeys);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.end('SIGTERM')));
    await this.sandbox.stop();
    await this.owner.end();
    await this.database.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** A process that has not been started yet. */
  async member(role: Member['role'], env: Record<string, string> = {}): Promise<Member> {
    const member = new Member(role, await freePort(), {
      DATABASE_URL: this.database.url,
      STATEWRIGHT_MODE: 'sandbox',
      STATEWRIGHT_DATA_DIR: this.dataDir,
      SANDBOX_URL: this.sandbox.url,
      SMTP_URL: this.sandbox.smtpUrl,
      LOG_LEVEL: 'silent',
      ...env,
    });
    this.members.push(member);
    return member;
  }

  /** As many pitches as asked for, each of the creator of the examples: `pitch_fleet_1` and so on. */
  async pitches(count: number): Promise<void> {
    await this.owner.query(
      `insert into deals.pitches (tenant, id, title, creator_id, updated_at)
       select 'demo', 'pitch_fleet_' || n, 'Night Train', 'creator_789', clock_timestamp() from generate_series(1, $1::int) n
       on conflict do nothing`,
      [count],
    );
  }

  async rows<Row extends object>(sql: string, ...values: unknown[]): Promise<Row[]> {
    return (await this.owner.query<Row>(sql, values)).rows;
  }

  /** Everything the providers did. */
  async ledger(): Promise<Entry[]> {
    return (await (await fetch(`${this.sandbox.url}/_sandbox/ledger`)).json()) as Entry[];
  }
}

/** A request as it was answered. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Asks one process, once. @throws what fetch throws when there was no answer */
export async function ask(
  base: string,
  method: string,
  path: string,
  { key, body, idempotencyKey }: { key: string | undefined; body?: object; idempotencyKey?: string },
): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

/** The body of an offer that is accepted, for a pitch of the fleet. */
export const offer = (pitch: number): object => ({
  investorId: 'inv_123',
  pitchId: `pitch_fleet_${pitch}`,
  creatorId: 'creator_789',
  proposedAmount: 50_000,
  investmentType: 'equity',
  ndaAccepted: true,
});
