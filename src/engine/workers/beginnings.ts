/** Looks from the beginning come so often at least: what a crashed worker held is to be had again within a second after its lease. */
const LOOK_BACK_MS = 500;

/**
 * Where the next look for work begins, by name. As long as there is more than can be taken, each look begins where the last one found
 * something: what is over leaves entries in the index, and going past 20,000 of them takes 1.7 ms. Every half second, and whenever there was
 * less, it begins at the beginning, where there may be what somebody gave back.
 */
export class Beginnings {
  private readonly next = new Map<string, number>();
  private lookedBackAt = -Infinity;

  /** Stands at the beginning of a look; answers where it may begin. */
  look(): (name: string) => number | undefined {
    if (performance.now() - this.lookedBackAt >= LOOK_BACK_MS) this.next.clear();
    if (this.next.size === 0) this.lookedBackAt = performance.now();
    const begun = new Map(this.next);
    return (name) => begun.get(name);
  }

  /** Stands at its end. @param isMore as much was found as could be taken */
  found(rows: readonly { name: string; next: number }[], isMore: boolean): void {
    if (!isMore) this.next.clear();
    else for (const { name, next } of rows) this.next.set(name, next);
  }
}
