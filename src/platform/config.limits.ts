import type { Environment } from './environment.js';

/** How much one process takes on at a time. What is beyond is refused before anything breaks. */
export interface LimitsConfig {
  /** Requests that are being answered or wait for the database. */
  requests: number;
  /** Event streams and long waits that are open. */
  streams: number;
}

/**
 * A connection answers some hundred requests in a second: with this many in line for each, the last one waits a fraction of a
 * second, and far less than the 10 s after which a wait for a connection is given up.
 */
const REQUESTS_PER_CONNECTION = 64;
/** An open stream costs some memory, and a look at the database when something has happened. */
const STREAMS_PER_CONNECTION = 100;

export const limits = (env: Environment, poolSize: number): LimitsConfig => ({
  requests: env.integer('MAX_REQUESTS_IN_FLIGHT', REQUESTS_PER_CONNECTION * poolSize, 1, 100_000),
  streams: env.integer('MAX_OPEN_STREAMS', STREAMS_PER_CONNECTION * poolSize, 1, 100_000),
});
