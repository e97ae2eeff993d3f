import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { Database, type Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { Calling } from './calling.js';
import {
  dueDeliveries,
  giveUp,
  noteTry,
  outgoing,
  type Outgoing,
  type Reply,
  type Standing,
  type Waiting,
} from './deliveries.store.js';
import { LATER_MS, Line } from './line.js';
import { claimDue, findWebhook, notePing, schedule, type WebhookRow } from './webhooks.store.js';

const LOOK_MS = 1_000;
const WEBHOOKS_AT_ONCE = 20;
/** Of one webhook. One that is failing is called once, and then it is known. */
const AT_ONCE = 8;
/** Longer than any call. */
const LEASE_MS = 30_000;
const PING = 'webhook.ping';

interface Due {
  webhook: WebhookRow;
  waiting: { delivery: Waiting; event: Outgoing | undefined }[];
}

/** Sends what stands in line for webhooks: what they have not heard within seconds, what somebody wants sent again, and pings. */
@Injectable()
export class LaterTries implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly calling: Calling,
    private readonly line: Line,
    private readonly sweeps: Sweeps,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('webhook-lines', LOOK_MS, () => this.turn());
  }

  /** Each webhook by itself: who is silent holds up no other. Answers true when there may be more. */
  async turn(): Promise<boolean> {
    const due = await this.database.system((tx) => claimDue(tx, WEBHOOKS_AT_ONCE, LEASE_MS));
    await Promise.all(due.map(({ tenant, webhook_id }) => this.serve(tenant, webhook_id)));
    return due.length > 0;
  }

  private async serve(tenant: string, id: string): Promise<void> {
    const due = await this.database.transaction(tenant, (tx) => dueOf(tx, id));
    if (!due) return;
    const { webhook, waiting } = due;
    const tried = await Promise.all(
      waiting.map(async ({ delivery, event }) => ({
        ...{ delivery, event },
        reply: event && (await this.calling.call(tenant, webhook, event, delivery.attempts + 1)),
      })),
    );
    await this.database.transaction(tenant, async (tx) => {
      for (const { delivery, event, reply } of tried) {
        const row = await findWebhook(tx, id, 'for update');
        if (!row) return;
        if (event && reply) await this.note(tx, row, delivery, event, reply);
        else await giveUp(tx, id, delivery.event_id, 'the event was taken away');
      }
      if (await findWebhook(tx, id, 'for update')) await schedule(tx, id);
    });
  }

  private async note(tx: Tx, row: WebhookRow, delivery: Waiting, event: Outgoing, reply: Reply): Promise<void> {
    await noteTry(tx, row.webhook_id, event, reply, standing(row, delivery, reply));
    // That a ping comes to nothing says more about who is still at it than about what was sent before.
    if (delivery.is_ping && !reply.isDelivered) await notePing(tx, row.webhook_id, reply);
    else await this.line.follow(tx, row, reply, true);
  }
}

async function dueOf(tx: Tx, id: string): Promise<Due | undefined> {
  const webhook = await findWebhook(tx, id);
  if (!webhook) return undefined;
  const most = webhook.status === 'failing' ? 1 : AT_ONCE;
  const due = await dueDeliveries(tx, id, webhook.status === 'inactive', most);
  const waiting: Due['waiting'] = [];
  for (const delivery of due)
    waiting.push({ delivery, event: delivery.is_ping ? pingOf(id, delivery) : await outgoing(tx, delivery.event_id) });
  return { webhook, waiting };
}

const pingOf = (id: string, { event_id, first_at }: Waiting): Outgoing => ({
  event_id,
  event_type: PING,
  timestamp: first_at,
  payload: { webhook_id: id },
  metadata: null,
  created_at: first_at,
  correlation_id: event_id,
});

/** The next pause, while there is one; a webhook that was switched off meanwhile keeps it for when it is on again. */
function standing({ status }: WebhookRow, { round, is_ping }: Waiting, { isDelivered, isGone }: Reply): Standing {
  const pause = is_ping || isGone ? undefined : LATER_MS[round];
  if (isDelivered || pause === undefined) return { status: isDelivered ? 'delivered' : 'failed', dueInMs: null, round };
  return { status: 'waiting', dueInMs: status === 'inactive' ? 0 : pause, round: round + 1 };
}

/** The id of a ping: no event has it. */
export const newPing = (): { eventId: string; eventType: string } => ({ eventId: newId('ping'), eventType: PING });
