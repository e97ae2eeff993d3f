import { Injectable } from '@nestjs/common';
import type { EffectRun } from '../engine/host.js';
import { EmailClient } from '../integrations/email/email.client.js';
import type { Outcome } from '../integrations/outcome.js';
import { PushClient } from '../integrations/push/push.client.js';
import { SlackClient } from '../integrations/slack/slack.client.js';
import { SmsClient } from '../integrations/sms/sms.client.js';
import type { Words } from './render.js';
import type { Channel, Priority } from './templates.js';

/** A message on its way out of the house, by the channels through which it can reach its recipient. */
export interface Letter {
  type: string;
  priority: Priority;
  words: Words;
  addresses: Addresses;
}

/** Where each channel reaches the recipient: an address, a device, a number, and for Slack the team's own channel. */
export type Addresses = ReadonlyMap<Exclude<Channel, 'in_app'>, string>;

const MOST_PUSHED_CHARACTERS = 500;

/** The channels out of the house. Each ends as an outcome of its own. */
@Injectable()
export class Channels {
  constructor(
    private readonly email: EmailClient,
    private readonly push: PushClient,
    private readonly sms: SmsClient,
    private readonly slack: SlackClient,
  ) {}

  /** Sends a letter by one channel. A client that throws has not said how it ended, so it is tried again. */
  async deliver(
    channel: Exclude<Channel, 'in_app'>,
    to: string,
    letter: Letter,
    run: EffectRun,
  ): Promise<Outcome<unknown>> {
    try {
      return await this.send(channel, to, letter, run);
    } catch (error) {
      return { kind: 'retry', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  private send(
    channel: Exclude<Channel, 'in_app'>,
    to: string,
    { type, priority, words: { subject, body } }: Letter,
    run: EffectRun,
  ): Promise<Outcome<unknown>> {
    switch (channel) {
      case 'email':
        return this.email.send({ to, subject, text: body }, run);
      case 'push': {
        const data = { type, instanceId: run.instanceId, messageId: run.key };
        return this.push.send(
          { token: to, title: subject, body: body.slice(0, MOST_PUSHED_CHARACTERS), priority, data },
          run,
        );
      }
      case 'sms':
        return this.sms.send({ to, text: subject }, run);
      case 'slack':
        return this.slack.post(`[${run.tenant}] ${body}`, run.signal);
    }
  }
}
