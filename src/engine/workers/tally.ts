/** What a worker has done since it started. */
export class Tally {
  succeeded = 0;
  failed = 0;
  /** `performance.now()` of the last time that it could not do its work. */
  private faultAt: number | undefined;

  /** An attempt has ended; one that is tried again counts as failed. */
  ended(kind: 'done' | 'retry' | 'failed'): void {
    if (kind === 'done') this.succeeded += 1;
    else this.failed += 1;
  }

  fault(): void {
    this.faultAt = performance.now();
  }

  get faultedMs(): number | null {
    return this.faultAt === undefined ? null : performance.now() - this.faultAt;
  }
}
