import { createHash } from 'node:crypto';
import type { KeyedConfig } from '../../platform/config.business.js';
import { call } from '../http/exchange.js';
import type { Attempt, Outcome } from '../outcome.js';

/** A meeting of some people. */
export interface Meeting {
  title: string;
  attendees: readonly string[];
  /** Milliseconds since 1970. */
  startsAt: number;
  endsAt: number;
}

/** Puts meetings into a Google Calendar. */
export class CalendarClient {
  constructor(private readonly config: KeyedConfig | undefined) {}

  /** Puts a meeting in, and has the others invited. Its id is made of the effect's key: Google refuses the second of the same. */
  async schedule(
    { title, attendees, startsAt, endsAt }: Meeting,
    { key, signal }: Attempt & { signal: AbortSignal },
  ): Promise<Outcome<{ id: string; link: string | null }>> {
    const id = createHash('sha256').update(key).digest('hex');
    const moment = (at: number) => ({ dateTime: new Date(at).toISOString() });
    const body = {
      id,
      summary: title,
      start: moment(startsAt),
      end: moment(endsAt),
      attendees: attendees.map((email) => ({ email })),
    };
    const request =
      this.config &&
      new Request(`${this.config.apiBase}/calendar/v3/calendars/primary/events?sendUpdates=all`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.config.key}` },
        body: JSON.stringify(body),
        signal,
      });
    const outcome = await call('google', request, (text) => ({ output: { id, link: linkIn(text) }, providerId: id }));
    // The key is ours alone: who has it already has it from an earlier attempt.
    if (outcome.kind !== 'failed' || outcome.code !== 'HTTP_409') return outcome;
    return { kind: 'done', output: { id, link: null }, receipt: { provider: 'google', providerId: id } };
  }
}

function linkIn(body: string): string | null {
  const { htmlLink } = JSON.parse(body) as { htmlLink?: unknown };
  return typeof htmlLink === 'string' ? htmlLink : null;
}
