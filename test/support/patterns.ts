/** Patterns in the live service, over HTTP. */
import { Ticking } from '../../src/automation/patterns/ticking.js';
import { Pipeline } from './events.js';
import { step, Workflows, type Execution } from './workflows.js';
import type { Answer, Workstream } from './workstream.js';

export interface Match {
  id: number;
  version: number;
  workflowId: string;
  executionId: string | null;
  outcome: string;
  events: { id: string; type: string; data: Record<string, unknown> }[];
  detail: Record<string, unknown>;
}

export interface PatternBody {
  id: string;
  name: string;
  enabled: boolean;
  version: number;
  triggeredCount: number;
  lastTriggered: string | null;
  nextAt: string | null;
  lastError: string | null;
}

export class Patterns {
  readonly events: Pipeline;
  private workflow: Promise<string> | undefined;

  constructor(readonly service: Workstream) {
    this.events = new Pipeline(service);
  }

  /** A workflow that hands on what it was given. */
  get workflowId(): Promise<string> {
    return (this.workflow ??= new Workflows(this.service).made([
      step.transform('given', '{ input: input, event: event }'),
    ]));
  }

  /** A pattern that starts that workflow, unless said otherwise. */
  async make(pattern: object, more: object = {}): Promise<string> {
    const body = { name: 'A pattern', workflowId: await this.workflowId, pattern, ...more };
    return (await this.service.done<{ data: { id: string } }>('POST', '/api/automation/patterns', body)).data.id;
  }

  async change(id: string, changes: object): Promise<PatternBody> {
    return (await this.service.done<{ data: PatternBody }>('PATCH', `/api/automation/patterns/${id}`, changes)).data;
  }

  async refused(
    pattern: object,
    more: object = {},
  ): Promise<Answer<{ code: string; detail: string; errors: { field: string; message: string }[] }>> {
    const body = { name: 'A pattern', workflowId: await this.workflowId, pattern, ...more };
    return this.service.ask('POST', '/api/automation/patterns', body);
  }

  async read(id: string): Promise<PatternBody> {
    return (await this.service.done<{ data: PatternBody }>('GET', `/api/automation/patterns/${id}`)).data;
  }

  /** What a pattern has found, oldest first. */
  async matches(id: string): Promise<Match[]> {
    const path = `/api/automation/patterns/${id}/matches?limit=200`;
    return (await this.service.done<{ data: Match[] }>('GET', path)).data.reverse();
  }

  /** The executions that a pattern has started, oldest first. */
  async executions(id: string): Promise<Execution[]> {
    const workflows = new Workflows(this.service);
    const all: Execution[] = [];
    for (const { executionId } of await this.matches(id))
      if (executionId !== null) all.push(await workflows.execution(executionId));
    return all;
  }

  /** Sends an event and waits until it was shown to every pattern. */
  async happens(type: string, data: object = {}, metadata: object = {}): Promise<string> {
    const id = await this.events.send(data, { metadata: { type, ...metadata } });
    await this.service.work();
    return id;
  }

  /** Lets time pass, and looks at the patterns that are due then. */
  async pass(duration: string): Promise<void> {
    await this.events.pass(duration);
    const ticking = this.service.live.app.get(Ticking);
    while (await ticking.turn());
    await this.service.work();
  }

  query(
    query: string,
    more: object = {},
  ): Promise<Answer<{ data: Record<string, unknown>[]; code: string; detail: string }>> {
    return this.service.ask('POST', '/api/events/query', { query, ...more });
  }
}
