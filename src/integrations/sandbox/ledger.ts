import type { Collection, Journal } from './journal.js';

export const PROVIDERS = [
  ...(['stripe', 'docusign', 'smtp', 'slack', 'twilio', 'push'] as const),
  ...(['hubspot', 'linear', 'google', 'model', 'resend'] as const),
] as const;
export type Provider = (typeof PROVIDERS)[number];

/** One effect that has really happened at a provider. */
export interface Entry {
  seq: number;
  provider: Provider;
  /** `payment_intent.capture`, `envelope.create`, `mail`. */
  kind: string;
  /** The provider's id of the thing. */
  objectId: string;
  /** What makes two requests the same one: idempotency key, transaction id, Message-ID. */
  key: string | null;
  instanceId: string | null;
  tenant: string | null;
  amountMinor?: number;
  /** ISO timestamp. */
  at: string;
  /** How often the provider was asked for it again and did nothing. */
  replays: number;
}

export type NewEntry = Omit<Entry, 'seq' | 'at' | 'replays'>;
type Question = Partial<Pick<Entry, 'provider' | 'kind' | 'instanceId'>>;

/** The truth about what was done in the world, against which our own books can be held. */
export class Ledger {
  private readonly entries: Collection<Entry>;

  constructor(journal: Journal) {
    this.entries = journal.collection('ledger');
  }

  record(entry: NewEntry): void {
    const seq = this.entries.all().length + 1;
    this.entries.put(String(seq), { seq, at: new Date().toISOString(), replays: 0, ...entry });
  }

  /** Counts a request that was recognised as an earlier one. */
  replayed(provider: Provider, key: string): void {
    const entry = this.entries.all().find((known) => known.provider === provider && known.key === key);
    if (entry) this.entries.put(String(entry.seq), { ...entry, replays: entry.replays + 1 });
  }

  /** The effects that fit everything asked for, oldest first. */
  query(question: Question): Entry[] {
    return this.entries
      .all()
      .filter(
        ({ provider, kind, instanceId }) =>
          fits(question.provider, provider) && fits(question.kind, kind) && fits(question.instanceId, instanceId),
      );
  }
}

const fits = (wanted: string | null | undefined, actual: string | null): boolean =>
  wanted === undefined || wanted === actual;
