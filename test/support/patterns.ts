/** Patterns in the live service, over HTTP. */
import { Ticking } from '../../src/automation/patterns/ticking.js';
import { Pipeline } from './events.js';
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

  constructor(readonly service: Workstream) {
    this.events = new Pipeline(service);
  }

  /** A pattern that starts the workflow wf_test, unless said otherwise. */
  async make(pattern: object, more: object = {}): Promise<string> {
    const body = { name: 'A pattern', workflowId: 'wf_test', pattern, ...more };
    return (await this.service.done<{ id: string }>('POST', '/api/automation/patterns', body)).id;
  }

  refused(
    pattern: object,
  ): Promise<Answer<{ code: string; detail: string; errors: { field: string; message: string }[] }>> {
    return this.service.ask('POST', '/api/automation/patterns', { name: 'A pattern', workflowId: 'wf_test', pattern });
  }

  read(id: string): Promise<PatternBody> {
    return this.service.done('GET', `/api/automation/patterns/${id}`);
  }

  /** What a pattern has found, oldest first. */
  async matches(id: string): Promise<Match[]> {
    const { data } = await this.service.done<{ data: Match[] }>(
      'GET',
      `/api/automation/patterns/${id}/matches?limit=200`,
    );
    return data.reverse();
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
  ): Promise<Answer<{ data: Record<string, unknown>[]; total: number; code: string; detail: string }>> {
    return this.service.ask('POST', '/api/events/query', { query, ...more });
  }
}
