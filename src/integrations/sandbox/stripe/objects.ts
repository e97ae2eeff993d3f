/** New objects, whole as the SDK's types want them. */
import type { Stripe } from 'stripe';
import { newId, seconds } from './world.js';

/** A card hold lapses after this (customer-initiated). */
const HOLD_S = 7 * 86_400;

export function newCustomer(
  given: Pick<Stripe.Customer, 'email' | 'description' | 'metadata'> & { name: string | null },
): Stripe.Customer {
  return {
    id: newId('cus'),
    object: 'customer',
    balance: 0,
    created: seconds(),
    default_source: null,
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    shipping: null,
    ...given,
  };
}

type IntentGiven = Pick<
  Stripe.PaymentIntent,
  'amount' | 'currency' | 'customer' | 'capture_method' | 'metadata' | 'payment_method_types' | 'transfer_group'
>;

export function newIntent(given: IntentGiven): Stripe.PaymentIntent {
  const id = newId('pi');
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: given.payment_method_types,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    client_secret: newId(`${id}_secret`),
    confirmation_method: 'automatic',
    created: seconds(),
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    ...given,
  };
}

/** The charge of a payment that was confirmed; a card charge knows when its hold lapses. */
export function newCharge(intent: Stripe.PaymentIntent, paymentMethod: string, isCard: boolean): Stripe.Charge {
  const captured = intent.capture_method !== 'manual';
  return {
    id: newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: null,
    captured,
    created: seconds(),
    currency: intent.currency,
    customer: intent.customer,
    description: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: null,
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: null,
    paid: true,
    payment_intent: intent.id,
    payment_method: paymentMethod,
    payment_method_details: isCard ? { type: 'card', card: card(intent.amount) } : { type: 'us_bank_account' },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: isCard ? 'succeeded' : 'pending',
    transfer_data: null,
    transfer_group: intent.transfer_group,
  };
}

const card = (amount: number): Stripe.Charge.PaymentMethodDetails.Card => ({
  amount_authorized: amount,
  authorization_code: null,
  brand: 'visa',
  capture_before: seconds() + HOLD_S,
  checks: null,
  country: 'US',
  electronic_commerce_indicator: null,
  exp_month: 12,
  exp_year: 2034,
  funding: 'credit',
  installments: null,
  last4: '4242',
  mandate: null,
  network: 'visa',
  network_transaction_id: null,
  regulated_status: null,
  three_d_secure: null,
  transaction_link_id: null,
  wallet: null,
});

type TransferGiven = Pick<
  Stripe.Transfer,
  'amount' | 'currency' | 'destination' | 'metadata' | 'source_transaction' | 'transfer_group' | 'description'
>;

export function newTransfer(given: TransferGiven): Stripe.Transfer {
  const id = newId('tr');
  return {
    id,
    object: 'transfer',
    amount_reversed: 0,
    balance_transaction: null,
    created: seconds(),
    livemode: false,
    reversals: list([], `/v1/transfers/${id}/reversals`),
    reversed: false,
    ...given,
  };
}

export function newReversal(
  transfer: Stripe.Transfer,
  amount: number,
  metadata: Stripe.Metadata,
): Stripe.TransferReversal {
  return {
    id: newId('trr'),
    object: 'transfer_reversal',
    amount,
    balance_transaction: null,
    created: seconds(),
    currency: transfer.currency,
    destination_payment_refund: null,
    metadata,
    source_refund: null,
    transfer: transfer.id,
  };
}

export function newRefund(
  intent: Stripe.PaymentIntent,
  amount: number,
  reason: string | null,
  metadata: Stripe.Metadata,
): Stripe.Refund {
  return {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: intent.latest_charge,
    created: seconds(),
    currency: intent.currency,
    customer: intent.customer,
    customer_account: null,
    metadata,
    payment_intent: intent.id,
    payment_method: intent.payment_method,
    reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
}

/** Every connected account exists; one whose id ends in `_restricted` may not receive money yet. */
export function accountOf(id: string): Stripe.Account {
  const active = !id.endsWith('_restricted');
  return {
    id,
    object: 'account',
    capabilities: { transfers: active ? 'active' : 'inactive' },
    charges_enabled: active,
    details_submitted: active,
    email: null,
    payouts_enabled: active,
    type: 'express',
  };
}

/** A page of a list. */
export const list = <T>(data: T[], url: string, hasMore = false): Stripe.ApiList<T> => ({
  object: 'list',
  data,
  has_more: hasMore,
  url,
});
