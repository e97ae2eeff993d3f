/** Money that leaves: transfers to connected accounts, their reversals, refunds to payers. */
import type { Stripe } from 'stripe';
import { invalid, missing } from './failure.js';
import { accountOf, newRefund, newReversal, newTransfer } from './objects.js';
import { intentOf } from './payments.js';
import type { Call, StripeWorld } from './world.js';

export function createTransfer(world: StripeWorld, { values, key }: Call): Stripe.Transfer {
  const destination = values.text('destination') ?? '';
  if (!destination.startsWith('acct_')) throw missing('destination', destination);
  if (accountOf(destination).capabilities?.transfers !== 'active') {
    throw invalid(
      'insufficient_capabilities_for_transfer',
      'Your destination account needs to have at least the transfers capability enabled.',
      'destination',
    );
  }
  const amount = values.whole('amount') ?? 0;
  if (amount < 1)
    throw invalid('parameter_invalid_integer', 'This value must be greater than or equal to 1.', 'amount');
  const source = values.text('source_transaction');
  if (source !== undefined) checkSource(world, source, amount);
  const transfer = newTransfer({
    amount,
    currency: values.text('currency') ?? '',
    destination,
    description: values.text('description') ?? null,
    metadata: values.map('metadata'),
    source_transaction: source ?? null,
    transfer_group: values.text('transfer_group') ?? null,
  });
  world.transfers.put(transfer.id, transfer);
  world.record('transfer.create', transfer, key, amount);
  world.emit('transfer.created', transfer);
  return transfer;
}

export function createReversal(world: StripeWorld, { id, values, key }: Call): Stripe.TransferReversal {
  const transfer = transferOf(world, id);
  const left = transfer.amount - transfer.amount_reversed;
  const amount = values.whole('amount') ?? left;
  if (amount < 1 || amount > left)
    throw invalid('transfer_reversal_amount_invalid', `Only ${left} of the transfer can be reversed.`, 'amount');
  const reversal = newReversal(transfer, amount, values.map('metadata'));
  const reversed = { ...transfer, amount_reversed: transfer.amount_reversed + amount, reversed: amount === left };
  world.reversals.put(reversal.id, reversal);
  world.transfers.put(id, reversed);
  world.record('transfer.reverse', { ...reversal, metadata: transfer.metadata }, key, amount);
  world.emit('transfer.reversed', reversed);
  return reversal;
}

export function createRefund(world: StripeWorld, { values, key }: Call): Stripe.Refund {
  const id = values.text('payment_intent');
  if (id === undefined)
    throw invalid(
      'parameter_missing',
      'One of the following params should be provided: payment_intent.',
      'payment_intent',
    );
  const intent = intentOf(world, id);
  const charge = world.charges.get(String(intent.latest_charge));
  if (!charge || intent.status !== 'succeeded')
    throw invalid('charge_not_captured', `${id} has no captured charge that could be refunded.`);
  const left = charge.amount_captured - charge.amount_refunded;
  if (left === 0) throw invalid('charge_already_refunded', `Charge ${charge.id} has already been refunded.`);
  const amount = values.whole('amount') ?? left;
  if (amount < 1 || amount > left)
    throw invalid('amount_too_large', `Only ${left} of the charge can be refunded.`, 'amount');
  const refund = newRefund(intent, amount, values.text('reason') ?? null, values.map('metadata'));
  const refunded = { ...charge, amount_refunded: charge.amount_refunded + amount, refunded: amount === left };
  world.refunds.put(refund.id, refund);
  world.charges.put(charge.id, refunded);
  world.record('refund.create', { ...refund, metadata: intent.metadata }, key, amount);
  world.emit('refund.created', refund);
  world.emit('charge.refunded', refunded);
  return refund;
}

/** @throws StripeFailure 404 */
export function transferOf(world: StripeWorld, id: string): Stripe.Transfer {
  const transfer = world.transfers.get(id);
  if (!transfer) throw missing('transfer', id);
  return transfer;
}

/** A transfer that names its charge cannot exceed what that charge brought in. */
function checkSource(world: StripeWorld, source: string, amount: number): void {
  const charge = world.charges.get(source);
  if (!charge) throw missing('charge', source);
  if (!charge.captured) throw invalid('charge_not_captured', `Charge ${source} is not captured.`, 'source_transaction');
  const sent = world.transfers
    .all()
    .filter(({ source_transaction }) => source_transaction === source)
    .reduce((sum, transfer) => sum + transfer.amount - transfer.amount_reversed, 0);
  if (sent + amount > charge.amount_captured) {
    throw invalid(
      'insufficient_funds',
      'Transfers using this transaction as a source must not exceed the source amount.',
      'amount',
    );
  }
}
