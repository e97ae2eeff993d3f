/** Payment intents: what may be done with one in which state. */
import type { Stripe } from 'stripe';
import { StripeFailure, invalid, missing } from './failure.js';
import { newCharge, newIntent } from './objects.js';
import { seconds, type Call, type StripeWorld } from './world.js';

/** Eight digits: $999,999.99 (R000-47). */
const MOST = 99_999_999;
const LEAST = 50;
/** Test payment methods of Stripe's own documentation; bank money arrives later and cannot be held. */
const DECLINED = 'pm_card_chargeDeclined';
const BANK = 'pm_usBankAccount_success';

type Status = Stripe.PaymentIntent.Status;

export function createIntent(world: StripeWorld, { values, key }: Call): Stripe.PaymentIntent {
  const amount = values.whole('amount') ?? 0;
  if (amount > MOST) throw invalid('amount_too_large', 'Amount must be no more than $999,999.99', 'amount');
  if (amount < LEAST) throw invalid('amount_too_small', 'Amount must be at least $0.50 usd', 'amount');
  const customer = values.text('customer') ?? null;
  if (customer !== null && !world.customers.get(customer)) throw missing('customer', customer);
  const intent = newIntent({
    amount,
    currency: values.text('currency') ?? '',
    customer,
    capture_method: values.text('capture_method') ?? 'automatic_async',
    metadata: values.map('metadata'),
    payment_method_types: values.texts('allowed_payment_method_types') ?? ['card', 'us_bank_account'],
    transfer_group: values.text('transfer_group') ?? null,
  });
  world.intents.put(intent.id, intent);
  world.record('payment_intent.create', intent, key, amount);
  world.emit('payment_intent.created', intent);
  return values.flag('confirm') ? confirm(world, intent, values.text('payment_method'), key) : intent;
}

export const confirmIntent = (world: StripeWorld, { id, values, key }: Call): Stripe.PaymentIntent =>
  confirm(world, intentOf(world, id), values.text('payment_method'), key);

/** What happens when the payer has entered a way to pay. @throws StripeFailure 402 when it is declined */
export function confirm(
  world: StripeWorld,
  intent: Stripe.PaymentIntent,
  method: string | undefined,
  key: string | null,
): Stripe.PaymentIntent {
  if (method === undefined)
    throw unexpected('You cannot confirm this PaymentIntent because it is missing a payment method.');
  expect(intent, 'confirmed', ['requires_payment_method', 'requires_confirmation']);
  if (method === DECLINED) {
    fail(world, intent, 'Your card was declined.');
    throw new StripeFailure(402, 'card_error', 'card_declined', 'Your card was declined.', {
      decline_code: 'generic_decline',
    });
  }
  const isBank = method === BANK;
  if (!intent.payment_method_types.includes(isBank ? 'us_bank_account' : 'card')) {
    throw invalid(
      'payment_intent_invalid_parameter',
      `The payment method ${method} is not allowed for this PaymentIntent.`,
      'payment_method',
    );
  }
  const held = intent.capture_method === 'manual';
  if (isBank && held) {
    throw invalid(
      'payment_intent_invalid_parameter',
      'The payment method type us_bank_account does not support manual capture.',
      'capture_method',
    );
  }
  const charge = newCharge(intent, method, !isBank);
  world.charges.put(charge.id, charge);
  const confirmed = { ...intent, payment_method: method, latest_charge: charge.id, last_payment_error: null };
  world.record('payment_intent.confirm', intent, key, intent.amount);
  if (isBank) return change(world, { ...confirmed, status: 'processing' }, 'payment_intent.processing');
  return held
    ? change(
        world,
        { ...confirmed, status: 'requires_capture', amount_capturable: intent.amount },
        'payment_intent.amount_capturable_updated',
      )
    : change(world, { ...confirmed, status: 'succeeded', amount_received: intent.amount }, 'payment_intent.succeeded');
}

export function captureIntent(world: StripeWorld, { id, values, key }: Call): Stripe.PaymentIntent {
  const intent = intentOf(world, id);
  expect(intent, 'captured', ['requires_capture']);
  const amount = values.whole('amount_to_capture') ?? intent.amount_capturable;
  if (amount > intent.amount_capturable)
    throw invalid('amount_too_large', 'More cannot be captured than is held.', 'amount_to_capture');
  if (amount < 1)
    throw invalid('parameter_invalid_integer', 'This value must be greater than or equal to 1.', 'amount_to_capture');
  const charge = chargeOf(world, intent);
  world.charges.put(charge.id, { ...charge, captured: true, amount_captured: amount });
  world.record('payment_intent.capture', intent, key, amount);
  return change(
    world,
    { ...intent, status: 'succeeded', amount_received: amount, amount_capturable: 0 },
    'payment_intent.succeeded',
  );
}

export function cancelIntent(world: StripeWorld, { id, values, key }: Call): Stripe.PaymentIntent {
  const intent = intentOf(world, id);
  expect(intent, 'canceled', [
    'requires_payment_method',
    'requires_confirmation',
    'requires_action',
    'requires_capture',
  ]);
  world.record('payment_intent.cancel', intent, key, intent.amount);
  return cancel(world, intent, values.text('cancellation_reason') ?? null);
}

/** Bank money has arrived. */
export function settle(world: StripeWorld, id: string): Stripe.PaymentIntent {
  const intent = intentOf(world, id);
  expect(intent, 'settled', ['processing']);
  const charge = chargeOf(world, intent);
  world.charges.put(charge.id, { ...charge, status: 'succeeded', captured: true, amount_captured: intent.amount });
  return change(world, { ...intent, status: 'succeeded', amount_received: intent.amount }, 'payment_intent.succeeded');
}

/** The payment did not go through; the payer may try another way. */
export function fail(world: StripeWorld, intent: Stripe.PaymentIntent, message: string): Stripe.PaymentIntent {
  expect(intent, 'failed', ['requires_payment_method', 'requires_confirmation', 'processing']);
  const error = { type: 'card_error', code: 'card_declined', decline_code: 'generic_decline', message } as const;
  return change(
    world,
    { ...intent, status: 'requires_payment_method', last_payment_error: error },
    'payment_intent.payment_failed',
  );
}

/** The hold has lapsed. */
export function expire(world: StripeWorld, id: string): Stripe.PaymentIntent {
  const intent = intentOf(world, id);
  expect(intent, 'expired', ['requires_capture']);
  return cancel(world, intent, 'expired');
}

/** Lets every hold lapse whose time is over; answers their ids. */
export const lapse = (world: StripeWorld): string[] =>
  world.intents
    .all()
    .filter((intent) => intent.status === 'requires_capture' && captureBefore(chargeOf(world, intent)) <= seconds())
    .map(({ id }) => expire(world, id).id);

const captureBefore = ({ payment_method_details }: Stripe.Charge): number =>
  payment_method_details?.card?.capture_before ?? Number.POSITIVE_INFINITY;

/** @throws StripeFailure 404 */
export function intentOf(world: StripeWorld, id: string): Stripe.PaymentIntent {
  const intent = world.intents.get(id);
  if (!intent) throw missing('payment_intent', id);
  return intent;
}

function chargeOf(world: StripeWorld, { latest_charge }: Stripe.PaymentIntent): Stripe.Charge {
  const charge = world.charges.get(String(latest_charge));
  if (!charge) throw missing('charge', String(latest_charge));
  return charge;
}

const cancel = (world: StripeWorld, intent: Stripe.PaymentIntent, reason: string | null): Stripe.PaymentIntent =>
  change(
    world,
    { ...intent, status: 'canceled', canceled_at: seconds(), cancellation_reason: reason, amount_capturable: 0 },
    'payment_intent.canceled',
  );

function change(world: StripeWorld, intent: Stripe.PaymentIntent, event: Stripe.Event['type']): Stripe.PaymentIntent {
  world.intents.put(intent.id, intent);
  world.emit(event, intent);
  return intent;
}

function expect({ status }: Stripe.PaymentIntent, done: string, allowed: readonly Status[]): void {
  if (allowed.includes(status)) return;
  throw unexpected(
    `This PaymentIntent could not be ${done} because it has a status of ${status}. Only one with a status of ${allowed.join(', ')} can be ${done}.`,
  );
}

const unexpected = (message: string): StripeFailure => invalid('payment_intent_unexpected_state', message);
