/** The pipeline in the live service: asked over HTTP with the sandbox's own keys. */
import type { Role } from '../../src/auth/caller.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { Config } from '../../src/platform/config.js';
import { LiveService } from './live.js';

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  body: Body;
}

/** An item of a checklist, as far as tests look at it. */
export interface Item {
  item_id: number;
  gate: string;
  item_key: string;
}

/** Starts the service before the tests of a file and stops it after them. */
export function workstream(variables: Readonly<Record<string, string>> = {}): Workstream {
  const service = new Workstream(variables);
  beforeAll(() => service.start());
  afterAll(() => service.stop());
  return service;
}

export class Workstream {
  private running: LiveService | undefined;

  /** @param variables of the environment besides the usual */
  constructor(private readonly variables: Readonly<Record<string, string>> = {}) {}

  async start(): Promise<void> {
    this.running = await LiveService.start(this.variables);
  }

  async stop(): Promise<void> {
    await this.running?.stop();
  }

  get live(): LiveService {
    if (!this.running) throw new Error('the service has not been started');
    return this.running;
  }

  async rows<Row extends object>(sql: string, ...values: unknown[]): Promise<Row[]> {
    return (await this.live.owner.query<Row>(sql, values)).rows;
  }

  async ask<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object,
    role: Role = 'sales',
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const answer = await this.live.call(method, path, body, this.live.app.get(Config).sandboxKeys[role], headers);
    return { status: answer.status, body: answer.body as Body };
  }

  /** Asks for what has to succeed, and answers the body. */
  async done<Body = Record<string, unknown>>(method: string, path: string, body?: object, role?: Role): Promise<Body> {
    const answer = await this.ask<Body>(method, path, body, role);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async signal(more: object = {}): Promise<number> {
    const body = { source_type: 'email', problem_phrase: `problem ${Math.random()}`, ...more };
    return (await this.done<{ signal_id: number }>('POST', '/api/signals', body)).signal_id;
  }

  async candidate(more: object = {}): Promise<number> {
    const body = { title: 'A new website', owner_user_id: 'sally', ...more };
    return (await this.done<{ candidate_id: number }>('POST', '/api/candidates', body)).candidate_id;
  }

  /** A candidate that has been promoted. */
  async pursuit(more: object = {}): Promise<number> {
    const id = await this.candidate(more);
    await this.done('POST', `/api/candidates/${id}/status`, { to: 'triaged' });
    return (await this.done<{ pursuit_id: number }>('POST', `/api/candidates/${id}/promote`)).pursuit_id;
  }

  /** Does what the gate asks for, all of it or these items. */
  async clear(pursuitId: number, gate: string, keys?: readonly string[]): Promise<void> {
    const { data } = await this.done<{ data: Item[] }>('GET', `/api/pursuits/${pursuitId}/checklist`);
    for (const { item_id, item_key } of data.filter((item) => item.gate === gate))
      if (keys?.includes(item_key) ?? true)
        await this.done('PATCH', `/api/pursuits/${pursuitId}/checklist/${item_id}`, { is_done: true, note: 'seen' });
  }

  /** Moves a pursuit through its gates as far as this stage. */
  async advance(pursuitId: number, to: 'pink' | 'red' | 'submit'): Promise<void> {
    const way = ['pink', 'red', 'submit'];
    for (const stage of way.slice(0, way.indexOf(to) + 1)) {
      if (stage === 'red') await this.clear(pursuitId, 'pink_to_red');
      if (stage === 'submit') await this.clear(pursuitId, 'red_to_submit');
      await this.done('POST', `/api/pursuits/${pursuitId}/stage`, { to: stage });
    }
  }

  stage(pursuitId: number): Promise<string> {
    return this.done<{ pursuit_stage: string }>('GET', `/api/pursuits/${pursuitId}`).then((row) => row.pursuit_stage);
  }

  /** Works the outbox off until nothing is due. */
  async work(): Promise<void> {
    while (await this.live.app.get(OutboxWorker).turn());
  }

  /** The domain events of an item, oldest first. */
  async events(type: string, id: number): Promise<{ name: string; payload: Record<string, unknown> }[]> {
    return this.rows(
      `select substr(type, 6) as name, params -> 'payload' as payload from engine.outbox
        where kind = 'emit' and params ->> 'item_type' = $1 and (params ->> 'item_id')::bigint = $2 order by id`,
      type,
      id,
    );
  }
}
