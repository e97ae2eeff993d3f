import { randomBytes } from 'node:crypto';
import { Stripe } from 'stripe';
import { sandboxNow } from '../clock.js';
import type { Collection, Journal } from '../journal.js';
import type { Ledger } from '../ledger.js';
import type { Webhooks } from '../webhooks.js';
import type { Values } from './rules.js';

/** One request, checked: its parameters, the id in its path and its idempotency key. */
export interface Call {
  values: Values;
  id: string;
  key: string | null;
}

/** An object that carries our metadata. */
interface Traced {
  id: string;
  metadata: Stripe.Metadata | null;
}

/** A dispute; nobody submits evidence here. */
export type SandboxDispute = Omit<Stripe.Dispute, 'evidence' | 'evidence_details'>;

/** Everything that exists at the stand-in for Stripe, and the ways in which others learn of a change. */
export class StripeWorld {
  readonly customers: Collection<Stripe.Customer>;
  readonly intents: Collection<Stripe.PaymentIntent>;
  readonly charges: Collection<Stripe.Charge>;
  readonly transfers: Collection<Stripe.Transfer>;
  readonly reversals: Collection<Stripe.TransferReversal>;
  readonly refunds: Collection<Stripe.Refund>;
  readonly disputes: Collection<SandboxDispute>;
  /** Everything the service was told, whether it arrived or not. */
  readonly events: Collection<Stripe.Event>;

  constructor(
    journal: Journal,
    private readonly ledger: Ledger,
    private readonly webhooks: Webhooks,
  ) {
    this.customers = journal.collection('stripe.customers');
    this.intents = journal.collection('stripe.payment_intents');
    this.charges = journal.collection('stripe.charges');
    this.transfers = journal.collection('stripe.transfers');
    this.reversals = journal.collection('stripe.reversals');
    this.refunds = journal.collection('stripe.refunds');
    this.disputes = journal.collection('stripe.disputes');
    this.events = journal.collection('stripe.events');
  }

  /** Any object, by its id. */
  find(id: string): object | undefined {
    const { customers, intents, charges, transfers, reversals, refunds } = this;
    return [customers, intents, charges, transfers, reversals, refunds].map((kind) => kind.get(id)).find(Boolean);
  }

  /** Writes an effect into the ledger. */
  record(kind: string, { id, metadata }: Traced, key: string | null, amountMinor?: number): void {
    this.ledger.record({
      provider: 'stripe',
      kind,
      objectId: id,
      key,
      instanceId: metadata?.['workflowInstanceId'] ?? null,
      tenant: metadata?.['tenant'] ?? null,
      ...(amountMinor !== undefined && { amountMinor }),
    });
  }

  /** Tells the service. */
  emit(type: Stripe.Event['type'], object: object): void {
    const event = {
      id: newId('evt'),
      object: 'event',
      api_version: Stripe.API_VERSION,
      created: seconds(),
      data: { object },
      livemode: false,
      pending_webhooks: 1,
      request: { id: newId('req'), idempotency_key: null },
      type,
      // The SDK has a type of its own for each kind of event; which one this is, only the caller knows.
    } as Stripe.Event;
    this.events.put(event.id, event);
    this.webhooks.enqueue({ id: event.id, provider: 'stripe', type, body: JSON.stringify(event, undefined, 2) });
  }
}

/** `pi_` and 24 random characters. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`;

/** Now, by the stand-ins' clock, in whole seconds. */
export const seconds = (): number => Math.floor(sandboxNow() / 1000);
