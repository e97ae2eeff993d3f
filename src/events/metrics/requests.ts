import { Injectable } from '@nestjs/common';

/** Latencies are those of the last 1,000 requests, errors those of 5 minutes, throughput that of one (R003-46). */
const LATENCIES = 1_000;
const BUCKET_MS = 10_000;
const ERROR_WINDOW_MS = 300_000;
const RATE_WINDOW_MS = 60_000;
/** Routes of tenants that are remembered at most; those not asked for longest make room. */
const MOST_ROUTES = 500;

/** What is known of a route of a tenant. */
interface Route {
  latencies: number[];
  /** Where the next latency goes. */
  next: number;
  buckets: Map<number, { requests: number; failed: number }>;
}

/** A figure as it is kept. */
export interface Measured {
  tenant: string;
  metric_type: string;
  endpoint: string;
  value: number;
  unit: string;
  data_points: number;
  /** How much it says: 1 with as many data points as are looked at. */
  confidence: number;
}

/** How the requests of the pipeline go, in this process. */
@Injectable()
export class Requests {
  private readonly routes = new Map<string, Route>();

  /** @param ms how long it took @param at milliseconds since 1970 */
  note(tenant: string, endpoint: string, ms: number, isFailed: boolean, at: number): void {
    const name = `${tenant} ${endpoint}`;
    const route: Route = this.routes.get(name) ?? { latencies: [], next: 0, buckets: new Map() };
    this.routes.delete(name);
    this.routes.set(name, route);
    const [oldest] = this.routes.keys();
    if (this.routes.size > MOST_ROUTES && oldest !== undefined) this.routes.delete(oldest);
    route.latencies[route.next] = ms;
    route.next = (route.next + 1) % LATENCIES;
    const number = Math.floor(at / BUCKET_MS);
    const bucket = route.buckets.get(number) ?? { requests: 0, failed: 0 };
    bucket.requests += 1;
    if (isFailed) bucket.failed += 1;
    route.buckets.set(number, bucket);
  }

  /** The figures of every route that was asked within the last 5 minutes. */
  measured(at: number): Measured[] {
    return [...this.routes].flatMap(([name, route]) => {
      const [tenant = '', method = '', path = ''] = name.split(' ');
      const within = (ms: number) => sum(route, Math.floor((at - ms) / BUCKET_MS));
      for (const number of route.buckets.keys())
        if (number < Math.floor((at - ERROR_WINDOW_MS) / BUCKET_MS)) route.buckets.delete(number);
      const recent = within(ERROR_WINDOW_MS);
      if (recent.requests === 0) return [];
      const minute = within(RATE_WINDOW_MS);
      const figure = (metric_type: string, value: number, unit: string, data_points: number): Measured => ({
        ...{ tenant, metric_type, endpoint: `${method} ${path}`, value, unit, data_points },
        confidence: Math.min(1, data_points / LATENCIES),
      });
      const sorted = route.latencies.toSorted((left, right) => left - right);
      return [
        ...([50, 95, 99] as const).map((part) =>
          figure(`latency_p${part}`, percentile(sorted, part), 'ms', sorted.length),
        ),
        figure('error_rate', (100 * recent.failed) / recent.requests, 'percent', recent.requests),
        figure('throughput', minute.requests / (RATE_WINDOW_MS / 1_000), 'requests/s', minute.requests),
      ];
    });
  }
}

function sum({ buckets }: Route, from: number): { requests: number; failed: number } {
  const total = { requests: 0, failed: 0 };
  for (const [number, { requests, failed }] of buckets) {
    if (number < from) continue;
    total.requests += requests;
    total.failed += failed;
  }
  return total;
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil((part / 100) * sorted.length) - 1)] ?? 0;
