import type { Answer, Request } from '../http.js';
import { decide, dispute } from './disputes.js';
import { StripeFailure } from './failure.js';
import { confirm, expire, fail, intentOf, settle } from './payments.js';
import type { StripeWorld } from './world.js';

interface Given {
  payment_method?: string;
  status?: 'won' | 'lost';
}

/** What a person or time does to a payment at Stripe. */
const DEEDS: Readonly<Record<string, (world: StripeWorld, id: string, given: Given) => object>> = {
  /** The payer has entered a card in the browser. */
  confirm: (world, id, { payment_method = 'pm_card_visa' }) =>
    confirm(world, intentOf(world, id), payment_method, null),
  /** The payer's bank says no. */
  fail: (world, id) => fail(world, intentOf(world, id), 'Your card was declined.'),
  /** Bank money has arrived. */
  settle,
  /** The hold has lapsed. */
  expire,
  /** The payer's bank wants the money back, and later decides. */
  dispute,
  decide: (world, id, { status = 'lost' }) => decide(world, id, status),
};

const PATH = /^\/_sandbox\/stripe\/payment_intents\/([^/]+)\/(\w+)$/;

/** Answers `POST /_sandbox/stripe/payment_intents/:id/{confirm,fail,settle,expire,dispute,decide}`; undefined when it is not that. */
export function stripeHook(world: StripeWorld, { method, path, body }: Request): Answer | undefined {
  const [, id = '', name = ''] = PATH.exec(path) ?? [];
  const deed = DEEDS[name];
  if (method !== 'POST' || !deed) return undefined;
  try {
    return { status: 200, body: deed(world, id, body === '' ? {} : (JSON.parse(body) as Given)) };
  } catch (error) {
    if (error instanceof StripeFailure) return error.answer();
    throw error;
  }
}
