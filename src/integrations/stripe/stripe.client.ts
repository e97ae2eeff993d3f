import type { Stripe } from 'stripe';
import type { StripeConfig } from '../../platform/config.providers.js';
import type { Attempt, Outcome } from '../outcome.js';
import { ofEffect, once, type Deed } from './once.js';
import { inState, paymentOf, retrieve, type Payment } from './payment.js';
import { isUnexpectedState } from './stripe.errors.js';
import { PAGE, StripeSession } from './stripe.session.js';

/** Money for a deal, and where it goes. */
export interface Funds {
  dealId: string;
  amountMinor: number;
  /** ISO 4217, lower case. */
  currency: string;
  /** Joins the payments and transfers of one deal. */
  transferGroup: string;
}

/** What deals ask of Stripe. Every call ends as an outcome; the effect's key goes along, so that trying again does nothing twice. */
export class StripeClient {
  private readonly session: StripeSession;

  /** @param now business time, milliseconds */
  constructor(
    config: StripeConfig | undefined,
    private readonly now: () => Promise<number>,
  ) {
    this.session = new StripeSession(config);
  }

  /** The customer that stands for a user, made when there is none (R000-47). Keep the id: Stripe's search lags a minute behind. */
  ensureCustomer(
    user: { userId: string; email?: string; name?: string },
    run: Attempt,
  ): Promise<Outcome<{ customerId: string }>> {
    const { userId, ...contact } = user;
    const query = `metadata['userId']:'${quoted(userId)}' AND metadata['tenant']:'${quoted(run.tenant)}'`;
    return this.ask(async (stripe) => {
      const find = async () => (await stripe.customers.search({ query })).data[0];
      const make = (options: Stripe.RequestOptions) =>
        stripe.customers.create({ ...contact, metadata: { userId, tenant: run.tenant } }, options);
      const customer = (await find()) ?? (await this.once({ ...run, key: `${run.key}:customer` }, { make, find }));
      return done(customer.id, { customerId: customer.id });
    });
  }

  /**
   * A payment for the payer to confirm: held on a card, or collected from a bank account, which cannot hold (R000-40).
   * `isRetry` when it takes another's place (R000-41).
   */
  createHold(
    hold: Funds & { customerId: string; method?: 'card' | 'bank'; isRetry?: boolean },
    run: Attempt,
  ): Promise<Outcome<Payment>> {
    const {
      customerId: customer,
      amountMinor: amount,
      currency,
      transferGroup,
      method = 'card',
      isRetry = false,
    } = hold;
    return this.ask(async (stripe) =>
      paid(
        await this.once(run, {
          make: (options) =>
            stripe.paymentIntents.create(
              {
                amount,
                currency,
                customer,
                ...WAYS[method],
                transfer_group: transferGroup,
                metadata: { ...metadata(hold.dealId, run), ...(isRetry && { retry: 'true' }) },
              },
              options,
            ),
          find: () => ofEffect(stripe.paymentIntents.list({ customer, limit: PAGE }), run),
        }),
      ),
    );
  }

  getIntent(transactionId: string): Promise<Outcome<Payment>> {
    return this.ask(async (stripe) => paid(await retrieve(stripe, transactionId)));
  }

  /** Gives held money back. Also done when it was given back before; fails with `PAYMENT_CAPTURED` once it was taken. */
  cancelHold(transactionId: string, run: Attempt): Promise<Outcome<Payment>> {
    return this.settle(transactionId, 'canceled', 'PAYMENT_CAPTURED', (stripe) =>
      this.once(run, {
        make: (options) => stripe.paymentIntents.cancel(transactionId, { cancellation_reason: 'abandoned' }, options),
        find: () => inState(stripe, transactionId, 'canceled'),
      }),
    );
  }

  /** Takes held money. Also done when it was taken before; fails with `HOLD_LAPSED` when it can no longer be taken. */
  capture(
    { transactionId, amountMinor }: { transactionId: string; amountMinor: number },
    run: Attempt,
  ): Promise<Outcome<Payment>> {
    return this.settle(transactionId, 'succeeded', 'HOLD_LAPSED', (stripe) =>
      this.once(run, {
        make: (options) =>
          stripe.paymentIntents.capture(
            transactionId,
            { amount_to_capture: amountMinor, expand: ['latest_charge'] },
            options,
          ),
        find: () => inState(stripe, transactionId, 'succeeded'),
      }),
    );
  }

  /** Sends money to a connected account; with `sourceCharge` as soon as that payment's funds are there (R000-43). */
  transfer(
    order: Funds & { destination: string; sourceCharge?: string },
    run: Attempt,
  ): Promise<Outcome<{ transferId: string }>> {
    const { amountMinor: amount, currency, destination, transferGroup, sourceCharge } = order;
    return this.ask(async (stripe) => {
      const transfer = await this.once(run, {
        make: (options) =>
          stripe.transfers.create(
            {
              amount,
              currency,
              destination,
              transfer_group: transferGroup,
              metadata: metadata(order.dealId, run),
              ...(sourceCharge !== undefined && { source_transaction: sourceCharge }),
            },
            options,
          ),
        find: () => ofEffect(stripe.transfers.list({ transfer_group: transferGroup, limit: PAGE }), run),
      });
      return done(transfer.id, { transferId: transfer.id });
    });
  }

  /** Transfers of a group that nobody has taken back yet, also those whose answer never reached us. */
  standingTransfers(transferGroup: string): Promise<Outcome<{ transferIds: string[] }>> {
    return this.ask(async (stripe) => {
      const { data } = await stripe.transfers.list({ transfer_group: transferGroup, limit: PAGE });
      return done(transferGroup, { transferIds: data.filter(({ reversed }) => !reversed).map(({ id }) => id) });
    });
  }

  /** Takes a transfer back, whole; it fails when the receiver has spent the money. */
  reverseTransfer(
    { transferId, dealId }: { transferId: string; dealId: string },
    run: Attempt,
  ): Promise<Outcome<{ reversalId: string }>> {
    return this.ask(async (stripe) => {
      const reversal = await this.once(run, {
        make: (options) => stripe.transfers.createReversal(transferId, { metadata: metadata(dealId, run) }, options),
        find: () => ofEffect(stripe.transfers.listReversals(transferId, { limit: PAGE }), run),
      });
      return done(reversal.id, { reversalId: reversal.id });
    });
  }

  /** Pays taken money back, whole. It does not take a transfer back: reverse that first. */
  refund(
    { transactionId, dealId }: { transactionId: string; dealId: string },
    run: Attempt,
  ): Promise<Outcome<{ refundId: string; status: string | null }>> {
    return this.ask(async (stripe) => {
      const refund = await this.once(run, {
        make: (options) =>
          stripe.refunds.create({ payment_intent: transactionId, metadata: metadata(dealId, run) }, options),
        find: () => ofEffect(stripe.refunds.list({ payment_intent: transactionId, limit: PAGE }), run),
      });
      return done(refund.id, { refundId: refund.id, status: refund.status });
    });
  }

  /** Whether an account may receive transfers yet. */
  canReceive(accountId: string): Promise<Outcome<{ active: boolean }>> {
    return this.ask(async (stripe) => {
      const { capabilities } = await stripe.accounts.retrieve(accountId);
      return done(accountId, { active: capabilities?.transfers === 'active' });
    });
  }

  private once<T>(run: Attempt, deed: Deed<T>): Promise<T> {
    return once(run, this.now, deed);
  }

  /** Brings a payment to its end; where its state does not allow that, the state says whether it is there already. */
  private settle(
    transactionId: string,
    goal: Stripe.PaymentIntent.Status,
    otherwise: string,
    act: (stripe: Stripe) => Promise<Stripe.PaymentIntent>,
  ): Promise<Outcome<Payment>> {
    return this.ask(async (stripe) => {
      try {
        return paid(await act(stripe));
      } catch (error) {
        if (!isUnexpectedState(error)) throw error;
        const intent = await retrieve(stripe, transactionId);
        if (intent.status === goal) return paid(intent);
        return {
          kind: 'failed',
          code: otherwise,
          reason: `${transactionId} is ${intent.status}`,
          receipt: { provider: 'stripe', providerId: transactionId },
        };
      }
    });
  }

  private ask<T>(work: (stripe: Stripe) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    return this.session.ask(work);
  }
}

const WAYS = {
  card: { capture_method: 'manual', allowed_payment_method_types: ['card'] },
  bank: { capture_method: 'automatic', allowed_payment_method_types: ['us_bank_account'] },
} satisfies Record<string, Pick<Stripe.PaymentIntentCreateParams, 'capture_method' | 'allowed_payment_method_types'>>;

/** How objects at Stripe are traced back to us (R000-40, R000-80). */
const metadata = (dealId: string, { tenant, instanceId, key }: Attempt) => ({
  workflowInstanceId: instanceId,
  dealId,
  tenant,
  effectKey: key,
});

const paid = (intent: Stripe.PaymentIntent): Outcome<Payment> => done(intent.id, paymentOf(intent));

function done<T>(providerId: string, output: T): Outcome<T> {
  return { kind: 'done', output, receipt: { provider: 'stripe', providerId } };
}

/** Text inside the quotes of a search query. */
const quoted = (text: string): string => text.replaceAll(/[\\']/g, '\\$&');
