import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Silence } from './http.js';
import { PROVIDERS, type Provider } from './ledger.js';

export const FAULT_KINDS = [
  /** The answer takes longer. */
  'latency',
  /** 500, and nothing was done. */
  'error-before',
  /** 500, but it was done. */
  'error-after',
  /** 500, nothing was done, and the same idempotency key will get that answer for ever (Stripe). */
  'error-remembered',
  /** 429. */
  'rate-limit',
  /** It was done, but nobody answers. */
  'timeout',
  /** The provider no longer knows the idempotency key. */
  'forget-idempotency',
  'webhook-duplicate',
  'webhook-delay',
  /** Sent after the next one. */
  'webhook-reorder',
  'webhook-drop',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What is to go wrong, where, and how often. */
export interface Fault {
  match: { provider: Provider; operation?: string };
  kind: FaultKind;
  times: number;
  ms: number;
}

/** How a provider reports that it is broken, or that it was asked too often. */
export interface Complaints {
  broken: Answer;
  limited: (retryAfterSeconds: number) => Answer;
}

const DEFAULT_MS = 1_000;

/** The faults that have been asked for; each is used up `times` times, the oldest first. */
export class Faults {
  private faults: Fault[] = [];

  /** @throws Error when the request names no known provider or kind */
  add({ match, kind, times = 1, ms = DEFAULT_MS }: Partial<Fault>): Fault {
    if (!match || !PROVIDERS.includes(match.provider))
      throw new Error(`match.provider must be one of ${PROVIDERS.join(', ')}`);
    if (!kind || !FAULT_KINDS.includes(kind)) throw new Error(`kind must be one of ${FAULT_KINDS.join(', ')}`);
    const fault = { match, kind, times, ms };
    this.faults.push(fault);
    return fault;
  }

  all(): readonly Fault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }

  /** Uses up a fault of these kinds that is meant for the operation. */
  take(provider: Provider, operation: string, ...kinds: FaultKind[]): Fault | undefined {
    const fault = this.faults.find(
      ({ match, kind }) =>
        kinds.includes(kind) &&
        match.provider === provider &&
        (match.operation === undefined || match.operation === operation),
    );
    if (fault && --fault.times <= 0) this.faults = this.faults.filter((other) => other !== fault);
    return fault;
  }

  /** Does something the way the faults want it. */
  async around(
    provider: Provider,
    operation: string,
    act: () => Answer,
    complaints: Complaints,
  ): Promise<Answer | Silence> {
    const slow = this.take(provider, operation, 'latency');
    if (slow) await pause(slow.ms);
    const before = this.take(provider, operation, 'error-before', 'rate-limit');
    if (before)
      return before.kind === 'rate-limit' ? complaints.limited(Math.ceil(before.ms / 1000)) : complaints.broken;
    const answer = act();
    const after = this.take(provider, operation, 'error-after', 'timeout');
    if (!after) return answer;
    return after.kind === 'timeout' ? { silentMs: after.ms } : complaints.broken;
  }
}
