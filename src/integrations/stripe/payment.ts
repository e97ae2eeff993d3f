import type { Stripe } from 'stripe';

/** A payment as deals see it; amounts in minor units, times in milliseconds. */
export interface Payment {
  transactionId: string;
  status: Stripe.PaymentIntent.Status;
  amountMinor: number;
  capturableMinor: number;
  receivedMinor: number;
  currency: string;
  chargeId: string | null;
  /** What the payer's browser completes the payment with. */
  clientSecret: string | null;
  /** When a card hold lapses. */
  captureBefore: number | null;
}

/** Stripe's payment in our words. */
export function paymentOf(intent: Stripe.PaymentIntent): Payment {
  const charge = intent.latest_charge;
  const captureBefore = typeof charge === 'string' ? undefined : charge?.payment_method_details?.card?.capture_before;
  return {
    transactionId: intent.id,
    status: intent.status,
    amountMinor: intent.amount,
    capturableMinor: intent.amount_capturable,
    receivedMinor: intent.amount_received,
    currency: intent.currency,
    chargeId: typeof charge === 'string' ? charge : (charge?.id ?? null),
    clientSecret: intent.client_secret,
    captureBefore: captureBefore === undefined ? null : captureBefore * 1000,
  };
}

/** Reads a payment with its charge, which knows when the hold lapses. */
export const retrieve = (stripe: Stripe, id: string) =>
  stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });

/** The payment, provided it is in that state. */
export async function inState(
  stripe: Stripe,
  id: string,
  status: Stripe.PaymentIntent.Status,
): Promise<Stripe.PaymentIntent | undefined> {
  const intent = await retrieve(stripe, id);
  return intent.status === status ? intent : undefined;
}
