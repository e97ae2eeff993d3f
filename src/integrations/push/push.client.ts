import type { PushConfig } from '../../platform/config.channels.js';
import { call } from '../http/exchange.js';
import type { Attempt, Outcome } from '../outcome.js';

/** A message to one device. */
export interface PushMessage {
  /** Names the device. */
  token: string;
  title: string;
  body: string;
  priority: 'high' | 'normal' | 'low';
  /** For the app that shows it. */
  data: Readonly<Record<string, string>>;
}

/** Hands messages to the gateway that reaches devices. */
export class PushClient {
  constructor(private readonly config: PushConfig | undefined) {}

  /** Sends a message; the gateway recognises a second attempt by its key. */
  send(message: PushMessage, run: Attempt & { signal: AbortSignal }): Promise<Outcome<null>> {
    const { config } = this;
    const request =
      config &&
      new Request(config.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${config.token}`,
          'idempotency-key': run.key,
        },
        body: JSON.stringify(message),
        signal: run.signal,
      });
    return call('push', request, () => ({ output: null }));
  }
}
