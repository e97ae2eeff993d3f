import { Injectable } from '@nestjs/common';
import type { CaptureRequest, HoldRequest, TransferRequest } from '../../../machines/investment.types.js';
import type { EffectHandler, EffectResult, EffectRun } from '../../engine/host.js';
import { StripeClient } from '../../integrations/stripe/stripe.client.js';
import type { Outcome } from '../../integrations/outcome.js';
import { Database } from '../../platform/database.js';
import { detailsOf, type DealDetails } from './investment.entity.js';

/** A bank takes days, and until it has sent the money nothing can be given back. */
const BANK_PAUSE_MS = 12 * 3_600_000;

/** What a compensation is told: the effect it undoes. */
interface Undoing<Input, Output> {
  input: Input;
  output: Output;
}
interface Transaction {
  transactionId: string;
}

/** Holds, takes, pays out and gives back the money of a deal (R000-40 to R000-46). The effect's key makes each of it happen once. */
@Injectable()
export class InvestmentMoney {
  constructor(
    private readonly database: Database,
    private readonly stripe: StripeClient,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'stripe.hold': (hold: HoldRequest, run: EffectRun) => this.hold(hold, run),
    'stripe.release': ({ input, output: { transactionId } }: Undoing<HoldRequest, Transaction>, run: EffectRun) =>
      this.giveUp(input, transactionId, run),
    'stripe.capture': ({ transactionId, amountMinor }: CaptureRequest, run: EffectRun) =>
      this.capture(transactionId, amountMinor, run),
    'stripe.refund': ({ input, output }: Undoing<CaptureRequest, Transaction>, run: EffectRun) =>
      this.refund(output.transactionId, input.dealId, run),
    'stripe.transfer': (order: TransferRequest, run: EffectRun) => this.transfer(order, run),
    'stripe.reverse': ({ input, output }: Undoing<TransferRequest, { transferId: string }>, run: EffectRun) =>
      this.reverse(output.transferId, input.dealId, run),
  };

  /** What the investor's browser completes the payment with; asked for each time and kept nowhere. */
  payment(transactionId: string) {
    return this.stripe.getIntent(transactionId);
  }

  private async hold(request: HoldRequest, run: EffectRun): Promise<EffectResult> {
    const { method, dealId, amountMinor, currency, replaces } = request;
    const customer = await this.customerOf(await this.details(run), run);
    if (customer.kind !== 'done') return customer;
    if (replaces !== null) {
      // The old payment must not be confirmed beside the new one (R000-41).
      const released = await this.giveUp(request, replaces, { ...run, key: `${run.key}:replaced` });
      if (released.kind !== 'done') return released;
    }
    const { customerId } = customer.output;
    const isRetry = replaces !== null;
    return transactionOf(
      await this.stripe.createHold(
        { method, dealId, amountMinor, currency, customerId, transferGroup: dealId, isRetry },
        run,
      ),
    );
  }

  private giveUp({ method, dealId }: HoldRequest, transactionId: string, run: EffectRun): Promise<EffectResult> {
    return method === 'bank' ? this.payBack(transactionId, dealId, run) : this.release(transactionId, dealId, run);
  }

  /** Money that was taken although the answer never came is refunded. */
  private async release(transactionId: string, dealId: string, run: EffectRun): Promise<EffectResult> {
    const outcome = await this.stripe.cancelHold(transactionId, { ...run, key: `${run.key}:release` });
    return outcome.kind === 'failed' && outcome.code === 'PAYMENT_CAPTURED'
      ? this.refund(transactionId, dealId, run)
      : transactionOf(outcome);
  }

  /**
   * The hold and its capture are undone one by one; whichever comes first refunds. A transfer whose answer never came would
   * pay the creator and the investor both, so it goes back before.
   */
  private async refund(transactionId: string, dealId: string, run: EffectRun): Promise<EffectResult> {
    const standing = await this.stripe.standingTransfers(dealId);
    if (standing.kind !== 'done') return standing;
    for (const transferId of standing.output.transferIds) {
      const key = `${run.key}:${transferId}`;
      const reversed = await this.stripe.reverseTransfer({ transferId, dealId }, { ...run, key });
      if (reversed.kind !== 'done') return reversed;
    }
    const outcome = await this.stripe.refund({ transactionId, dealId }, run);
    return outcome.kind === 'failed' && outcome.code === 'charge_already_refunded' ? { kind: 'done' } : plain(outcome);
  }

  /** A refund may have taken the transfer back already. */
  private async reverse(transferId: string, dealId: string, run: EffectRun): Promise<EffectResult> {
    const outcome = await this.stripe.reverseTransfer({ transferId, dealId }, run);
    if (outcome.kind !== 'failed') return plain(outcome);
    const standing = await this.stripe.standingTransfers(dealId);
    const isBack = standing.kind === 'done' && !standing.output.transferIds.includes(transferId);
    return isBack ? { kind: 'done' } : plain(outcome);
  }

  /** Money from a bank account was never held: no capture has to be undone, only the payment itself. */
  private async payBack(transactionId: string, dealId: string, run: EffectRun): Promise<EffectResult> {
    const payment = await this.stripe.getIntent(transactionId);
    if (payment.kind !== 'done') return payment;
    switch (payment.output.status) {
      case 'processing':
        return { kind: 'retry', reason: `${transactionId} is on its way`, afterMs: BANK_PAUSE_MS };
      case 'succeeded':
        return this.refund(transactionId, dealId, run);
      default: {
        const outcome = await this.stripe.cancelHold(transactionId, { ...run, key: `${run.key}:release` });
        // The payer was faster: the next attempt finds the money on its way.
        return outcome.kind === 'failed' && outcome.code === 'PAYMENT_CAPTURED'
          ? { kind: 'retry', reason: outcome.reason }
          : transactionOf(outcome);
      }
    }
  }

  private async capture(transactionId: string | null, amountMinor: number, run: EffectRun): Promise<EffectResult> {
    if (transactionId === null) return { kind: 'failed', code: 'NO_PAYMENT', reason: 'no money is held' };
    return transactionOf(await this.stripe.capture({ transactionId, amountMinor }, run));
  }

  private async transfer(order: TransferRequest, run: EffectRun): Promise<EffectResult> {
    const { dealId, amountMinor, currency, sourceTransactionId } = order;
    const { stripe_account_id: destination, creator_id: creatorId } = await this.details(run);
    if (destination === null)
      return { kind: 'failed', code: 'NO_PAYOUT_ACCOUNT', reason: `${creatorId} has no account to be paid to` };
    const account = await this.stripe.canReceive(destination);
    if (account.kind !== 'done') return account;
    if (!account.output.active)
      return { kind: 'failed', code: 'ACCOUNT_NOT_READY', reason: `${destination} may not receive transfers yet` };
    const source = sourceTransactionId === null ? undefined : await this.stripe.getIntent(sourceTransactionId);
    if (source && source.kind !== 'done') return source;
    const sourceCharge = source?.output.chargeId;
    return plain(
      await this.stripe.transfer(
        {
          dealId,
          amountMinor,
          currency,
          destination,
          transferGroup: dealId,
          ...(sourceCharge ? { sourceCharge } : {}),
        },
        run,
      ),
    );
  }

  private async customerOf(deal: DealDetails, run: EffectRun): Promise<Outcome<{ customerId: string }>> {
    const { investor_id: userId, investor_name: name, investor_email: email, stripe_customer_id: known } = deal;
    if (known !== null)
      return { kind: 'done', output: { customerId: known }, receipt: { provider: 'stripe', providerId: known } };
    const made = await this.stripe.ensureCustomer(
      { userId, ...(name ? { name } : {}), ...(email ? { email } : {}) },
      run,
    );
    if (made.kind === 'done')
      await this.database.transaction(run.tenant, (tx) =>
        tx.run(
          'update deals.investors set stripe_customer_id = $2 where tenant = engine.tenant() and id = $1 and stripe_customer_id is null',
          [userId, made.output.customerId],
        ),
      );
    return made;
  }

  private details({ tenant, instanceId }: EffectRun): Promise<DealDetails> {
    return this.database.transaction(tenant, (tx) => detailsOf(tx, instanceId));
  }
}

/** Only the id goes on: a payment also carries the secret that confirms it. */
const transactionOf = (outcome: Outcome<Transaction>): EffectResult =>
  outcome.kind === 'done' ? { ...outcome, output: { transactionId: outcome.output.transactionId } } : outcome;

const plain = (outcome: Outcome<Record<string, string | null>>): EffectResult => outcome;
