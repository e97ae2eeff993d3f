/** What a payer's bank does long after the payment: it disputes a charge, and decides. */
import type { Stripe } from 'stripe';
import { invalid } from './failure.js';
import { intentOf } from './payments.js';
import { newId, seconds, type SandboxDispute, type StripeWorld } from './world.js';

/** The payer no longer wants to have paid. @throws StripeFailure unless the money was taken */
export function dispute(world: StripeWorld, paymentId: string): SandboxDispute {
  const intent = intentOf(world, paymentId);
  if (intent.status !== 'succeeded')
    throw invalid('charge_not_captured', `${paymentId} is ${intent.status}; only what was taken can be disputed.`);
  const opened: SandboxDispute = {
    id: newId('dp'),
    object: 'dispute',
    amount: intent.amount_received,
    balance_transactions: [],
    charge: String(intent.latest_charge),
    created: seconds(),
    currency: intent.currency,
    enhanced_eligibility_types: [],
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: paymentId,
    reason: 'fraudulent',
    status: 'needs_response',
  };
  world.record('dispute.open', { ...opened, metadata: intent.metadata }, null, opened.amount);
  return change(world, opened, 'charge.dispute.created');
}

/** The bank has decided: `won` is in our favour. */
export function decide(world: StripeWorld, paymentId: string, status: 'won' | 'lost'): SandboxDispute {
  const open = world.disputes
    .all()
    .find((known) => known.payment_intent === paymentId && known.status === 'needs_response');
  if (!open) throw invalid('dispute_missing', `${paymentId} is not disputed.`);
  return change(world, { ...open, status }, 'charge.dispute.closed');
}

function change(world: StripeWorld, changed: SandboxDispute, event: Stripe.Event['type']): SandboxDispute {
  world.disputes.put(changed.id, changed);
  world.emit(event, changed);
  return changed;
}
