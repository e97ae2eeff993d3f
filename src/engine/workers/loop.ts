/** A job that runs when its time comes or when somebody nudges it, never twice at once, and once more when nudged while running. */
export class Loop {
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  /**
   * @param turn does one batch; answers true when there is probably more to do
   * @param onError is told of every turn that threw; the loop goes on
   */
  constructor(
    private readonly turn: () => Promise<boolean>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Runs soon. Nudges during a run are folded into one more run. */
  nudge(): void {
    if (this.stopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = this.run().finally(() => {
      this.running = undefined;
      if (this.again) {
        this.again = false;
        this.nudge();
      }
    });
  }

  /** Takes nothing new and waits for the turn under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      while (!this.stopped && (await this.turn())) this.again = false;
    } catch (error) {
      this.onError(error);
    }
  }
}
