import { Injectable } from '@nestjs/common';
import { InboxIntake } from '../../engine/inbox.intake.js';
import { missing } from '../../engine/store/inbox.js';
import { Database } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { DocusignClient } from '../docusign/docusign.client.js';
import { messagesUntil } from '../docusign/missed.messages.js';
import type { Outcome } from '../outcome.js';
import { StripeRecords } from '../stripe/stripe.records.js';
import { messageIdOf } from '../webhooks/docusign.message.js';
import { STRIPE_EVENTS } from '../webhooks/stripe.translate.js';
import * as reconciled from './reconciled.js';

/** The providers that send us messages. */
export const PROVIDERS = ['stripe', 'docusign'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** A message that a provider has sent, or should have. */
export interface Missed {
  provider: Provider;
  providerEventId: string;
  type: string;
  body: string;
  /** Null when the message does not name one, as disputes do not. */
  instanceId: string | null;
}

const MINUTE_MS = 60_000;
/** DocuSign wants to be asked at most this often. */
const EVERY_MS = 15 * MINUTE_MS;
/** What was not yet listed at the last question, or happened while clocks disagreed, is listed at this one. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** A provider that was never asked before. */
const FIRST_LOOK_BACK_MS = 7 * 24 * 60 * MINUTE_MS;

/** Asks the providers what they have told us, for messages get lost. What is found goes through the inbox like every other message (P8). */
@Injectable()
export class Reconciliation {
  constructor(
    private readonly database: Database,
    private readonly intake: InboxIntake,
    private readonly stripe: StripeRecords,
    private readonly docusign: DocusignClient,
    private readonly log: Log,
  ) {}

  /** Asks every provider that nobody has asked for 15 minutes. Answers how many messages had been lost. */
  async turn(): Promise<number> {
    const found = await Promise.all(PROVIDERS.map((provider) => this.ask(provider)));
    return found.reduce((sum, count) => sum + count, 0);
  }

  /** What a provider has said of our instances since then that is not in the inbox. @param since milliseconds */
  async missed(provider: Provider, since: number): Promise<Outcome<Missed[]>> {
    const said = await this.said(provider, since);
    // Who is not there says nothing.
    if (said.kind === 'failed' && said.code === 'NOT_CONFIGURED')
      return { kind: 'done', output: [], receipt: { provider } };
    if (said.kind !== 'done') return said;
    const ours = said.output.flatMap((message) => this.ours(provider, message));
    const lost = await this.database.system((tx) =>
      missing(
        tx,
        provider,
        ours.map(({ providerEventId }) => providerEventId),
      ),
    );
    return { ...said, output: ours.filter(({ providerEventId }) => lost.has(providerEventId)) };
  }

  /** Puts a lost message into the inbox. Its id is the one it was sent under, so it cannot be applied twice, however late it still comes. */
  async heal({ provider, providerEventId, type, body }: Missed): Promise<void> {
    await this.intake.accept(provider, { providerEventId, type, body, headers: { source: 'reconciliation' } });
  }

  private async ask(provider: Provider): Promise<number> {
    const turn = await this.database.system((tx) => reconciled.take(tx, provider, EVERY_MS, FIRST_LOOK_BACK_MS));
    if (!turn) return 0;
    const missed = await this.missed(provider, turn.since.getTime() - OVERLAP_MS);
    if (missed.kind !== 'done') {
      this.log.warn('reconciliation_failed', { provider, reason: missed.reason });
      return 0;
    }
    for (const message of missed.output) await this.heal(message);
    await this.database.system((tx) => reconciled.settle(tx, provider, turn.at));
    if (missed.output.length > 0) this.log.warn('messages_were_lost', { provider, count: missed.output.length });
    return missed.output.length;
  }

  private async said(provider: Provider, since: number): Promise<Outcome<Said[]>> {
    switch (provider) {
      case 'stripe': {
        const events = await this.stripe.eventsSince(since, STRIPE_EVENTS);
        if (events.kind !== 'done') return events;
        return {
          ...events,
          output: events.output.map((event) => ({
            providerEventId: event.id,
            type: event.type,
            body: JSON.stringify(event),
          })),
        };
      }
      case 'docusign': {
        const envelopes = await this.docusign.changedSince(since);
        if (envelopes.kind !== 'done') return envelopes;
        return {
          ...envelopes,
          output: envelopes.output.flatMap(messagesUntil).map((message) => ({
            providerEventId: messageIdOf(message),
            type: message.event,
            body: JSON.stringify(message),
          })),
        };
      }
    }
  }

  /** Without those that concern nobody: the account may serve others as well. */
  private ours(provider: Provider, said: Said): Missed[] {
    const translation = this.intake.translatorOf(provider)?.(said.body);
    if (!translation || 'ignore' in translation) return [];
    return [{ provider, ...said, instanceId: 'instanceId' in translation ? translation.instanceId : null }];
  }
}

interface Said {
  providerEventId: string;
  type: string;
  body: string;
}
