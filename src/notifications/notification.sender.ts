import { Injectable } from '@nestjs/common';
import type { EffectResult, EffectRun } from '../engine/host.js';
import type { Outcome } from '../integrations/outcome.js';
import { Database, type Tx } from '../platform/database.js';
import { Settings } from '../platform/settings.js';
import { Channels, type Addresses, type Letter } from './channels.js';
import { contactOf } from './contacts.js';
import { record, statusByChannel } from './deliveries.js';
import { NotificationSettings } from './notification.settings.dto.js';
import { render, type Words } from './render.js';
import { templateOf, type Channel, type Priority, type Template } from './templates.js';

/** Whom a message is for. `legal-team` is everybody with the role `legal`, `sales-team` with the role `sales` (R000-86). */
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
  /** When it is not as urgent as the template says. */
  priority?: Priority;
}

/** A message with its words, and what became of it so far. */
interface Draft {
  letter: Letter;
  /** Channels that are still to be tried. */
  open: readonly Exclude<Channel, 'in_app'>[];
  /** Some channel has reached the recipient before. */
  reached: boolean;
}

/** Tells people what happened: in the app first, which cannot fail by itself, then outside. The same effect is the same message. */
@Injectable()
export class NotificationSender {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
    private readonly channels: Channels,
  ) {}

  /**
   * Sends a message by every channel that reaches the recipient and that he has not switched off. A channel that fails holds up no
   * other, and a later attempt leaves out those that have ended; fails with WF010 when none of them reached anybody.
   */
  async send(message: Message, run: EffectRun): Promise<EffectResult> {
    const { type, recipient, data } = message;
    const known = templateOf(type, recipient.type);
    const template = known && { ...known, priority: message.priority ?? known.priority };
    if (!template) return { kind: 'failed', code: 'WF010', reason: `There is no message of type ${type}` };
    const { letter, open, reached } = await this.database.transaction(run.tenant, async (tx): Promise<Draft> => {
      const { locale, ...contact } = await contactOf(tx, recipient.id);
      const words = render(template, data, locale ?? undefined);
      const addresses = addressesOf(template, recipient, { ...contact, email: await this.emailOf(tx, recipient) });
      const off = await switchedOff(tx, type, recipient.id);
      if (template.channels.includes('in_app') && !off.has('in_app')) await keep(tx, run.key, message, template, words);
      const before = await statusByChannel(tx, run.key);
      const open = [...addresses.keys()].filter((channel) => {
        const status = before.get(channel);
        // What failed for good is worth another try only when somebody has asked for it by reviving the effect.
        return !off.has(channel) && status !== 'delivered' && (status !== 'failed' || run.attempt === 1);
      });
      const reached = [...before.values()].includes('delivered');
      return { letter: { type, priority: template.priority, words, addresses }, open, reached };
    });
    const outcomes = await Promise.all(open.map((channel) => this.deliver(channel, letter, recipient, run)));
    return verdict(outcomes, reached);
  }

  /** Writes a message down for the app only, with what it tells of; once for each key. @param key names it among all of the tenant */
  async keepInApp(tx: Tx, key: string, message: Message): Promise<void> {
    const template = templateOf(message.type, message.recipient.type);
    if (!template) throw new Error(`there is no message of type ${message.type}`);
    if ((await switchedOff(tx, message.type, message.recipient.id)).has('in_app')) return;
    const { locale } = await contactOf(tx, message.recipient.id);
    await keep(tx, `${tx.tenant}:${key}`, message, template, render(template, message.data, locale ?? undefined));
  }

  /** Written down as soon as it is known, so that a slow channel cannot make another deliver twice. */
  private async deliver(
    channel: Exclude<Channel, 'in_app'>,
    letter: Letter,
    recipient: Recipient,
    run: EffectRun,
  ): Promise<Outcome<unknown>> {
    const outcome = await this.channels.deliver(channel, letter.addresses.get(channel) ?? '', letter, run);
    await this.database.transaction(run.tenant, (tx) => record(tx, run.key, recipient.id, channel, outcome));
    return outcome;
  }

  private async emailOf(tx: Tx, { id, type, email }: Recipient): Promise<string | null> {
    if (type !== 'internal') return email;
    const { legalTeamEmails, salesTeamEmails } = await this.settings.read(tx, 'notifications', NotificationSettings);
    const emails = id === 'sales-team' ? salesTeamEmails : legalTeamEmails;
    return emails.length > 0 ? emails.join(', ') : null;
  }
}

/**
 * The channels of the template that have somewhere to go (R000-86, R000-88). Besides, what is urgent goes to the phone of those who
 * have told their number, and what is for a team goes to its Slack channel.
 */
function addressesOf(
  { channels, priority }: Template,
  { id, type }: Recipient,
  { email, phone, pushToken }: { email: string | null; phone: string | null; pushToken: string | null },
): Addresses {
  return new Map([
    ...(email !== null && channels.includes('email') ? [['email', email] as const] : []),
    ...(pushToken !== null && channels.includes('push') ? [['push', pushToken] as const] : []),
    ...(phone !== null && priority === 'high' ? [['sms', phone] as const] : []),
    ...(type === 'internal' ? [['slack', id] as const] : []),
  ]);
}

async function switchedOff(tx: Tx, type: string, userId: string): Promise<ReadonlySet<Channel>> {
  const rows = await tx.query<{ channel: Channel }>(
    `select channel from notifications.preferences where tenant = engine.tenant() and user_id = $1 and type = $2 and not enabled`,
    [userId, type],
  );
  return new Set(rows.map(({ channel }) => channel));
}

/** Keeps the message for the app, with its line in the delivery log. */
async function keep(
  tx: Tx,
  key: string,
  { type, recipient, data }: Message,
  { priority }: Template,
  { subject, body }: Words,
): Promise<void> {
  await tx.run(
    `insert into notifications.messages (tenant, id, user_id, type, priority, subject, body, data, created_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now()) on conflict do nothing`,
    [key, recipient.id, type, priority, subject, body, JSON.stringify(data)],
  );
  await record(tx, key, recipient.id, 'in_app', { kind: 'done', output: null, receipt: { provider: 'in_app' } });
}

/** What is worth another attempt comes first; one channel that reached the recipient is enough, and so is a house without channels. */
function verdict(outcomes: readonly Outcome<unknown>[], reached: boolean): EffectResult {
  const retry = outcomes.find(({ kind }) => kind === 'retry');
  if (retry?.kind === 'retry') return retry;
  const done = outcomes.find(({ kind }) => kind === 'done');
  if (done?.kind === 'done') return { kind: 'done', receipt: done.receipt };
  const failed = outcomes.find((outcome) => outcome.kind === 'failed' && outcome.code !== 'NOT_CONFIGURED');
  return failed?.kind === 'failed' && !reached
    ? { ...failed, code: 'WF010', reason: `${failed.code}: ${failed.reason}` }
    : { kind: 'done' };
}
