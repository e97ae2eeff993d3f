import { createRequire } from 'node:module';
import { percentile } from '../stats.mjs';

// The product's own driver, which its statements go through.
const { Client } = createRequire(new URL('../../../package.json', import.meta.url))('pg');

/** Statements that take work for a worker, whether they are written out or stand in a function. */
const CLAIM = /skip locked|engine\.\w*claim/i;

/** Times, in milliseconds, that claims took from this process's point of view: network and its own event loop included. */
export function watchClaims() {
  const took = [];
  const { query } = Client.prototype;
  Client.prototype.query = function watched(...args) {
    const text = typeof args[0] === 'string' ? args[0] : args[0]?.text;
    const asked = performance.now();
    const result = query.apply(this, args);
    if (typeof text === 'string' && CLAIM.test(text) && typeof result?.then === 'function') {
      result.then(
        () => took.push(performance.now() - asked),
        () => undefined,
      );
    }
    return result;
  };
  return {
    /** What was seen since the last time. */
    take: () => {
      const seen = took.splice(0);
      return seen.length === 0
        ? { claims: 0 }
        : { claims: seen.length, claimP50: percentile(seen, 0.5), claimP99: percentile(seen, 0.99) };
    },
  };
}
