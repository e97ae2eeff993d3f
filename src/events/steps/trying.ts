/** How often and how long a step is tried (R003-9, R003-23, R003-24). */
import type { Json } from '../../engine/core/driver.js';
import type { EffectPolicy, EffectResult, EffectRun } from '../../engine/host.js';
import type { EventsConfig } from '../../platform/config.events.js';

const FIRST_PAUSE_MS = 1_000;
const STEP_LIMIT_MS = 10_000;

/** One try and as many more as the operator says (three), after 1, 2 and 4 seconds; 10 seconds for each. */
export const stepPolicy = ({ maxRetries }: EventsConfig): EffectPolicy => ({
  attempts: 1 + maxRetries,
  backoffMs: FIRST_PAUSE_MS,
  maxBackoffMs: FIRST_PAUSE_MS * 2 ** Math.max(0, maxRetries - 1),
  timeoutMs: STEP_LIMIT_MS,
});

/** What will be wrong next time, too. */
export class Unacceptable extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** One attempt at a step. What is wrong for good ends it at once; everything else may be better next time. */
export async function attempt(run: EffectRun, work: () => Promise<Json>): Promise<EffectResult> {
  try {
    return { kind: 'done', output: await within(run.signal, work) };
  } catch (error) {
    if (error instanceof Unacceptable) return { kind: 'failed', code: error.code, reason: error.message };
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'retry', reason, afterMs: FIRST_PAUSE_MS * 2 ** (run.attempt - 1) };
  }
}

/** A step that hangs is given up. What it still does is done as if it were tried again: once. */
async function within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(reasonOf(signal));
  });
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function reasonOf({ reason }: AbortSignal): Error {
  if ((reason as Error | undefined)?.name === 'TimeoutError') return new Error('The step took longer than 10 s');
  return reason instanceof Error ? reason : new Error(String(reason));
}
