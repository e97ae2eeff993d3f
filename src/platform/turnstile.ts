/** Lets a few through at a time. The others wait in line; whoever uses it bounds how many those are. */
export class Turnstile {
  private inside = 0;
  private readonly line: (() => void)[] = [];

  constructor(private readonly places: number) {}

  /** Runs the work when its turn has come. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside >= this.places) await new Promise<void>((next) => this.line.push(next));
    else this.inside += 1;
    try {
      return await work();
    } finally {
      // The place goes from hand to hand, so that nobody can slip in between.
      const next = this.line.shift();
      if (next) next();
      else this.inside -= 1;
    }
  }
}
