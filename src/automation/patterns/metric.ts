/** What thresholds and anomalies measure: its grammar, and its value over events (R002-32). Pure. */
import type { Json } from '../../engine/core/driver.js';
import { FIELD, fieldOf, valueAt, type Field, type Seen } from './event.js';
import type { Operator } from './pattern.js';

/** A metric, understood. `value` is what one event says. */
export type Metric =
  { kind: 'count' } | { kind: 'rate' } | { kind: 'distinct' | 'sum' | 'avg' | 'min' | 'max' | 'value'; field: Field };

const AGGREGATES = ['sum', 'avg', 'min', 'max'] as const;

/** `COUNT(*)`, `COUNT(DISTINCT field)`, `RATE`, `SUM|AVG|MIN|MAX(field)` or a field; undefined when it is none of them. */
export function metricIn(text: string): Metric | undefined {
  if (/^count\(\s*\*\s*\)$/i.test(text)) return { kind: 'count' };
  if (/^rate$/i.test(text)) return { kind: 'rate' };
  const [, distinct] = /^count\(\s*distinct\s+([^\s()]+)\s*\)$/i.exec(text) ?? [];
  if (distinct !== undefined) return FIELD.test(distinct) ? { kind: 'distinct', field: fieldOf(distinct) } : undefined;
  const [, name, of] = /^(sum|avg|min|max)\(\s*([^\s()]+)\s*\)$/i.exec(text) ?? [];
  const kind = AGGREGATES.find((aggregate) => aggregate === name?.toLowerCase());
  if (kind !== undefined && of !== undefined) return FIELD.test(of) ? { kind, field: fieldOf(of) } : undefined;
  // The name of a function alone is a slip.
  return FIELD.test(text) && !/^(COUNT|SUM|AVG|MIN|MAX)$/.test(text)
    ? { kind: 'value', field: fieldOf(text) }
    : undefined;
}

/** The number that one event says, if it says one. */
export function numberOf(event: Seen, metric: Metric): number | undefined {
  const value = 'field' in metric ? valueAt(event, metric.field) : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** The metric over the events of a window; undefined when there is nothing to measure. Of single values it is the last. */
export function measured(metric: Metric, events: readonly Seen[], windowMs: number): number | undefined {
  switch (metric.kind) {
    case 'count':
      return events.length;
    case 'rate':
      return events.length / (windowMs / 1_000);
    case 'distinct':
      return new Set(events.flatMap((event) => distinctKey(valueAt(event, metric.field)))).size;
    default: {
      const numbers = events.flatMap((event) => numberOf(event, metric) ?? []);
      return folded(metric.kind, numbers);
    }
  }
}

function folded(kind: 'sum' | 'avg' | 'min' | 'max' | 'value', numbers: readonly number[]): number | undefined {
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (kind === 'sum') return sum;
  if (numbers.length === 0) return undefined;
  switch (kind) {
    case 'avg':
      return sum / numbers.length;
    case 'min':
      return numbers.reduce((least, number) => Math.min(least, number));
    case 'max':
      return numbers.reduce((most, number) => Math.max(most, number));
    case 'value':
      return numbers.at(-1);
  }
}

const distinctKey = (value: Json | undefined): string[] =>
  value === undefined || value === null ? [] : [JSON.stringify(value)];

/** Whether a metric is on the side of a value that a threshold asks for. */
export function holds(metric: number, operator: Operator, value: number): boolean {
  switch (operator) {
    case '>':
      return metric > value;
    case '<':
      return metric < value;
    case '>=':
      return metric >= value;
    case '<=':
      return metric <= value;
    case '==':
      return metric === value;
    case '!=':
      return metric !== value;
  }
}

/** Counts grow while nobody has looked for a whole window: that they are small says nothing by then. */
export const growsWithTime = ({ kind }: Metric): boolean => ['count', 'rate', 'distinct', 'sum'].includes(kind);
