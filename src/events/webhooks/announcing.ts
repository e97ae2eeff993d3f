import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Json } from '../../engine/core/driver.js';
import type { EffectPolicy, EffectResult, EffectRun } from '../../engine/host.js';
import type { Ended } from '../../engine/listening.js';
import { Forbidden, send } from '../../integrations/http/outbound.js';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import { opened } from './sealed.js';
import { listening, note, outgoing, type Outgoing, type Tried, type WebhookRow } from './webhooks.store.js';

const FIRST_PAUSE_MS = 2_000;
const ATTEMPTS = 4;
/** What a receiver may take for its answer. */
const ANSWER_MS = 5_000;
/** Of what it says, nothing is kept. */
const MOST_BYTES = 1_024;

/** Four tries, 2, 4 and 8 seconds apart (R003-47). Silent receivers take part of a process's room, not all of it. */
export const ANNOUNCE_POLICY: Partial<EffectPolicy> = {
  attempts: ATTEMPTS,
  backoffMs: FIRST_PAUSE_MS,
  maxBackoffMs: 8 * FIRST_PAUSE_MS,
  timeoutMs: 3 * ANSWER_MS,
  batch: 16,
};

/** Too early, too often, or their fault: may be different next time. */
const mayRetry = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

/** Tells webhooks of a delivered event, each until it has heard of it or the tries are used up. No part of the event's own run (R003-47). */
@Injectable()
export class Announcing {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
  ) {}

  readonly announce = async ({ output }: Ended, run: EffectRun): Promise<EffectResult> => {
    const eventId = (output as { event_id?: Json } | null)?.event_id;
    if (typeof eventId !== 'string')
      return { kind: 'failed', code: 'NO_EVENT', reason: 'the run does not say what it has delivered' };
    const wanted = await this.database.transaction(run.tenant, async (tx) => {
      const event = await outgoing(tx, eventId);
      return event && { event, webhooks: await listening(tx, eventId, event.event_type) };
    });
    if (!wanted) return { kind: 'done' };
    const { event, webhooks } = wanted;
    const tried = await Promise.all(webhooks.map((webhook) => this.tell(webhook, event, run)));
    await this.database.transaction(run.tenant, async (tx) => {
      for (const one of tried) await note(tx, event, one);
    });
    return outcome(tried, run.attempt);
  };

  private async tell(webhook: WebhookRow, event: Outgoing, run: EffectRun): Promise<Tried> {
    // One that has been failing is tried once for each event, so that it takes no room from others.
    const isLast = run.attempt >= ATTEMPTS || webhook.status === 'failing';
    const gone = (error: string, responseCode: number | null, isPassing: boolean): Tried => {
      const status = isPassing && !isLast ? ('waiting' as const) : ('failed' as const);
      return { webhook, status, responseCode, error };
    };
    try {
      const { status } = await this.post(webhook, event, run);
      if (status >= 200 && status < 300) return { webhook, status: 'delivered', responseCode: status, error: null };
      return gone(`the receiver answered ${status}`, status, mayRetry(status));
    } catch (error) {
      if (error instanceof Forbidden) return gone(error.message, null, false);
      // Addresses may hold secrets and are not repeated.
      return gone(`no answer: ${codeOf(error)}`, null, true);
    }
  }

  private post(webhook: WebhookRow, event: Outgoing, { tenant, attempt, signal }: EffectRun) {
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
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const bounds = { inside: this.config.webhookInsideHosts, signal: limit, mostBytes: MOST_BYTES };
    return send(new URL(url), { method: 'POST', headers, body }, bounds);
  }
}

/** As good as the worst of them. */
function outcome(tried: readonly Tried[], attempt: number): EffectResult {
  const receipt = { provider: 'webhook' };
  const said = (some: readonly Tried[]) =>
    some
      .map(({ webhook, error }) => `${webhook.webhook_id}: ${error ?? ''}`)
      .join('; ')
      .slice(0, 500);
  const waiting = tried.filter(({ status }) => status === 'waiting');
  if (waiting.length > 0)
    return { kind: 'retry', reason: said(waiting), afterMs: FIRST_PAUSE_MS * 2 ** (attempt - 1), receipt };
  const failed = tried.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return { kind: 'done', receipt };
  // Used up, it lies with the dead effects, from where it can be sent again.
  if (attempt >= ATTEMPTS) return { kind: 'retry', reason: said(failed), receipt };
  return { kind: 'failed', code: 'NOT_DELIVERED', reason: said(failed), receipt };
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
}
