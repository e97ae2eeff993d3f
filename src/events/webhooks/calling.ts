import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Forbidden, send } from '../../integrations/http/outbound.js';
import { Config } from '../../platform/config.js';
import type { Outgoing, Reply } from './deliveries.store.js';
import { opened } from './sealed.js';
import type { WebhookRow } from './webhooks.store.js';

/** What a receiver may take for its answer. */
const ANSWER_MS = 5_000;
/** Of what it says, nothing is kept. */
const MOST_BYTES = 1_024;
/** By this a receiver says that it wants nothing any more. */
const GONE = 410;

/** Calls webhooks: one signed request, with no redirect followed (R003-47). */
@Injectable()
export class Calling {
  constructor(private readonly config: Config) {}

  /** @param attempt of this delivery, from 1 on; never rejects */
  async call(
    tenant: string,
    webhook: WebhookRow,
    event: Outgoing,
    attempt: number,
    signal?: AbortSignal,
  ): Promise<Reply> {
    const begun = performance.now();
    const reply = (some: Partial<Reply>): Reply => ({
      ...{ isDelivered: false, isPassing: false, isGone: false, responseCode: null, error: null },
      ...some,
      durationMs: Math.round(performance.now() - begun),
    });
    try {
      const { status } = await this.post(tenant, webhook, event, attempt, signal);
      if (status >= 200 && status < 300) return reply({ isDelivered: true, responseCode: status });
      const isPassing = [408, 425, 429].includes(status) || status >= 500;
      const error = `the receiver answered ${status}`;
      return reply({ responseCode: status, error, isPassing, isGone: status === GONE });
    } catch (error) {
      if (error instanceof Forbidden) return reply({ error: error.message });
      // Addresses may hold secrets and are not repeated.
      return reply({ error: `no answer: ${codeOf(error)}`, isPassing: true });
    }
  }

  private post(tenant: string, webhook: WebhookRow, event: Outgoing, attempt: number, signal?: AbortSignal) {
    const { correlation_id, ...said } = event;
    const { url, secret } = opened(this.config.encryptionKeys, tenant, webhook);
    const body = JSON.stringify(said);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Statewright',
      'x-zapier-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      'x-event-id': event.event_id,
      'x-correlation-id': correlation_id,
      'x-attempt': String(attempt),
    };
    const limit = AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(ANSWER_MS)]);
    const bounds = { inside: this.config.webhookInsideHosts, signal: limit, mostBytes: MOST_BYTES };
    return send(new URL(url), { method: 'POST', headers, body }, bounds);
  }
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
}
