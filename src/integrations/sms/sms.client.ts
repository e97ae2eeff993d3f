import { createHash } from 'node:crypto';
import type { SmsConfig } from '../../platform/config.channels.js';
import { call } from '../http/exchange.js';
import type { Attempt, Outcome } from '../outcome.js';

/** Two segments; more costs more and is read by nobody. */
const MOST_CHARACTERS = 280;
/** Messages to one number that an earlier attempt is looked for among. */
const LOOK_BACK = 50;

type Run = Attempt & { begun: number; signal: AbortSignal };

/** Sends text messages through Twilio. */
export class SmsClient {
  constructor(private readonly config: SmsConfig | undefined) {}

  /** Sends a message. Twilio knows no idempotency keys, so a later attempt first looks for the message of an earlier one, by its reference. */
  async send({ to, text }: { to: string; text: string }, run: Run): Promise<Outcome<null>> {
    const reference = referenceOf(run);
    if (run.begun > 1) {
      const sent = await this.find(to, reference, run.signal);
      if (sent.kind !== 'done' || sent.output !== undefined)
        return sent.kind === 'done' ? { ...sent, output: null } : sent;
    }
    const form = { To: to, From: this.config?.from ?? '', Body: `${text.slice(0, MOST_CHARACTERS)} (${reference})` };
    return call('twilio', this.request('POST', new URLSearchParams(form), run.signal), (body) => ({
      output: null,
      ...sidIn(body),
    }));
  }

  private find(to: string, reference: string, signal: AbortSignal): Promise<Outcome<string | undefined>> {
    const query = new URLSearchParams({ To: to, PageSize: String(LOOK_BACK) });
    return call('twilio', this.request('GET', query, signal), (body) => {
      const { messages = [] } = JSON.parse(body) as { messages?: { sid: string; body: string }[] };
      const output = messages.find((message) => message.body.includes(reference))?.sid;
      return { output, ...(output !== undefined && { providerId: output }) };
    });
  }

  private request(method: 'GET' | 'POST', fields: URLSearchParams, signal: AbortSignal): Request | undefined {
    if (!this.config) return undefined;
    const { apiBase, accountSid, authToken } = this.config;
    const address = `${apiBase}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`;
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    return method === 'GET'
      ? new Request(`${address}?${fields.toString()}`, { headers: { authorization }, signal })
      : new Request(address, { method, headers: { authorization }, body: fields, signal });
  }
}

/** Names the effect in the message itself: the same for every attempt. */
const referenceOf = ({ key }: Attempt): string => createHash('sha256').update(key).digest('hex').slice(0, 8);

/** What is not understood was sent nevertheless. */
function sidIn(body: string): { providerId?: string } {
  const sid = /"sid":\s*"(\w+)"/.exec(body)?.[1];
  return sid === undefined ? {} : { providerId: sid };
}
