/** Buckets kept at most; the one that was not used for longest makes room. It was full again by then, or soon will be. */
const MAX_BUCKETS = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets by name: `burst` at once, then `perSecond`. Each process counts for itself. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  /** @param now milliseconds, monotonic */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes a token; answers 0, or the seconds until there will be one. */
  take(name: string): number {
    const bucket = this.filled(name);
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.perSecond;
    bucket.tokens -= 1;
    return 0;
  }

  /** The seconds until `take` would succeed, without taking. */
  wait(name: string): number {
    return this.buckets.has(name) ? Math.max(0, (1 - this.filled(name).tokens) / this.perSecond) : 0;
  }

  private filled(name: string): Bucket {
    const now = this.now();
    const { tokens, at } = this.buckets.get(name) ?? { tokens: this.burst, at: now };
    const bucket = { tokens: Math.min(this.burst, tokens + ((now - at) / 1000) * this.perSecond), at: now };
    // A map keeps the order of insertion: taking a bucket out and putting it back makes it the newest.
    this.buckets.delete(name);
    this.buckets.set(name, bucket);
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > MAX_BUCKETS && oldest !== undefined) this.buckets.delete(oldest);
    return bucket;
  }
}
