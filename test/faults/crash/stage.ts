/** One process, one database whose clock stands still, one real provider over HTTP, and a wire between them that can be cut. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ROLES } from '../../../src/auth/caller.js';
import type { Json } from '../../../src/engine/core/driver.js';
import { xstateDriver } from '../../../src/engine/core/xstate.driver.js';
import type { EffectResult, EffectRun } from '../../../src/engine/host.js';
import { InboxWorker } from '../../../src/engine/workers/inbox.worker.js';
import { OutboxWorker } from '../../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../../src/engine/workers/timer.worker.js';
import { startSandbox, type Sandbox } from '../../../src/integrations/sandbox/server.js';
import { dataSourceOptions } from '../../../src/platform/datasource.js';
import { sandboxSecrets } from '../../../src/platform/sandbox.secrets.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { EFFECTS, hostOf, peaceful } from '../../support/engine.js';
import { Hosting, LEASE_MS, Process } from '../../support/process.js';
import { ask, isDefinite, tell, type Request } from '../../support/promises/asking.js';
import type { Answer, Call, Told } from '../../support/promises/evidence.js';
import { brokenPromises } from '../../support/promises/promises.js';
import { readStored, workOf, type Stored } from '../../support/promises/stored.js';
import { plantFunctions, plantStatements, type Plant } from '../../support/plants.js';
import { forget, moveClock, stopClock } from '../../support/still.js';
import { order } from '../../support/toy.js';
import { Wire, type Cut } from './wire.js';

/** Longer than any lease and any pause between tries of the toy's effects and of messages. */
const LONG_MS = 61_000;
/** Rounds after which something that should have come to rest has not. */
const MOST_ROUNDS = 30;
const POOL = 4;

export class Stage {
  readonly asked: Request[] = [];
  readonly told: Told[] = [];
  readonly calls: Call[] = [];
  private readonly messages: { id: string; instanceId: string; type: string }[] = [];
  process: Process;
  private readonly driver = xstateDriver(order);
  private moment = 0;
  /** Providers answer nobody while it is set. */
  private stuck: Promise<never> | undefined;

  private constructor(
    readonly owner: pg.Client,
    readonly wire: Wire,
    private source: DataSource,
    private readonly hosting: Hosting,
    private readonly sandbox: Sandbox,
    private readonly listener: Server,
    private readonly database: TestDatabase,
    private readonly dataDir: string,
    private readonly plant: Plant,
  ) {
    this.process = new Process(source, hosting);
  }

  /** @param plant a bug that is to be found */
  static async open(plant: Plant = SOUND): Promise<Stage> {
    const database = await testDatabase();
    const owner = new pg.Client(database.url);
    await owner.connect();
    const url = await stopClock(owner, database.url);
    await plantFunctions(owner, plant);
    const dataDir = mkdtempSync(join(tmpdir(), 'statewright-crash-'));
    const listener = await confirming();
    const secrets = sandboxSecrets(dataDir, ROLES);
    const sandbox = await startSandbox({ dataDir, webhookTarget: addressOf(listener), secrets });
    const wire = await Wire.between(url, sandbox.url);
    const world = peaceful();
    const source = await connected(wire, plant);
    const hosting = new Hosting(source, hostOf(order, world), { carrier: JSON.parse, warehouse: JSON.parse });
    const stage = new Stage(owner, wire, source, hosting, sandbox, listener, database, dataDir, plant);
    for (const type of EFFECTS) world.effects[type] = (input, run) => stage.act(type, input, run);
    return stage;
  }

  async close(): Promise<void> {
    await this.source.destroy().catch(() => undefined);
    await this.wire.stop();
    await this.sandbox.stop();
    this.listener.closeAllConnections();
    this.listener.close();
    await this.owner.end();
    await this.database.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** An empty world. */
  async clear(): Promise<void> {
    await forget(this.owner);
    // What a process remembers of instances went with them.
    this.process = new Process(this.source, this.hosting);
    await this.atSandbox('reset');
    this.asked.length = 0;
    this.told.length = 0;
    this.calls.length = 0;
    this.messages.length = 0;
  }

  /** Lets a client ask, once; answers the id of the instance when it was confirmed. */
  async ask(request: Request): Promise<string> {
    this.asked.push(request);
    const answer = await this.try(request);
    return answer.kind === 'ack' ? answer.ack.instanceId : '';
  }

  /** The same request once more, beside whatever has become of the first. */
  again(request: Request): Promise<Answer> {
    return this.try(request);
  }

  async askAllAgain(): Promise<void> {
    for (const request of this.asked) await this.try(request);
  }

  /** A worker takes what is due and dies before it does any of it. */
  async claimAndCrash(): Promise<void> {
    const dying = new Process(this.source, this.hosting).get(OutboxWorker);
    this.stuck = new Promise(() => undefined);
    void dying.turn();
    while (!this.calls.some(({ ended }) => ended === null)) await new Promise(setImmediate);
    this.stuck = undefined;
  }

  /** Another process, which stops before it says what is meant for the first time, until it is let go on. */
  async another(
    meant: RegExp,
  ): Promise<{ process: Process; stopped: Promise<void>; goOn: () => void; close: () => Promise<void> }> {
    const source = await connected(this.wire, this.plant);
    let goOn: () => void = () => undefined;
    let stop: () => void = () => undefined;
    const going = new Promise<void>((resolve) => (goOn = resolve));
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const known = new WeakSet<pg.PoolClient>();
    poolOf(source).on('acquire', (client) => {
      if (known.has(client)) return;
      known.add(client);
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      client.query = (async (...args: unknown[]) => {
        if (meant.test(String(args[0]))) {
          stop();
          await going;
        }
        return query(...args);
      }) as typeof client.query;
    });
    return { process: new Process(source, this.hosting), stopped, goOn, close: () => source.destroy() };
  }

  /** A provider tells something. It goes on until it is confirmed. */
  async tell(id: string, instanceId: string, type: string): Promise<void> {
    if (!this.messages.some((message) => message.id === id)) this.messages.push({ id, instanceId, type });
    await tell(this.process, this.told, id, instanceId, type).catch(() => undefined);
  }

  async work(): Promise<void> {
    const worker = this.process.get(OutboxWorker);
    while (await worker.turn());
  }

  async deliver(): Promise<void> {
    const worker = this.process.get(InboxWorker);
    while (await worker.turn());
  }

  async fire(): Promise<void> {
    const worker = this.process.get(TimerWorker);
    while (await worker.turn());
  }

  /** Moves leases and business time ahead. */
  pass(ms: number): Promise<unknown> {
    return moveClock(this.owner, ms);
  }

  /** The providers answer this operation with a fault that many times. */
  fault(operation: string, times: number): Promise<void> {
    const [provider = '', ...name] = operation.split('.');
    return this.atSandbox('faults', { match: { provider, operation: name.join('.') }, kind: 'error-before', times });
  }

  /** What was really done at the providers: how often, by kind. */
  async done(): Promise<Record<string, number>> {
    const entries = (await (await fetch(`${this.sandbox.url}/_sandbox/ledger`)).json()) as { kind: string }[];
    entries.sort((a, b) => a.kind.localeCompare(b.kind));
    const counts: Record<string, number> = {};
    for (const { kind } of entries) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  /** After a cut: the connections are noticed to be gone, and a process that died is replaced by a new one. */
  async recover(cut: Cut): Promise<void> {
    this.wire.rest();
    if (cut === 'connection') return this.wire.noticed();
    await this.wire.revive();
    await this.source.destroy().catch(() => undefined);
    this.source = await connected(this.wire, this.plant);
    this.process = new Process(this.source, this.hosting);
  }

  /** Clients that had no answer ask again, leases run out, workers work until nothing is left to do. */
  async settle(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      for (const request of this.asked) if (!isDefinite(request)) await this.try(request);
      for (const { id, instanceId, type } of this.messages)
        if (!this.told.some((told) => told.isConfirmed && told.id === id)) await this.tell(id, instanceId, type);
      await this.work();
      await this.deliver();
      await this.fire();
      const work = await workOf(this.owner);
      if (work.length === 0 && this.asked.every(isDefinite)) return;
      await this.pass(LONG_MS);
    }
  }

  async broken(settled: boolean): Promise<string[]> {
    const { asked, told, calls, driver } = this;
    return brokenPromises({
      tenant: 'acme',
      stored: await readStored(this.owner),
      asked,
      told,
      calls,
      driver,
      settled,
    });
  }

  /** Everything stored, with names that are the same in every run. */
  async picture(): Promise<string> {
    return anonymous(await readStored(this.owner), ({ hash: _, prev_hash: __, head_hash: ___, ...row }) => row);
  }

  /** What it came to in the end: nothing that depends on how often something was tried. */
  async outcome(): Promise<string> {
    const stored = await readStored(this.owner);
    return anonymous(
      {
        ...stored,
        now: 0,
        // What has no Idempotency-Key and was asked twice may have been done twice.
        audit: stored.audit.filter((line, at) => stored.audit.findIndex(({ reason }) => reason === line.reason) === at),
        attempts: [],
        instances: stored.instances.map(({ snapshot: _, ...row }) => ({ ...row, snapshot: '' })),
      },
      ({ id, instance_id, seq, kind, type, from_state, to_state, state, status, timer_id, fired, action, key }) => ({
        ...(typeof id === 'string' && { id }),
        ...{
          instance_id,
          seq,
          kind,
          type,
          from_state,
          to_state,
          state,
          status,
          timer_id,
          fired: fired === null,
          action,
          key,
        },
      }),
    );
  }

  private try(request: Request): Promise<Answer> {
    return ask(request, this.process, () => ++this.moment);
  }

  /** What the toy's effects do: a request to the provider, under the effect's key. */
  private async act(type: string, input: Record<string, Json>, run: EffectRun): Promise<EffectResult> {
    const call: Call = {
      type,
      key: run.key,
      instanceId: run.instanceId,
      input,
      fence: run.begun,
      began: ++this.moment,
      ended: null,
      heldUntil: 0,
      startedAt: 0,
      outcome: null,
    };
    call.startedAt = (await readStored(this.owner)).now;
    call.heldUntil = call.startedAt + LEASE_MS;
    this.calls.push(call);
    if (this.stuck) await this.stuck;
    const result = await this.request(type, input, run);
    call.ended = ++this.moment;
    call.outcome = result.kind;
    return result;
  }

  private async request(
    type: string,
    input: Record<string, Json>,
    { key, begun, signal }: EffectRun,
  ): Promise<EffectResult> {
    const { path, headers, body } = asRequest(type, input);
    const response = await fetch(`${this.wire.providerUrl}${path}`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': key },
      body,
      signal,
    });
    const answer = (await response.json()) as { id?: string };
    if (response.status >= 500) return { kind: 'retry', reason: `status ${response.status} under fence ${begun}` };
    if (!response.ok)
      return { kind: 'failed', code: 'REFUSED', reason: `status ${response.status} under fence ${begun}` };
    return { kind: 'done', output: { paymentId: answer.id ?? 'none', trackingNo: key, fence: begun } };
  }

  private async atSandbox(path: string, body: object = {}): Promise<void> {
    const response = await fetch(`${this.sandbox.url}/_sandbox/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the sandbox refused ${path}: ${await response.text()}`);
  }
}

/** Confirms whatever the provider tells about itself: the toy listens to others. */
async function confirming(): Promise<Server> {
  const server = createServer((_, response) => void response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Nothing is planted. */
const SOUND: Plant = { name: 'sound' };

async function connected(wire: Wire, plant: Plant): Promise<DataSource> {
  const source = await new DataSource(dataSourceOptions(wire.databaseUrl, POOL, () => undefined)).initialize();
  plantStatements(poolOf(source), plant);
  return source;
}

const poolOf = (source: DataSource): pg.Pool => (source.driver as unknown as { master: pg.Pool }).master;

function asRequest(
  type: string,
  input: Record<string, Json>,
): { path: string; headers: Record<string, string>; body: string } {
  const form = { authorization: 'Bearer sk_test_toy', 'content-type': 'application/x-www-form-urlencoded' };
  switch (type) {
    case 'shop.charge':
      return { path: '/v1/payment_intents', headers: form, body: `amount=${String(input['amount'])}&currency=usd` };
    case 'shop.refund': {
      const { paymentId } = input['output'] as { paymentId: string };
      return { path: `/v1/payment_intents/${paymentId}/cancel`, headers: form, body: '' };
    }
    default:
      return {
        path: '/push',
        headers: { authorization: 'Bearer toy' },
        body: JSON.stringify({ token: 'phone', title: type }),
      };
  }
}

/** As text; ids of instances and effects are numbered in the order they appear. */
function anonymous(stored: Stored, pick: (row: Record<string, unknown>) => Record<string, unknown>): string {
  const names = new Map<string, string>();
  const text = JSON.stringify(
    stored,
    (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && !('now' in value)
        ? pick(value as Record<string, unknown>)
        : value,
    1,
  );
  return text.replaceAll(/(wf|pi|SM)_?[0-9a-z]{20,}/g, (id, kind: string) => {
    const name = names.get(id) ?? `${kind}_${names.size + 1}`;
    names.set(id, name);
    return name;
  });
}
