import type { Stripe } from 'stripe';
import type { StripeConfig } from '../../platform/config.providers.js';
import type { Outcome } from '../outcome.js';
import { PAGE, StripeSession } from './stripe.session.js';

/** Where a deal's objects are found at Stripe. */
export interface Trace {
  instanceId: string;
  /** Null when the investor was never made a customer. */
  customerId: string | null;
  transferGroup: string;
}

/** Money that was moved for an instance, by what was asked of Stripe; amounts in minor units. */
export interface Movement {
  kind: 'payment' | 'transfer' | 'refund' | 'reversal';
  id: string;
  /** The effect it was made for. */
  effectKey: string | undefined;
  amountMinor: number;
  currency: string;
  /** Stripe's word for where it stands; transfers and reversals have none. */
  status: string | null;
}

/** Stripe's own books, to hold ours against. Only reads. */
export class StripeRecords {
  private readonly session: StripeSession;

  constructor(config: StripeConfig | undefined) {
    this.session = new StripeSession(config);
  }

  /** The events of these types since then, oldest first; Stripe keeps them for 30 days. @param since milliseconds */
  eventsSince(since: number, types: readonly string[]): Promise<Outcome<Stripe.Event[]>> {
    return this.session.ask(async (stripe) => {
      const created = { gte: Math.floor(since / 1000) };
      const events = await collect(stripe.events.list({ created, types: [...types], limit: PAGE }));
      return done(events.reverse());
    });
  }

  /** Everything that was made for an instance. */
  movements({ instanceId, customerId, transferGroup }: Trace): Promise<Outcome<Movement[]>> {
    return this.session.ask(async (stripe) => {
      const customersPayments =
        customerId === null ? [] : await collect(stripe.paymentIntents.list({ customer: customerId, limit: PAGE }));
      const payments = customersPayments.filter(({ metadata }) => metadata['workflowInstanceId'] === instanceId);
      const transfers = await collect(stripe.transfers.list({ transfer_group: transferGroup, limit: PAGE }));
      const refunds = await each(payments, ({ id }) => stripe.refunds.list({ payment_intent: id, limit: PAGE }));
      const reversals = await each(transfers, ({ id }) => stripe.transfers.listReversals(id, { limit: PAGE }));
      return done([
        ...payments.map((payment) => movement('payment', payment, payment.status)),
        ...transfers.map((transfer) => movement('transfer', transfer)),
        ...refunds.map((refund) => movement('refund', refund, refund.status)),
        ...reversals.map((reversal) => movement('reversal', reversal)),
      ]);
    });
  }
}

const done = <T>(output: T): Outcome<T> => ({ kind: 'done', output, receipt: { provider: 'stripe' } });

async function collect<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of list) all.push(item);
  return all;
}

/** One question after the other: a deal has few payments, and Stripe counts questions. */
async function each<From, T>(from: readonly From[], list: (item: From) => AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for (const item of from) all.push(...(await collect(list(item))));
  return all;
}

const movement = (
  kind: Movement['kind'],
  object: { id: string; amount: number; currency: string; metadata: Stripe.Metadata | null },
  status: string | null = null,
): Movement => ({
  kind,
  id: object.id,
  effectKey: object.metadata?.['effectKey'],
  amountMinor: object.amount,
  currency: object.currency,
  status,
});
