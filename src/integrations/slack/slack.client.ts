import { call } from '../http/exchange.js';
import type { Outcome } from '../outcome.js';

/** Writes to one Slack channel through its incoming webhook. */
export class SlackClient {
  /** @param webhook its address, which is a secret; undefined: not configured */
  constructor(private readonly webhook: string | undefined) {}

  /** Posts a message. Slack knows no idempotency keys: an attempt whose answer was lost may leave a second copy. */
  post(text: string, signal: AbortSignal, channel?: string): Promise<Outcome<null>> {
    const request =
      this.webhook === undefined
        ? undefined
        : new Request(this.webhook, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ text: escaped(text), ...(channel !== undefined && { channel }) }),
            signal,
          });
    return call('slack', request, () => ({ output: null }));
  }
}

/** Slack's three control characters; without them nobody is mentioned and no link is made by what somebody typed. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
