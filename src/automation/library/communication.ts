import { Injectable } from '@nestjs/common';
import { IsEmail, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { Action } from '../../actions/action.js';
import type { EffectResult } from '../../engine/host.js';
import { EmailClient } from '../../integrations/email/email.client.js';
import { SlackClient } from '../../integrations/slack/slack.client.js';
import { SmsClient } from '../../integrations/sms/sms.client.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { aboutOf } from './about.js';
import { Requests } from './requests.js';

/** Parameters of `send_email`. */
export class SendMailParams {
  @IsEmail() @MaxLength(254) to!: string;
  @IsString() @MinLength(1) @MaxLength(200) subject!: string;
  /** HTML. */
  @IsString() @MinLength(1) @MaxLength(50_000) body!: string;
  /** The service itself when left out. */
  @MayBeAbsent() @IsEmail() @MaxLength(254) from?: string;
}

/** Parameters of `send_sms`. */
export class SendSmsParams {
  /** E.164. */
  @Matches(/^\+[1-9]\d{6,14}$/, { message: 'to must be a number like +15551234567' }) to!: string;
  @IsString() @MinLength(1) @MaxLength(1_000) message!: string;
}

/** Parameters of `send_slack_message`. */
export class SendSlackParams {
  @IsString() @MinLength(1) @MaxLength(100) channel!: string;
  @IsString() @MinLength(1) @MaxLength(4_000) text!: string;
  /** Another webhook than the one of `SLACK_WEBHOOK_URL`. */
  @MayBeAbsent() @IsString() @Matches(/^https?:\/\/[^\s@]+$/) @MaxLength(2_000) webhook_url?: string;
}

/** Mail, text messages and Slack (R002-64). */
@Injectable()
export class Communication {
  constructor(
    private readonly email: EmailClient,
    private readonly sms: SmsClient,
    private readonly slack: SlackClient,
    private readonly requests: Requests,
  ) {}

  readonly sendEmail: Action<SendMailParams> = {
    type: 'send_email',
    title: 'Send an e-mail',
    kind: 'email',
    permission: 'comms.send',
    Params: SendMailParams,
    about: aboutOf('send_email'),
    // Line breaks in what fills a reference cannot make headers of their own.
    run: ({ to, subject, body, from }, run) =>
      this.email.send(
        {
          to,
          subject: subject.replaceAll(/\s+/g, ' ').trim(),
          html: body,
          text: textOf(body),
          ...(from !== undefined && { from }),
        },
        run,
      ),
  };

  readonly sendSms: Action<SendSmsParams> = {
    type: 'send_sms',
    title: 'Send a text message',
    kind: 'message',
    permission: 'comms.send',
    Params: SendSmsParams,
    about: aboutOf('send_sms'),
    run: async ({ to, message }, run) => answered(await this.sms.send({ to, text: message }, run), { sent: true }),
  };

  readonly sendSlack: Action<SendSlackParams> = {
    type: 'send_slack_message',
    title: 'Write to a Slack channel',
    kind: 'message',
    permission: 'comms.send',
    Params: SendSlackParams,
    secrets: ['webhook_url'],
    about: aboutOf('send_slack_message'),
    run: async ({ channel, text, webhook_url }, run) => {
      if (webhook_url === undefined) return answered(await this.slack.post(text, run.signal, channel), { ok: true });
      const request = { url: webhook_url, method: 'POST', body: { channel, text } };
      return answered(await this.requests.send(request, run), { ok: true });
    },
  };
}

const answered = (result: EffectResult, output: { [name: string]: boolean }): EffectResult =>
  result.kind === 'done' ? { ...result, output } : result;

/** The words of HTML, for those who read no HTML. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<[^<>]{0,1000}>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
