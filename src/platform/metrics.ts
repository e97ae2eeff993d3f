import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const REQUEST_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const EFFECT_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Everything the service counts about itself, for Prometheus. Labels never carry ids: each value is one of few. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'statewright_http_request_duration_seconds',
    help: 'Time to answer a request, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_SECONDS,
    registers: [this.registry],
  });
  private readonly transitions = new Counter({
    name: 'statewright_transitions_total',
    help: 'Transitions committed.',
    labelNames: ['lifecycle', 'from', 'to'],
    registers: [this.registry],
  });
  private readonly effects = new Histogram({
    name: 'statewright_effect_duration_seconds',
    help: 'Time an attempt of an effect took, by how it ended.',
    labelNames: ['type', 'outcome'],
    buckets: EFFECT_SECONDS,
    registers: [this.registry],
  });

  private readonly sheds = new Counter({
    name: 'statewright_requests_shed_total',
    help: 'Requests turned away, by what was used up.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  private readonly errors = new Counter({
    name: 'statewright_error_occurred_total',
    help: 'Events, patterns, workflows and actions that came to nothing.',
    labelNames: ['of'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** One answered request; `route` is the pattern, not the path. */
  request(method: string, route: string, status: number, ms: number): void {
    this.requests.observe({ method, route, status }, ms / 1000);
  }

  /** One committed transition; `from` is null for the first. */
  transition(lifecycle: string, from: string | null, to: string): void {
    this.transitions.inc({ lifecycle, from: from ?? '', to });
  }

  /** One attempt of an effect: `done`, `retry` or `failed`. */
  effect(type: string, outcome: string, ms: number): void {
    this.effects.observe({ type, outcome }, ms / 1000);
  }

  /** One request turned away: all `requests` or `streams` were taken, too many `bytes`, a tenant's `share`, or the `database` could not. */
  shed(reason: 'requests' | 'streams' | 'bytes' | 'share' | 'database'): void {
    this.sheds.inc({ reason });
  }

  /** Something that came to nothing (R002-76). */
  error(of: 'event' | 'pattern' | 'workflow' | 'action'): void {
    this.errors.inc({ of });
  }

  /** A value read whenever somebody looks: one number, or one for each value of a label. */
  gauge(
    name: `statewright_${string}`,
    help: string,
    label: string,
    read: () => Readonly<Record<string, number>>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        for (const [value, number] of Object.entries(read())) this.set({ [label]: value }, number);
      },
    });
  }

  /** Something that happens again and again, told apart by labels. @returns what counts one, or as many as it is told */
  counter<Label extends string>(
    name: `statewright_${string}`,
    help: string,
    labelNames: readonly Label[],
  ): (labels: Readonly<Record<Label, string>>, by?: number) => void {
    const counter = new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
    return (labels, by) => counter.inc({ ...labels }, by);
  }

  /** The time that something takes which happens again and again, told apart by labels. @returns what notes one, milliseconds */
  duration<Label extends string>(
    name: `statewright_${string}`,
    help: string,
    labelNames: readonly Label[],
  ): (labels: Readonly<Record<Label, string>>, ms: number) => void {
    const known = { name, help, labelNames: [...labelNames], buckets: EFFECT_SECONDS, registers: [this.registry] };
    const histogram = new Histogram(known);
    return (labels, ms) => histogram.observe({ ...labels }, ms / 1000);
  }

  readonly contentType = this.registry.contentType;

  /** The Prometheus text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
