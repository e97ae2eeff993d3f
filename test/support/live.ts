/** The whole service, live: HTTP on a free port, its own database, its workers worked by hand so that a test decides what happens next. */
import { rmSync } from 'node:fs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { createApp } from '../../src/app.js';
import type { Json } from '../../src/engine/core/driver.js';
import type { Expectation } from '../../src/engine/core/explore.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { EngineService } from '../../src/engine/engine.service.js';
import type { InstanceView } from '../../src/engine/reading.js';
import { InboxWorker } from '../../src/engine/workers/inbox.worker.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import type { Sandbox } from '../../src/integrations/sandbox/server.js';
import { Config } from '../../src/platform/config.js';
import { Refused } from '../../src/platform/errors.js';
import { testConfig } from './config.js';
import { testDatabase, type TestDatabase } from './database.js';

export interface Answer {
  status: number;
  body: Record<string, Json>;
}

/** Attempts after which a job that should end has not. */
const MOST_ATTEMPTS = 20;

/** Starts the service before the tests of a file and stops it after them. */
export function liveService(): () => Promise<LiveService> {
  let live: Promise<LiveService> | undefined;
  const get = () => (live ??= LiveService.start());
  beforeAll(get);
  afterAll(async () => (await live)?.stop());
  return get;
}

export class LiveService {
  private readonly tokens = new Map<string, string>();

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly sandbox: Sandbox,
    readonly owner: pg.Client,
    private readonly adminKey: string,
    private readonly database: TestDatabase,
  ) {}

  /** @param variables of the environment besides the usual */
  static async start(variables: Readonly<Record<string, string>> = {}): Promise<LiveService> {
    const database = await testDatabase();
    const { config, sandbox } = await testConfig(database.url, variables);
    const app = await createApp(config);
    await app.listen(config.port, '127.0.0.1').catch(async (error: unknown) => {
      // What has begun already would go on into the tests of the next file.
      await app.close();
      throw error;
    });
    const url = config.publicUrl;
    const owner = new pg.Client(database.url);
    await owner.connect();
    return new LiveService(app, url, sandbox, owner, config.sandboxKeys['admin'] ?? '', database);
  }

  async stop(): Promise<void> {
    const { dataDir } = this.app.get(Config);
    await this.app.close();
    await this.sandbox.stop();
    rmSync(dataDir, { recursive: true, force: true });
    await this.owner.end();
    await this.database.drop();
  }

  /** A request as the administrator, or with any other credential. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    credential = this.adminKey,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, Json>) };
  }

  /** A token for a user with these roles. */
  async tokenFor(userId: string, roles: readonly string[]): Promise<string> {
    const name = `${userId}:${roles.join()}`;
    const known = this.tokens.get(name);
    if (known) return known;
    const { status, body } = await this.call('POST', '/admin/tokens', { userId, roles, ttl: 86_400 });
    if (status >= 300) throw new Error(`no token for ${name}: ${JSON.stringify(body)}`);
    const token = String(body['token']);
    this.tokens.set(name, token);
    return token;
  }

  async read(id: string): Promise<InstanceView> {
    const { status, body } = await this.call('GET', `/api/instances/${id}`);
    if (status !== 200) throw new Error(`${id} cannot be read: ${JSON.stringify(body)}`);
    return body as unknown as InstanceView;
  }

  /** Sends an event as the first of its senders that a person can be; what only providers send goes in at the engine's door. */
  async send(
    lifecycle: Lifecycle,
    instance: InstanceView,
    type: string,
    payload: object,
    as?: string,
  ): Promise<Answer> {
    const from = lifecycle.events[type]?.from ?? [];
    const sender = as ?? from.find((name) => !name.includes(':')) ?? from[0] ?? 'admin';
    if (sender.includes(':') || sender === 'worker') return this.receive(instance.id, type, payload, sender);
    const party = instance.parties[sender];
    const token =
      party === undefined ? await this.tokenFor(`${sender}_of_test`, [sender]) : await this.tokenFor(party, ['viewer']);
    return this.call('POST', `/api/instances/${instance.id}/events`, { type, payload }, token);
  }

  /** The provider answers every request with a fault, until it is repaired. */
  breakDown(provider: string): Promise<void> {
    return this.atSandbox('faults', { match: { provider }, kind: 'error-before', times: 1_000 });
  }

  repair(): Promise<void> {
    return this.atSandbox('faults/clear', {});
  }

  /** The investor enters a card at the provider. */
  enterCard(paymentIntent: string): Promise<void> {
    return this.atSandbox(`stripe/payment_intents/${paymentIntent}/confirm`, {});
  }

  /** Runs the worker until the given job has its answer; everything else keeps waiting. */
  async run(id: string, jobId: string): Promise<void> {
    const { rows } = await this.owner.query<{ id: number }>(
      `select id from engine.outbox where instance_id = $1 and job_id = $2 and status = 'pending' order by id desc limit 1`,
      [id, jobId],
    );
    const [job] = rows;
    if (!job) throw new Error(`${jobId} is not waiting`);
    await this.finish([job.id]);
  }

  /** Runs the worker until everything the instance wanted done has been done. */
  async settle(id: string): Promise<void> {
    for (;;) {
      const { rows } = await this.owner.query<{ id: number }>(
        `select id from engine.outbox where instance_id = $1 and status = 'pending'`,
        [id],
      );
      if (rows.length === 0) return;
      await this.finish(rows.map((row) => row.id));
    }
  }

  /** Lets the timer that sends this event fall due and fires it; earlier timers of the instance do not get in its way. */
  async fire(id: string, eventType: string): Promise<void> {
    const { rows } = await this.owner.query<{ timer_id: string; wait: number; first: boolean }>(
      `select timer_id, extract(epoch from due_at - engine.now())::float8 as wait, due_at <= min(due_at) over () as first
         from engine.timers where instance_id = $1 and fired_at is null order by event ->> 'type' = $2 desc limit 1`,
      [id, eventType],
    );
    const [timer] = rows;
    if (!timer) throw new Error(`${eventType} is not armed`);
    if (timer.first) {
      await this.call('POST', '/admin/clock', { advance: `${Math.max(0, Math.ceil(timer.wait)) + 1}s` });
    } else {
      await this.owner.query(
        'update engine.timers set due_at = engine.now() where instance_id = $1 and timer_id = $2 and fired_at is null',
        [id, timer.timer_id],
      );
    }
    const worker = this.app.get(TimerWorker);
    while (await worker.turn());
  }

  /** Applies the messages of providers that have come in. */
  async deliver(): Promise<void> {
    const worker = this.app.get(InboxWorker);
    while (await worker.turn());
  }

  /** The instance is where the oracle says: state, revision, armed timers, waiting jobs, and a history that fits. */
  async compare(id: string, expected: Expectation, revision?: number, type?: string): Promise<void> {
    const view = await this.read(id);
    const { rows: timers } = await this.owner.query<{ type: string }>(
      `select timer_id as type from engine.timers where instance_id = $1 and fired_at is null order by 1`,
      [id],
    );
    const { rows: jobs } = await this.owner.query<{ job_id: string }>(
      `select job_id from engine.outbox where instance_id = $1 and kind = 'job' and status in ('pending', 'claimed') and cancelled_at is null order by 1`,
      [id],
    );
    const { rows: history } = await this.owner.query<{ type: string; to_state: string; from_state: string | null }>(
      `select type, from_state, to_state from engine.history where instance_id = $1 order by seq`,
      [id],
    );
    expect({
      state: view.state,
      phase: view.phase,
      tags: view.tags,
      over: view.status !== 'active',
      timers: timers.map((timer) => timer.type),
      jobs: jobs.map(({ job_id }) => job_id),
    }).toEqual({
      state: expected.state,
      phase: expected.phase,
      tags: expected.tags,
      over: expected.status !== 'active',
      timers: [...expected.timers].sort(),
      jobs: [...expected.jobs].sort(),
    });
    if (revision !== undefined) expect(view.revision).toBe(revision);
    expect(history).toHaveLength(view.revision);
    expect(history.at(-1)).toMatchObject({ ...(type === undefined ? {} : { type }), to_state: view.state });
    expect(history.slice(1).map((row) => row.from_state)).toEqual(history.slice(0, -1).map((row) => row.to_state));
  }

  /** The history is untampered and leads to the stored snapshot. */
  async prove(id: string): Promise<void> {
    for (const proof of ['verify', 'replay']) {
      const { body } = await this.call('GET', `/admin/audit/${proof}/${id}`);
      expect(body).toMatchObject({ ok: true });
    }
  }

  /** Everything a refused event must leave as it is. */
  async fingerprint(id: string): Promise<unknown> {
    const { rows } = await this.owner.query(
      `select i.revision, i.status, i.snapshot::text as snapshot, i.head_hash,
              (select count(*) from engine.history h where h.instance_id = i.id) as history,
              (select count(*) from engine.outbox o where o.instance_id = i.id) as effects,
              (select coalesce(json_agg(json_build_array(t.timer_id, t.due_at, t.fired_at) order by t.timer_id), '[]'::json)::text from engine.timers t where t.instance_id = i.id) as timers,
              (select count(*) from engine.idempotency k where k.scope = i.id) as answers
         from engine.instances i where i.id = $1`,
      [id],
    );
    return rows[0];
  }

  private async atSandbox(path: string, body: object): Promise<void> {
    const response = await fetch(`${this.sandbox.url}/_sandbox/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the sandbox refused ${path}: ${await response.text()}`);
  }

  private async receive(id: string, type: string, payload: object, source: string): Promise<Answer> {
    try {
      const cause = {
        kind: 'webhook' as const,
        cause: `${source}:test`,
        actor: `system:${source.replace('webhook:', '')}`,
        roles: [],
        correlationId: 'test',
      };
      const ack = await this.app
        .get(EngineService)
        .receive('demo', id, cause, async () => ({ type, payload: payload as Json }), 'explain', source);
      return { status: 200, body: { ...ack } as unknown as Record<string, Json> };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: 409, body: { code: error.code, ...error.data } as unknown as Record<string, Json> };
    }
  }

  private async finish(ids: readonly number[]): Promise<void> {
    const worker = this.app.get(OutboxWorker);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      await this.owner.query(
        `update engine.outbox set next_attempt_at = 'infinity' where status = 'pending' and not (id = any($1))`,
        [ids],
      );
      const { rowCount } = await this.owner.query(
        `update engine.outbox set next_attempt_at = engine.now() where status = 'pending' and id = any($1)`,
        [ids],
      );
      if (rowCount === 0) return;
      await worker.turn();
    }
    throw new Error(`effects ${ids.join(', ')} do not end`);
  }
}
