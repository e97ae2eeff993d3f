import { Injectable } from '@nestjs/common';
import type { EffectHandler, EffectResult, EffectRun } from '../engine/host.js';
import { NotificationSender, type Recipient } from '../notifications/notification.sender.js';
import type { Priority } from '../notifications/templates.js';
import { Database, type Tx } from '../platform/database.js';
import { lifecycleOf } from './kind.js';

/** A message as machines order it: the template, whom it is for by his part in the deal, and what it says. */
export interface DealNotice {
  template: string;
  to: string;
  data: Readonly<Record<string, unknown>>;
  /** When it is not as urgent as such messages usually are. */
  priority?: Priority;
}

/** Who can be told about a deal, and what every message about it may say. */
export interface Audience {
  /** By the part people have in the deal: `investor`, `creator`. The legal team need not be named. */
  recipients: Readonly<Record<string, Recipient>>;
  data: Readonly<Record<string, unknown>>;
}

/** Looks up the audience of an instance, for a message to one of its people. */
export type AudienceOf = (tx: Tx, instanceId: string, to: string) => Promise<Audience>;

const LEGAL_TEAM: Recipient = { id: 'legal-team', type: 'internal', email: null };

/** Tells people about deals of every kind. One effect for all of them, so that all messages share one batch (R000-86). */
@Injectable()
export class Telling {
  private readonly audiences = new Map<string, AudienceOf>();

  constructor(
    private readonly database: Database,
    private readonly notifications: NotificationSender,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'notification.send': (notice: DealNotice, run: EffectRun) => this.tell(notice, run),
  };

  /** Says whom messages about a kind of deal go to. */
  serve(lifecycle: string, audienceOf: AudienceOf): void {
    this.audiences.set(lifecycle, audienceOf);
  }

  /** Sends one message; what the notice says itself wins over what is known of the deal. */
  async tell({ to, template, data, priority }: DealNotice, run: EffectRun): Promise<EffectResult> {
    const audience = await this.database.transaction(run.tenant, async (tx) =>
      this.audiences.get(await lifecycleOf(tx, run.instanceId))?.(tx, run.instanceId, to),
    );
    const recipient = to === LEGAL_TEAM.id ? LEGAL_TEAM : audience?.recipients[to];
    if (!audience || !recipient) return { kind: 'failed', code: 'WF010', reason: `Nobody is ${to} in this deal` };
    return this.notifications.send(
      {
        type: template,
        recipient,
        ...(priority && { priority }),
        data: { workflowInstanceId: run.instanceId, ...audience.data, ...data },
      },
      run,
    );
  }
}
