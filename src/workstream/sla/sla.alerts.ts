import { Injectable } from '@nestjs/common';
import type { SlaNotice } from '../../../machines/sla.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { NotificationSender, type Recipient } from '../../notifications/notification.sender.js';

/** Who hears of an item that nobody looks after. */
const TEAM: Recipient = { id: 'sales-team', type: 'internal', email: null };

/** Tells whoever looks after an item that its time is running out, or has (R001-80). */
@Injectable()
export class SlaAlerts {
  constructor(private readonly sender: NotificationSender) {}

  readonly alert = ({ news, ownerId, dueAt, ...about }: SlaNotice, run: EffectRun): Promise<EffectResult> =>
    this.sender.send(
      {
        type: `sla_${news}`,
        recipient: ownerId === null ? TEAM : { id: ownerId, type: 'partner', email: null },
        data: { ...about, dueAt: new Date(dueAt).toISOString() },
      },
      run,
    );
}
