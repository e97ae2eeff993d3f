/** How many calls an account allows in a row, and how soon they come back; a developer account's limit, the tightest there is. */
const BURST_CALLS = 200;
const BURST_MS = 30_000;

/** Keeps to the account's limits, because DocuSign counts calls that it refuses as well. One for each account. */
export class CallBudget {
  private calls = BURST_CALLS;
  private refilledAt = 0;
  private blockedUntil = 0;

  /** Takes one call; answers 0, or how many milliseconds to wait before asking again. */
  take(now: number): number {
    const blockedFor = this.blockedFor(now);
    if (blockedFor > 0) return blockedFor;
    this.calls = Math.min(BURST_CALLS, this.calls + ((now - this.refilledAt) * BURST_CALLS) / BURST_MS);
    this.refilledAt = now;
    if (this.calls < 1) return Math.ceil(((1 - this.calls) * BURST_MS) / BURST_CALLS);
    this.calls -= 1;
    return 0;
  }

  /** Milliseconds until the account answers again, 0 when it does. */
  blockedFor(now: number): number {
    return Math.max(0, this.blockedUntil - now);
  }

  /** Takes the account's own count from the headers of an answer: when nothing is left, everybody waits for the reset. */
  observe(headers: Readonly<Record<string, unknown>>, now: number): void {
    const burstLeft = count(headers['x-burstlimit-remaining']);
    if (burstLeft !== undefined) this.calls = Math.min(this.calls, burstLeft);
    if (burstLeft === 0) this.block(now + BURST_MS);
    const resetAt = count(headers['x-ratelimit-reset']);
    if (count(headers['x-ratelimit-remaining']) === 0 && resetAt !== undefined) this.block(resetAt * 1000);
  }

  private block(until: number): void {
    this.blockedUntil = Math.max(this.blockedUntil, until);
  }
}

const count = (header: unknown): number | undefined => {
  const number = typeof header === 'string' && header !== '' ? Number(header) : NaN;
  return Number.isFinite(number) ? number : undefined;
};
