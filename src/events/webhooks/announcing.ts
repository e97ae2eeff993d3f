import { Injectable } from '@nestjs/common';
import type { Json } from '../../engine/core/driver.js';
import type { EffectPolicy, EffectResult, EffectRun } from '../../engine/host.js';
import type { Ended } from '../../engine/listening.js';
import { Database, type Tx } from '../../platform/database.js';
import { Calling } from './calling.js';
import { enqueue, noteTry, outgoing, type Outgoing, type Reply } from './deliveries.store.js';
import { Line, LATER_MS } from './line.js';
import { findWebhook, listening, schedule, type WebhookRow } from './webhooks.store.js';

const FIRST_PAUSE_MS = 2_000;
const ATTEMPTS = 4;
const LONGEST_CALL_MS = 5_000;

/** Four tries, 2, 4 and 8 seconds apart (R003-47). Silent receivers take part of a process's room, not all of it. */
export const ANNOUNCE_POLICY: Partial<EffectPolicy> = {
  attempts: ATTEMPTS,
  backoffMs: FIRST_PAUSE_MS,
  maxBackoffMs: 8 * FIRST_PAUSE_MS,
  timeoutMs: 3 * LONGEST_CALL_MS,
  batch: 16,
};

interface Tried {
  webhook: WebhookRow;
  reply: Reply;
}

/**
 * Tells webhooks of a delivered event, four times within seconds; who has not heard of it then has it in line. One that is failing has everything
 * in line, so that it takes no room from others. No part of the event's own run (R003-47).
 */
@Injectable()
export class Announcing {
  constructor(
    private readonly database: Database,
    private readonly calling: Calling,
    private readonly line: Line,
  ) {}

  readonly announce = async ({ output }: Ended, run: EffectRun): Promise<EffectResult> => {
    const eventId = (output as { event_id?: Json } | null)?.event_id;
    if (typeof eventId !== 'string')
      return { kind: 'failed', code: 'NO_EVENT', reason: 'the run does not say what it has delivered' };
    const wanted = await this.database.transaction(run.tenant, async (tx) => {
      const event = await outgoing(tx, eventId);
      return event && { event, webhooks: await this.ready(tx, event) };
    });
    if (!wanted) return { kind: 'done' };
    const { event, webhooks } = wanted;
    const tried = await Promise.all(
      webhooks.map(async (webhook) => ({
        webhook,
        reply: await this.calling.call(run.tenant, webhook, event, run.attempt, run.signal),
      })),
    );
    const waiting = tried.filter(({ reply }) => isTriedAgain(reply, run.attempt));
    await this.database.transaction(run.tenant, async (tx) => {
      for (const one of tried) await this.note(tx, event, one, run.attempt);
    });
    return outcome(waiting, run.attempt);
  };

  /** Who is called now; who is failing has the event in line. */
  private async ready(tx: Tx, event: Outgoing): Promise<WebhookRow[]> {
    const all = await listening(tx, event.event_id, event.event_type);
    for (const { webhook_id } of all.filter(({ status }) => status === 'failing')) {
      if (!(await findWebhook(tx, webhook_id, 'for update'))) continue;
      await enqueue(tx, webhook_id, event.event_id, event.event_type, false);
      await schedule(tx, webhook_id);
    }
    return all.filter(({ status }) => status !== 'failing');
  }

  private async note(tx: Tx, event: Outgoing, { webhook: { webhook_id: id }, reply }: Tried, attempt: number) {
    // The webhook first, and its row locked: it may have been taken away while it was called.
    const row = await findWebhook(tx, id, 'for update');
    if (!row) return;
    const isAgain = isTriedAgain(reply, attempt);
    const isInLine = !isAgain && !reply.isDelivered;
    await noteTry(tx, id, event, reply, {
      status: reply.isDelivered ? 'delivered' : 'waiting',
      dueInMs: isInLine ? LATER_MS[0] : null,
      round: isInLine ? 1 : 0,
    });
    await this.line.follow(tx, row, reply, isInLine);
  }
}

/** Whether there is another try within seconds. */
const isTriedAgain = ({ isPassing }: Reply, attempt: number): boolean => isPassing && attempt < ATTEMPTS;

function outcome(waiting: readonly Tried[], attempt: number): EffectResult {
  const receipt = { provider: 'webhook' };
  if (waiting.length === 0) return { kind: 'done', receipt };
  const reason = waiting
    .map(({ webhook, reply }) => `${webhook.webhook_id}: ${reply.error ?? ''}`)
    .join('; ')
    .slice(0, 500);
  return { kind: 'retry', reason, afterMs: FIRST_PAUSE_MS * 2 ** (attempt - 1), receipt };
}
