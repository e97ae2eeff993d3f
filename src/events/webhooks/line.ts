import { Injectable } from '@nestjs/common';
import { audit } from '../../engine/store/audit.js';
import { NotificationSender } from '../../notifications/notification.sender.js';
import type { Tx } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { Metrics } from '../../platform/metrics.js';
import { giveUpAll, hurry, type Reply } from './deliveries.store.js';
import { disable, noteWebhook, schedule, type WebhookRow } from './webhooks.store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Pauses before the tries that come after the first four: 28 hours in all. */
export const LATER_MS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR] as const;

/** After so long without an answer a webhook is switched off. */
const SILENT_DAYS = 5;

/** What a try means for its webhook, and for what else stands in line for it. */
@Injectable()
export class Line {
  private readonly count: (labels: Readonly<Record<never, string>>) => void;

  constructor(
    private readonly sender: NotificationSender,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.count = metrics.counter(
      'statewright_webhook_disabled_total',
      'Webhooks that were switched off because nothing arrives there.',
      [],
    );
  }

  /** @param row of the webhook before, locked @param isFailing it has had all the tries that come at once */
  async follow(tx: Tx, row: WebhookRow, reply: Reply, isFailing: boolean): Promise<void> {
    const { webhook_id: id } = row;
    await noteWebhook(tx, id, reply, isFailing);
    // Who is back need not wait for the hours that were meant for somebody who is not.
    if (reply.isDelivered && row.status === 'failing') await hurry(tx, id);
    if (!reply.isDelivered && (await disable(tx, id, SILENT_DAYS, reply.isGone)) > 0) await this.tell(tx, row, reply);
    await schedule(tx, id);
  }

  /** Whoever made it hears of it; what stood in line can be sent again once it is on. */
  private async tell(tx: Tx, { webhook_id: id, host, created_by }: WebhookRow, { error, isGone }: Reply) {
    await giveUpAll(tx, id, 'the webhook was switched off');
    const reason = isGone ? 'the receiver has answered 410' : `nothing has arrived for ${SILENT_DAYS} days`;
    await audit(tx, {
      actor: 'system:webhooks',
      action: 'webhook.disable',
      target: id,
      reason,
      details: { host, error },
    });
    await this.sender.keepInApp(tx, `webhook:${id}:${await disabledAt(tx, id)}`, {
      type: 'webhook_disabled',
      recipient: { id: created_by, type: 'partner', email: null },
      data: { webhookId: id, host, reason, error },
    });
    const { tenant } = tx;
    tx.afterCommit(() => {
      this.count({});
      this.log.warn('webhook_disabled', { tenant, webhook: id, host, reason });
    });
  }
}

async function disabledAt(tx: Tx, id: string): Promise<string> {
  const row = await tx.one<{ disabled_at: Date }>(
    'select disabled_at from events.webhooks where tenant = engine.tenant() and webhook_id = $1',
    [id],
  );
  return row?.disabled_at.toISOString() ?? '';
}
