import type { Json } from '../../engine/core/driver.js';
import type { KeyedConfig } from '../../platform/config.business.js';
import { call } from '../http/exchange.js';
import type { Attempt, Outcome } from '../outcome.js';

type Run = Attempt & { begun: number; signal: AbortSignal };

/** A record as it is kept. */
export interface CrmRecord {
  id: string;
  properties: Json;
}

/** Keeps records in HubSpot. */
export class CrmClient {
  constructor(private readonly config: KeyedConfig | undefined) {}

  /**
   * Makes a record. HubSpot knows no idempotency keys, but no second contact with one address: a later attempt that is told so has found
   * what an earlier one has made.
   */
  async create(type: string, properties: Json, { begun, signal }: Run): Promise<Outcome<CrmRecord>> {
    let existing: string | undefined;
    const outcome = await call('hubspot', this.request('POST', type, { properties }, signal), read, (status, body) => {
      existing = status === 409 ? /Existing ID: (\w+)/.exec(body)?.[1] : undefined;
    });
    if (existing === undefined || begun === 1) return outcome;
    return {
      kind: 'done',
      output: { id: existing, properties },
      receipt: { provider: 'hubspot', providerId: existing },
    };
  }

  /** Changes the fields that are named. */
  update(type: string, id: string, properties: Json, { signal }: Pick<Run, 'signal'>): Promise<Outcome<CrmRecord>> {
    return call('hubspot', this.request('PATCH', `${type}/${encodeURIComponent(id)}`, { properties }, signal), read);
  }

  private request(method: string, path: string, body: object, signal: AbortSignal): Request | undefined {
    if (!this.config) return undefined;
    return new Request(`${this.config.apiBase}/crm/v3/objects/${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.config.key}` },
      body: JSON.stringify(body),
      signal,
    });
  }
}

function read(body: string): { output: CrmRecord; providerId: string } {
  const { id, properties = {} } = JSON.parse(body) as { id?: unknown; properties?: Json };
  if (typeof id !== 'string') throw new Error('hubspot answered without an id');
  return { output: { id, properties }, providerId: id };
}
