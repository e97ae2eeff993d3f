import { Injectable } from '@nestjs/common';
import type { EffectResult, EffectRun } from '../engine/host.js';
import { EmailClient } from '../integrations/email/email.client.js';
import { Database, type Tx } from '../platform/database.js';
import { Settings } from '../platform/settings.js';
import { NotificationSettings } from './notification.settings.dto.js';
import { render } from './render.js';
import { templateOf, type Channel, type Template } from './templates.js';

/** Whom a message is for. `legal-team` is everybody with the role `legal` (R000-86). */
export interface Recipient {
  id: string;
  type: 'creator' | 'investor' | 'production' | 'partner' | 'internal';
  /** Null when there is no address. */
  email: string | null;
}

/** What somebody is to be told; the template of `type` has the words. */
export interface Message {
  type: string;
  recipient: Recipient;
  data: Readonly<Record<string, unknown>>;
}

/** Tells people what happened: in the app first, which cannot fail by itself, then by mail. The same effect is the same message. */
@Injectable()
export class NotificationSender {
  constructor(
    private readonly database: Database,
    private readonly email: EmailClient,
    private readonly settings: Settings,
  ) {}

  /** Sends a message by every channel of its template that the recipient has not switched off. */
  async send({ type, recipient, data }: Message, run: EffectRun): Promise<EffectResult> {
    const template = templateOf(type, recipient.type);
    if (!template) return { kind: 'failed', code: 'WF010', reason: `There is no message of type ${type}` };
    const words = await render(template, data);
    const { channels, address } = await this.database.transaction(run.tenant, async (tx) => {
      const wanted = await channelsOf(tx, template, type, recipient.id);
      if (wanted.has('in_app')) await keep(tx, run.key, { type, recipient, data }, template, words);
      return { channels: await undelivered(tx, run.key, wanted), address: await this.addressOf(tx, recipient) };
    });
    // Push needs a device that has registered, and the service keeps none (R000-86).
    if (address === null || !channels.has('email')) return { kind: 'done' };
    return this.mail(address, recipient, words, run);
  }

  private async mail(
    to: string,
    recipient: Recipient,
    { subject, body }: { subject: string; body: string },
    run: EffectRun,
  ): Promise<EffectResult> {
    const outcome = await this.email.send({ to, subject, text: body }, run);
    // A house without mail still has the message in the app.
    if (outcome.kind === 'failed' && outcome.code === 'NOT_CONFIGURED') return { kind: 'done' };
    if (outcome.kind !== 'done') return outcome;
    await this.database.transaction(run.tenant, (tx) =>
      tx.run(
        `insert into notifications.deliveries (tenant, message_id, channel, recipient_id, provider_id, delivered_at)
         values (engine.tenant(), $1, 'email', $2, $3, engine.now()) on conflict do nothing`,
        [run.key, recipient.id, outcome.output.messageId],
      ),
    );
    return { kind: 'done', receipt: outcome.receipt };
  }

  private async addressOf(tx: Tx, { type, email }: Recipient): Promise<string | null> {
    if (type !== 'internal') return email;
    const { legalTeamEmails } = await this.settings.read(tx, 'notifications', NotificationSettings);
    return legalTeamEmails.length > 0 ? legalTeamEmails.join(', ') : null;
  }
}

/** The template's channels without those that the user has switched off for this type. */
async function channelsOf(tx: Tx, { channels }: Template, type: string, userId: string): Promise<ReadonlySet<Channel>> {
  const off = await tx.query<{ channel: Channel }>(
    `select channel from notifications.preferences where tenant = engine.tenant() and user_id = $1 and type = $2 and not enabled`,
    [userId, type],
  );
  return new Set(channels.filter((channel) => !off.some((row) => row.channel === channel)));
}

async function undelivered(tx: Tx, key: string, channels: ReadonlySet<Channel>): Promise<ReadonlySet<Channel>> {
  const sent = await tx.query<{ channel: Channel }>(
    `select channel from notifications.deliveries where tenant = engine.tenant() and message_id = $1`,
    [key],
  );
  return new Set([...channels].filter((channel) => !sent.some((row) => row.channel === channel)));
}

const keep = (
  tx: Tx,
  key: string,
  { type, recipient, data }: Message,
  { priority }: Template,
  words: { subject: string; body: string },
) =>
  tx.run(
    `insert into notifications.messages (tenant, id, user_id, type, priority, subject, body, data, created_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now()) on conflict do nothing`,
    [key, recipient.id, type, priority, words.subject, words.body, JSON.stringify(data)],
  );
