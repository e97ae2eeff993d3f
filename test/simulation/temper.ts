/** How a run is tempered: each seed has its own mix of haste and misfortune, so that rare combinations come up often somewhere. */
import type { Random } from './random.js';

export interface Temper {
  /** Requests that clients and administrators make. */
  requests: number;
  instances: number;
  /** Weights of what happens next, beside letting somebody go on. */
  weights: {
    request: number;
    work: number;
    message: number;
    clock: number;
    crash: number;
    stop: number;
    impatience: number;
  };
  /** That whoever went on last goes on next, if he can. */
  persistence: number;
  /** Of each statement: that its connection breaks. */
  loss: number;
  /** Of each request to a provider: that it fails or its answer is lost. */
  trouble: number;
}

export function temperOf(random: Random): Temper {
  const misfortune = (most: number): number => (random.chance(0.4) ? 0 : random.next() * most);
  return {
    requests: 8 + random.below(24),
    instances: 1 + random.below(2),
    weights: {
      request: 1 + random.next() * 2,
      work: 1 + random.next() * 2,
      message: random.next(),
      clock: random.next(),
      crash: misfortune(0.25),
      stop: misfortune(0.1),
      impatience: misfortune(0.3),
    },
    persistence: random.next() * 0.9,
    loss: misfortune(0.03),
    trouble: misfortune(0.5),
  };
}

/** Nothing goes wrong any more. */
export const calmed = (temper: Temper): Temper => ({ ...temper, loss: 0, trouble: 0 });
