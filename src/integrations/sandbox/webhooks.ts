import { setTimeout as pause } from 'node:timers/promises';
import type { Faults } from './faults.js';
import type { Collection, Journal } from './journal.js';
import type { Provider } from './ledger.js';

/** Something to tell the service. */
export interface Delivery {
  id: string;
  provider: Provider;
  type: string;
  body: string;
  status: 'pending' | 'delivered' | 'undelivered' | 'dropped';
  attempts: number;
  /** The service's last answer; 0 when there was none. */
  responseCode: number | null;
}

/** Signs a body, freshly for each attempt. */
export type Signer = (body: string) => Readonly<Record<string, string>>;

const PATHS: Readonly<Record<string, string>> = { stripe: '/webhooks/stripe', docusign: '/webhooks/docusign' };
/** A target that is down for longer gets the rest when it is asked for, or at the next start. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 200;
const TIMEOUT_MS = 10_000;

/** Tells the service what happened, signed as the provider signs, until it answers 2xx. */
export class Webhooks {
  private readonly deliveries: Collection<Delivery>;
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  /** Deliveries that wait for the next one to overtake them. */
  private held: Delivery[] = [];

  /** @param target address of the service, without a slash at the end */
  constructor(
    private readonly journal: Journal,
    private readonly faults: Faults,
    private readonly signers: Readonly<Partial<Record<Provider, Signer>>>,
    public target: string,
  ) {
    this.deliveries = journal.collection('deliveries');
  }

  /** Tells the service, in the background. */
  enqueue(delivery: Pick<Delivery, 'id' | 'provider' | 'type' | 'body'>): void {
    const { provider, type } = delivery;
    const fault = this.faults.take(
      provider,
      type,
      'webhook-drop',
      'webhook-duplicate',
      'webhook-delay',
      'webhook-reorder',
    );
    const fresh: Delivery = {
      ...delivery,
      status: fault?.kind === 'webhook-drop' ? 'dropped' : 'pending',
      attempts: 0,
      responseCode: null,
    };
    this.deliveries.put(fresh.id, fresh);
    switch (fault?.kind) {
      case 'webhook-drop':
        return;
      case 'webhook-reorder':
        this.held.push(fresh);
        // Nothing may come to overtake it.
        return this.inBackground(async () => {
          await this.wait(fault.ms);
          await this.releaseHeld();
        });
      case 'webhook-delay':
        return this.inBackground(async () => {
          await this.wait(fault.ms);
          await this.deliver(fresh);
        });
      case 'webhook-duplicate':
        return this.inBackground(() => Promise.all([this.deliver(fresh), this.deliver(fresh)]));
      default:
        return this.inBackground(async () => {
          await this.deliver(fresh);
          await this.releaseHeld();
        });
    }
  }

  /** Tries again what has not been delivered; answers how many that are. */
  redeliver(): number {
    const open = this.deliveries.all().filter(({ status }) => status === 'pending' || status === 'undelivered');
    this.inBackground(() => Promise.all(open.map((delivery) => this.deliver(delivery))));
    return open.length;
  }

  all(): Delivery[] {
    return this.deliveries.all();
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.idle();
  }

  private async releaseHeld(): Promise<void> {
    await Promise.all(this.held.splice(0).map((delivery) => this.deliver(delivery)));
  }

  private async deliver(delivery: Delivery): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS && !this.stopping.signal.aborted; attempt++) {
      const responseCode = await this.post(delivery);
      const delivered = responseCode >= 200 && responseCode < 300;
      const status = delivered ? 'delivered' : attempt === ATTEMPTS ? 'undelivered' : 'pending';
      this.deliveries.put(delivery.id, { ...delivery, status, attempts: attempt, responseCode });
      this.journal.commit();
      if (status !== 'pending') return;
      await this.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }

  private async post({ provider, body }: Delivery): Promise<number> {
    try {
      const { status } = await fetch(`${this.target}${PATHS[provider]}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', ...this.signers[provider]?.(body) },
        body,
        signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      return status;
    } catch {
      return 0;
    }
  }

  private async wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private inBackground(work: () => Promise<unknown>): void {
    const job: Promise<void> = work()
      .then(() => undefined)
      .finally(() => this.running.delete(job));
    this.running.add(job);
  }
}
