/**
 * Milliseconds to wait after a failed attempt: doubling up to the maximum, then spread over its upper half so that
 * a provider's recovery is not met by all waiting work at once.
 * @param attempt the attempt that failed, from 1
 * @param random 0 <= random < 1
 */
export function backoff(attempt: number, policy: { backoffMs: number; maxBackoffMs: number }, random: number): number {
  const ceiling = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** (attempt - 1));
  return Math.round(ceiling * (0.5 + random / 2));
}
