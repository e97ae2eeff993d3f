import { Stripe } from 'stripe';
import type { StripeConfig } from '../../platform/config.providers.js';
import { notConfigured, type Outcome } from '../outcome.js';
import { classify } from './stripe.errors.js';

/** The most that Stripe lists at once. */
export const PAGE = 100;
/** Shorter than the time an effect has, so that a silent provider still ends as an outcome. */
const TIMEOUT_MS = 20_000;

/** An account at Stripe, or none where nothing is configured. Whatever is asked of it ends as an outcome. */
export class StripeSession {
  private readonly stripe: Stripe | undefined;

  constructor(config: StripeConfig | undefined) {
    this.stripe = config && connect(config);
  }

  async ask<T>(work: (stripe: Stripe) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    if (!this.stripe) return notConfigured('Stripe');
    try {
      return await work(this.stripe);
    } catch (error) {
      return classify(error);
    }
  }
}

function connect({ secretKey, apiBase }: StripeConfig): Stripe {
  const { protocol, hostname, port } = new URL(apiBase ?? 'https://api.stripe.com');
  return new Stripe(secretKey, {
    host: hostname,
    protocol: protocol === 'http:' ? 'http' : 'https',
    ...(port && { port }),
    timeout: TIMEOUT_MS,
    // The outbox retries; two who do would multiply.
    maxNetworkRetries: 0,
    telemetry: false,
  });
}
