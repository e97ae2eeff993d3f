import type { Answer } from '../http.js';

/** A request that Stripe refuses, in Stripe's words. */
export class StripeFailure extends Error {
  constructor(
    readonly status: number,
    readonly type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error',
    readonly code: string | undefined,
    message: string,
    readonly details: { param?: string; decline_code?: string } = {},
  ) {
    super(message);
  }

  answer(): Answer {
    const { status, type, code, message, details } = this;
    return { status, body: { error: { type, code, message, ...details } } };
  }
}

/** 400. */
export const invalid = (code: string, message: string, param?: string): StripeFailure =>
  new StripeFailure(400, 'invalid_request_error', code, message, param === undefined ? {} : { param });

/** 404. */
export const missing = (what: string, id: string): StripeFailure =>
  new StripeFailure(404, 'invalid_request_error', 'resource_missing', `No such ${what}: '${id}'`, { param: 'id' });
