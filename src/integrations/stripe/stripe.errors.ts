import { Stripe } from 'stripe';
import type { EffectReceipt } from '../../engine/host.js';
import type { Outcome } from '../outcome.js';

/**
 * Says whether a failed call may be tried again: no answer, 429, 5xx and a key still in use may; cards, invalid requests,
 * credentials and reused keys may not. @throws what is no error of Stripe
 */
export function classify(error: unknown): Exclude<Outcome<never>, { kind: 'done' }> {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const receipt: EffectReceipt = {
    provider: 'stripe',
    ...(error.statusCode && { responseCode: String(error.statusCode) }),
  };
  const code = error.code ?? error.rawType ?? error.type;
  if (!mayRetry(error)) return { kind: 'failed', code, reason: error.message, receipt };
  const afterSeconds = Number(error.headers?.['retry-after']);
  return {
    kind: 'retry',
    reason: `${code}: ${error.message}`,
    receipt,
    ...(afterSeconds > 0 && { afterMs: afterSeconds * 1000 }),
  };
}

/** Whether Stripe gave back an old failure of its own that it keeps for the key: the same key will fail for ever. */
export const isRememberedFailure = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeAPIError && error.headers?.['idempotent-replayed'] === 'true';

/** Whether the object's state does not allow the call; often because an earlier try has done it already. */
export const isUnexpectedState = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'payment_intent_unexpected_state';

function mayRetry(error: InstanceType<typeof Stripe.errors.StripeError>): boolean {
  const { StripeConnectionError, StripeRateLimitError } = Stripe.errors;
  if (error instanceof StripeConnectionError || error instanceof StripeRateLimitError) return true;
  const status = error.statusCode ?? 0;
  return status === 409 || status >= 500;
}
