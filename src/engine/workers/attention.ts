/** However busy it is, a worker looks after effects of all types so often, milliseconds: some fall due without any news. */
const LOOK_AROUND_MS = 50;

/**
 * Which types of effects the next claim asks about. News says of what type an effect is, and to ask about two types takes a tenth of what it takes to ask
 * about all that there are. What comes without news — retries that fall due, claims that were given back — is found by looking around.
 */
export class Attention {
  private named = new Set<string>();
  private around = true;
  private aroundAt = -Infinity;

  /** @param now milliseconds, monotonic */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** There is something to do; without a type it may be anything. */
  draw(type?: string): void {
    if (type === undefined) this.around = true;
    else this.named.add(type);
  }

  /** Stands at the beginning of a claim, which asks about these; undefined means all types. */
  pay(): ReadonlySet<string> | undefined {
    const now = this.now();
    const named = this.named;
    this.named = new Set();
    if (!this.around && now - this.aroundAt < LOOK_AROUND_MS) return named;
    this.around = false;
    this.aroundAt = now;
    return undefined;
  }
}
