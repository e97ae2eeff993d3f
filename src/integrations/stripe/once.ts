import type Stripe from 'stripe';
import type { Attempt } from '../outcome.js';
import { isRememberedFailure } from './stripe.errors.js';

/** Stripe keeps idempotency keys for 24 hours; an hour is left for clocks that differ. */
const KEY_LIFETIME_MS = 23 * 3_600_000;
/** How many failures that Stripe remembers are stepped over in one attempt. */
const GENERATIONS = 3;

/** One thing to be done at Stripe. */
export interface Deed<T> {
  make: (options: Stripe.RequestOptions) => Promise<T>;
  /** Looks for what an earlier attempt has made, in a list that is never behind. */
  find: () => Promise<T | undefined>;
}

/**
 * Does a deed once, however often it is tried: the effect's key makes Stripe repeat its first answer, and where the key no
 * longer protects, because it is too old or stands for a remembered 5xx, what exists is looked up first.
 * @param now business time, milliseconds
 */
export async function once<T>(run: Attempt, now: () => Promise<number>, { make, find }: Deed<T>): Promise<T> {
  if ((await now()) - run.since >= KEY_LIFETIME_MS) {
    const found = await find();
    if (found) return found;
  }
  for (let generation = 1; ; generation++) {
    try {
      return await make({ idempotencyKey: generation === 1 ? run.key : `${run.key}:${generation}` });
    } catch (error) {
      if (!isRememberedFailure(error) || generation === GENERATIONS) throw error;
      const found = await find();
      if (found) return found;
    }
  }
}

/** The object that an earlier attempt of this effect has made, by its metadata. */
export async function ofEffect<T extends { metadata: Stripe.Metadata | null }>(
  list: AsyncIterable<T>,
  run: Attempt,
): Promise<T | undefined> {
  for await (const object of list) if (object.metadata?.['effectKey'] === run.key) return object;
  return undefined;
}
