/** What a metric usually is, and whether it is out of the ordinary (R002-33). Pure. */
import type { Seen } from './event.js';
import { measured, numberOf, type Metric } from './metric.js';
import type { AnomalyPattern } from './pattern.js';

/** Windows before the one that is judged. */
export const BASELINE_WINDOWS = 7;
/** Of what is measured over windows a point is taken every quarter of one: seven windows have 25 whole ones. */
export const STEPS_PER_WINDOW = 4;
export const WINDOW_POINTS = (BASELINE_WINDOWS - 1) * STEPS_PER_WINDOW + 1;
/** With fewer points nothing is out of the ordinary. */
export const FEWEST_POINTS = 20;
/** Two numbers that differ by less, relative to them, are the same. */
const MARGIN = 1e-9;

/** Standard deviations that make an anomaly. */
const DEVIATIONS: Readonly<Record<AnomalyPattern['sensitivity'], number>> = { low: 3, medium: 2, high: 1.5 };

/** Mean and sample standard deviation of points. */
export interface Baseline {
  points: number;
  mean: number;
  deviation: number;
}

/** The baseline of points, summed up around their mean so that large numbers with small differences keep these. */
export function baselineOf(points: readonly number[]): Baseline {
  const mean = points.reduce((total, point) => total + point, 0) / Math.max(1, points.length);
  const squares = points.reduce((total, point) => total + (point - mean) ** 2, 0);
  return { points: points.length, mean, deviation: points.length < 2 ? 0 : Math.sqrt(squares / (points.length - 1)) };
}

/** Whether a value is out of the ordinary. */
export function isAnomaly(
  value: number,
  { points, mean, deviation }: Baseline,
  { sensitivity, direction = 'above' }: Pick<AnomalyPattern, 'sensitivity' | 'direction'>,
): boolean {
  if (points < FEWEST_POINTS) return false;
  const away = value - mean;
  // A deviation this small is what is left of rounding.
  const margin = MARGIN * Math.max(Math.abs(value), Math.abs(mean));
  const limit = deviation <= margin ? margin : DEVIATIONS[sensitivity] * deviation;
  const isAbove = away > limit;
  const isBelow = -away > limit;
  return direction === 'both' ? isAbove || isBelow : direction === 'above' ? isAbove : isBelow;
}

/** The windows that are points at a moment, newest first, each from (excluded) and to (included); none that begins before `since`. */
export function pointWindows(at: number, windowMs: number, since: number): { from: number; to: number }[] {
  return Array.from({ length: WINDOW_POINTS }, (_, index) => {
    const to = at - windowMs - (index * windowMs) / STEPS_PER_WINDOW;
    return { from: to - windowMs, to };
  }).filter(({ from }) => from >= since);
}

/** The points that events of a group give at a moment: what each said, or the metric of each window. */
export function pointsOf(metric: Metric, events: readonly Seen[], at: number, windowMs: number): number[] {
  if (metric.kind === 'value') {
    const [from, to] = [at - (BASELINE_WINDOWS + 1) * windowMs, at - windowMs];
    return events.flatMap((event) => (event.at > from && event.at <= to ? (numberOf(event, metric) ?? []) : []));
  }
  const since = events.reduce((first, event) => Math.min(first, event.at), Number.POSITIVE_INFINITY);
  return pointWindows(at, windowMs, since).flatMap(({ from, to }) => {
    const inside = events.filter((event) => event.at > from && event.at <= to);
    return measured(metric, inside, windowMs) ?? [];
  });
}
