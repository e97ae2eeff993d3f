import type { EffectRun } from '../host.js';
import type { OutboxRow } from '../store/outbox.js';

/** An effect that was claimed here, until its end is written down. */
export class Running {
  /** Resolves when it has ended; rejects when that could not be written down. */
  ended: Promise<void> = Promise.resolve();
  private controller: AbortController | undefined;
  private patience: NodeJS.Timeout | undefined;
  private stopped: { reason: Error } | undefined;

  constructor(readonly row: OutboxRow) {}

  /** True when it was stopped: what has not begun by then does not begin. */
  get isStopped(): boolean {
    return this.stopped !== undefined;
  }

  /**
   * Stands at the beginning of an attempt; answers what its handler is told. The signal is made when the handler asks for it: most end
   * before anybody could stop them, and a signal with its timer takes as long as all the rest.
   * @param timeoutMs after which the signal aborts
   */
  begin(timeoutMs: number): EffectRun {
    const { row } = this;
    const until = performance.now() + timeoutMs;
    const signal = () => this.signalUntil(until);
    return {
      tenant: row.tenant,
      instanceId: row.instance_id,
      key: row.key,
      attempt: row.attempts,
      begun: row.fence,
      since: row.since,
      correlationId: row.correlation_id,
      get signal() {
        return signal();
      },
    };
  }

  /** Tells the handler to stop. */
  stop(reason: Error): void {
    this.stopped ??= { reason };
    this.controller?.abort(reason);
  }

  /** The handler has ended: its time cannot run out any more. */
  over(): void {
    clearTimeout(this.patience);
  }

  private signalUntil(until: number): AbortSignal {
    if (this.controller) return this.controller.signal;
    const controller = (this.controller = new AbortController());
    if (this.stopped) controller.abort(this.stopped.reason);
    else
      this.patience = setTimeout(
        () => controller.abort(new DOMException('The effect took too long', 'TimeoutError')),
        until - performance.now(),
      ).unref();
    return controller.signal;
  }
}
