import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { audit } from '../../engine/store/audit.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { again, againAll, enqueue, findDelivery, outgoing } from './deliveries.store.js';
import type { DeliveryAsked, DeliveryDetails, Redelivered, RedeliverFailed } from './delivery.dto.js';
import { newPing } from './later.tries.js';
import { found } from './webhooks.js';
import { findWebhook, schedule } from './webhooks.store.js';

/** Deliveries that are put in line again by one request. */
const MOST_AGAIN = 10_000;

/** What people want to know of deliveries, and want sent (again). It is done by whoever works the line, not by the request. */
@Injectable()
export class Deliveries {
  constructor(private readonly database: Database) {}

  /** With its last tries. @throws NOT_FOUND */
  read({ tenant }: Caller, id: string, eventId: string): Promise<DeliveryDetails> {
    return this.database.transaction(tenant, async (tx) => {
      found(await findWebhook(tx, id));
      const delivery = await findDelivery(tx, id, eventId);
      if (!delivery) throw refuse('NOT_FOUND');
      return delivery;
    });
  }

  /** Sends a test event, also to a webhook that is switched off. @throws NOT_FOUND */
  ping(caller: Caller, id: string, key: string | undefined): Promise<DeliveryAsked> {
    const idempotency = idempotencyOf(key, `events.webhooks:${id}:ping`, {});
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      found(await findWebhook(tx, id, 'for update'));
      const { eventId, eventType } = newPing();
      await enqueue(tx, id, eventId, eventType, true);
      await schedule(tx, id);
      return { webhook_id: id, event_id: eventId, status: 'waiting' };
    });
  }

  /** @throws NOT_FOUND, INVALID_STATE when the webhook is switched off or the event is gone */
  redeliver(caller: Caller, id: string, eventId: string, key: string | undefined): Promise<DeliveryAsked> {
    const idempotency = idempotencyOf(key, `events.webhooks:${id}:redeliver:${eventId}`, {});
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      await this.on(tx, id);
      const delivery = await findDelivery(tx, id, eventId);
      if (!delivery) throw refuse('NOT_FOUND');
      if (delivery.is_ping) throw refuse('INVALID_STATE', { detail: 'A ping is not sent again; send another one.' });
      if (!(await outgoing(tx, eventId))) throw refuse('INVALID_STATE', { detail: 'The event was taken away.' });
      await again(tx, id, eventId);
      await schedule(tx, id);
      const details = { event_id: eventId };
      await audit(tx, { actor: caller.userId, action: 'webhook.redeliver', target: id, reason: 'asked for', details });
      return { webhook_id: id, event_id: eventId, status: 'waiting' };
    });
  }

  /** Everything that has failed, the oldest first. @throws NOT_FOUND, INVALID_STATE when the webhook is switched off */
  redeliverAll(caller: Caller, id: string, body: RedeliverFailed, key: string | undefined): Promise<Redelivered> {
    const idempotency = idempotencyOf(key, `events.webhooks:${id}:redeliver`, body);
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      await this.on(tx, id);
      const count = await againAll(tx, id, body.since ?? null, MOST_AGAIN);
      await schedule(tx, id);
      const details = { since: body.since ?? null, count };
      await audit(tx, { actor: caller.userId, action: 'webhook.redeliver', target: id, reason: 'asked for', details });
      return { webhook_id: id, count };
    });
  }

  private async on(tx: Tx, id: string): Promise<void> {
    const { status } = found(await findWebhook(tx, id, 'for update'));
    if (status === 'inactive') throw refuse('INVALID_STATE', { detail: 'The webhook is switched off.' });
  }
}
