/** The parameters of every operation the stand-in has, checked against the installed SDK by the compiler. */
import type { Stripe } from 'stripe';
import type { Rules } from './rules.js';

const PAGING = { ending_before: 'foreign', limit: 'whole', starting_after: 'text' } as const;

export const CONTRACT = {
  'customers.create': {
    address: 'foreign',
    balance: 'foreign',
    business_name: 'foreign',
    cash_balance: 'foreign',
    description: 'text',
    email: 'text',
    expand: 'texts',
    individual_name: 'foreign',
    invoice_prefix: 'foreign',
    invoice_settings: 'foreign',
    metadata: 'map',
    name: 'text',
    next_invoice_sequence: 'foreign',
    payment_method: 'foreign',
    phone: 'text',
    preferred_locales: 'foreign',
    shipping: 'foreign',
    source: 'foreign',
    tax: 'foreign',
    tax_exempt: 'foreign',
    tax_id_data: 'foreign',
    test_clock: 'foreign',
    validate: 'foreign',
  } satisfies Rules<Stripe.CustomerCreateParams>,

  'customers.search': {
    query: { needed: 'text' },
    expand: 'texts',
    limit: 'whole',
    page: 'foreign',
  } satisfies Rules<Stripe.CustomerSearchParams>,

  'payment_intents.create': {
    amount: { needed: 'whole' },
    currency: { needed: 'text' },
    allowed_payment_method_types: 'texts',
    amount_details: 'foreign',
    application_fee_amount: 'foreign',
    automatic_payment_methods: 'foreign',
    capture_method: ['automatic', 'automatic_async', 'manual'],
    confirm: 'flag',
    confirmation_method: ['automatic', 'manual'],
    confirmation_token: 'foreign',
    customer: 'text',
    customer_account: 'foreign',
    description: 'text',
    error_on_requires_action: 'foreign',
    excluded_payment_method_types: 'foreign',
    expand: 'texts',
    hooks: 'foreign',
    mandate: 'foreign',
    mandate_data: 'foreign',
    metadata: 'map',
    off_session: 'foreign',
    on_behalf_of: 'foreign',
    payment_details: 'foreign',
    payment_method: 'text',
    payment_method_configuration: 'foreign',
    payment_method_data: 'foreign',
    payment_method_options: 'foreign',
    radar_options: 'foreign',
    receipt_email: 'text',
    return_url: 'foreign',
    setup_future_usage: 'foreign',
    shipping: 'foreign',
    statement_descriptor: 'text',
    statement_descriptor_suffix: 'text',
    transfer_data: 'foreign',
    transfer_group: 'text',
    use_stripe_sdk: 'foreign',
  } satisfies Rules<Stripe.PaymentIntentCreateParams>,

  'payment_intents.confirm': {
    allowed_payment_method_types: 'texts',
    amount_details: 'foreign',
    amount_to_confirm: 'foreign',
    capture_method: 'foreign',
    confirmation_token: 'foreign',
    error_on_requires_action: 'foreign',
    excluded_payment_method_types: 'foreign',
    expand: 'texts',
    hooks: 'foreign',
    mandate: 'foreign',
    mandate_data: 'foreign',
    off_session: 'foreign',
    payment_details: 'foreign',
    payment_method: 'text',
    payment_method_data: 'foreign',
    payment_method_options: 'foreign',
    radar_options: 'foreign',
    receipt_email: 'text',
    return_url: 'text',
    setup_future_usage: 'foreign',
    shipping: 'foreign',
    use_stripe_sdk: 'foreign',
  } satisfies Rules<Stripe.PaymentIntentConfirmParams>,

  'payment_intents.capture': {
    amount_details: 'foreign',
    amount_to_capture: 'whole',
    application_fee_amount: 'foreign',
    expand: 'texts',
    final_capture: 'foreign',
    hooks: 'foreign',
    metadata: 'map',
    payment_details: 'foreign',
    statement_descriptor: 'text',
    statement_descriptor_suffix: 'text',
    transfer_data: 'foreign',
  } satisfies Rules<Stripe.PaymentIntentCaptureParams>,

  'payment_intents.cancel': {
    cancellation_reason: ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'],
    expand: 'texts',
  } satisfies Rules<Stripe.PaymentIntentCancelParams>,

  'payment_intents.retrieve': {
    client_secret: 'text',
    expand: 'texts',
  } satisfies Rules<Stripe.PaymentIntentRetrieveParams>,

  'payment_intents.list': {
    ...PAGING,
    created: 'foreign',
    customer: 'text',
    customer_account: 'foreign',
    expand: 'texts',
  } satisfies Rules<Stripe.PaymentIntentListParams>,

  'charges.retrieve': { expand: 'texts' } satisfies Rules<Stripe.ChargeRetrieveParams>,

  'transfers.create': {
    currency: { needed: 'text' },
    destination: { needed: 'text' },
    amount: 'whole',
    description: 'text',
    expand: 'texts',
    metadata: 'map',
    source_transaction: 'text',
    source_type: 'foreign',
    transfer_group: 'text',
  } satisfies Rules<Stripe.TransferCreateParams>,

  'transfers.list': {
    ...PAGING,
    created: 'foreign',
    destination: 'text',
    expand: 'texts',
    transfer_group: 'text',
  } satisfies Rules<Stripe.TransferListParams>,

  'transfers.createReversal': {
    amount: 'whole',
    description: 'text',
    expand: 'texts',
    metadata: 'map',
    refund_application_fee: 'foreign',
  } satisfies Rules<Stripe.TransferCreateReversalParams>,

  'transfers.listReversals': { ...PAGING, expand: 'texts' } satisfies Rules<Stripe.TransferListReversalsParams>,

  'refunds.create': {
    amount: 'whole',
    charge: 'foreign',
    currency: 'foreign',
    customer: 'foreign',
    expand: 'texts',
    instructions_email: 'foreign',
    metadata: 'map',
    origin: 'foreign',
    payment_intent: 'text',
    reason: ['duplicate', 'fraudulent', 'requested_by_customer'],
    refund_application_fee: 'foreign',
    reverse_transfer: 'foreign',
  } satisfies Rules<Stripe.RefundCreateParams>,

  'refunds.list': {
    ...PAGING,
    charge: 'text',
    created: 'foreign',
    expand: 'texts',
    payment_intent: 'text',
  } satisfies Rules<Stripe.RefundListParams>,

  'events.list': {
    ...PAGING,
    created: 'map',
    delivery_success: 'foreign',
    expand: 'texts',
    type: 'foreign',
    types: 'texts',
  } satisfies Rules<Stripe.EventListParams>,

  'accounts.retrieve': { expand: 'texts' } satisfies Rules<Stripe.AccountRetrieveParams>,
};

/** `payment_intents.capture`: what faults are aimed at. */
export type Operation = keyof typeof CONTRACT;
