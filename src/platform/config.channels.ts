import type { Environment } from './environment.js';

/** Twilio, for text messages. */
export interface SmsConfig {
  readonly accountSid: string;
  readonly authToken: string;
  /** The number messages come from, E.164. */
  readonly from: string;
  readonly apiBase: string;
}

/** A gateway that hands messages to devices. */
export interface PushConfig {
  readonly url: string;
  readonly token: string;
}

const TWILIO = 'https://api.twilio.com';

/** The incoming webhook of a Slack channel, which is a secret; else the local stand-in's, else undefined. */
export const slackWebhook = (env: Environment, standIn: string | undefined): string | undefined =>
  env.endpoint('SLACK_WEBHOOK_URL') ?? (standIn && `${standIn}/slack/services/T0/B0/sandbox`);

/** Twilio as configured, else the local stand-in, else undefined. */
export function sms(env: Environment, standIn: string | undefined): SmsConfig | undefined {
  const apiBase = env.endpoint('TWILIO_API_BASE');
  const names = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'] as const;
  if (names.every((name) => env.text(name) === undefined)) {
    return standIn === undefined
      ? undefined
      : { accountSid: 'AC_sandbox', authToken: 'sandbox', from: '+15005550006', apiBase: `${standIn}/twilio` };
  }
  const needed = (name: (typeof names)[number]) => env.needed(name, 'to send text messages');
  return {
    accountSid: needed('TWILIO_ACCOUNT_SID'),
    authToken: needed('TWILIO_AUTH_TOKEN'),
    from: needed('TWILIO_FROM'),
    apiBase: apiBase ?? TWILIO,
  };
}

/** The push gateway as configured, else the local stand-in, else undefined. */
export function push(env: Environment, standIn: string | undefined): PushConfig | undefined {
  const url = env.endpoint('PUSH_URL');
  if (url === undefined && env.text('PUSH_TOKEN') === undefined)
    return standIn === undefined ? undefined : { url: `${standIn}/push`, token: 'sandbox' };
  const because = 'to send push messages';
  return { url: url ?? env.needed('PUSH_URL', because), token: env.needed('PUSH_TOKEN', because) };
}
