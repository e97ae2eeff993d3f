/** Metrics over the events of a window, reckoned where they lie: the same as in metric.ts, against which tests hold it. */
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import { BASELINE_WINDOWS, baselineOf, pointWindows, type Baseline } from './baseline.js';
import type { Field, OwnField } from './event.js';
import type { Metric } from './metric.js';

/** Which events are measured. */
export interface Scope {
  eventType: string;
  /** The field that keeps groups apart, and the group's value; null measures all. */
  group: { field: Field; value: Json } | null;
}

/** A time from its first moment, which is not part of it, to its last; null is without end. Milliseconds since 1970. */
interface Span {
  from: number;
  to: number | null;
}

const COLUMNS: Readonly<Record<OwnField, string>> = { userId: 'user_id', sessionId: 'session_id', source: 'source' };

/**
 * The metric of the events of a span; undefined when there is nothing to measure.
 * @param most counts go no further: whoever only asks whether there are more than a few need not know how many more
 */
export async function measure(
  tx: Tx,
  scope: Scope,
  metric: Metric,
  span: Span,
  windowMs: number,
  most?: number,
): Promise<number | undefined> {
  const asking = new Asking();
  const isCount = metric.kind === 'count' || metric.kind === 'rate';
  const statement =
    isCount && most !== undefined
      ? `select count(*)::float8 as value from (${asking.about('1', scope, span)} order by happened_at desc limit ${asking.value(most, 'bigint')}) few`
      : asking.about(`(${expressionOf(metric, asking)})::float8 as value`, scope, span);
  const row = await tx.one<{ value: number | null }>(statement, asking.values);
  const value = row?.value ?? undefined;
  return metric.kind === 'rate' && value !== undefined ? value / (windowMs / 1_000) : value;
}

/** The numbers of a field in a span, summed exactly, and how many they are. @param without an event that is left out */
export async function total(
  tx: Tx,
  scope: Scope,
  field: Field,
  span: Span,
  without?: string,
): Promise<{ sum: string; count: number }> {
  const asking = new Asking();
  const json = asking.json(field);
  const number = `case when jsonb_typeof(${json}) = 'number' then (${json})::numeric end`;
  const about = asking.about(`coalesce(sum(${number}), 0)::text as sum, count(${number})::int as count`, scope, span);
  const but = without === undefined ? '' : ` and event_id <> ${asking.value(without, 'text')}`;
  const row = await tx.one<{ sum: string; count: number }>(about + but, asking.values);
  return row ?? { sum: '0', count: 0 };
}

/** How far events are counted to know on which side of a value their number is; undefined where that says nothing. */
export function enough(metric: Metric, value: number, windowMs: number): number | undefined {
  const limit = metric.kind === 'count' ? value : metric.kind === 'rate' ? value * (windowMs / 1_000) : undefined;
  return limit === undefined ? undefined : Math.min(Math.max(0, Math.floor(limit)) + 1, Number.MAX_SAFE_INTEGER);
}

/** What the metric of a scope usually is at a moment. */
export async function baseline(tx: Tx, scope: Scope, metric: Metric, at: number, windowMs: number): Promise<Baseline> {
  const oldest = at - (BASELINE_WINDOWS + 1) * windowMs;
  if (metric.kind === 'value') return single(tx, scope, metric.field, { from: oldest, to: at - windowMs });
  const asking = new Asking();
  const first = await tx.one<{ at: number | null }>(
    asking.about('(extract(epoch from min(happened_at)) * 1000)::float8 as at', scope, { from: oldest - 1, to: at }),
    asking.values,
  );
  const points: number[] = [];
  for (const span of pointWindows(at, windowMs, first?.at ?? Number.POSITIVE_INFINITY)) {
    const point = await measure(tx, scope, metric, span, windowMs);
    if (point !== undefined) points.push(point);
  }
  return baselineOf(points);
}

/** What single events usually say. */
async function single(tx: Tx, scope: Scope, field: Field, span: Span): Promise<Baseline> {
  const asking = new Asking();
  const number = numberIn(asking.json(field));
  const row = await tx.one<Baseline>(
    asking.about(
      `count(${number})::int as points, coalesce(avg(${number}), 0) as mean, coalesce(stddev_samp(${number}), 0) as deviation`,
      scope,
      span,
    ),
    asking.values,
  );
  return row ?? baselineOf([]);
}

function expressionOf(metric: Metric, asking: Asking): string {
  switch (metric.kind) {
    case 'count':
    case 'rate':
      return 'count(*)';
    case 'distinct':
      return `count(distinct ${asking.json(metric.field)})`;
    case 'sum':
      return `coalesce(sum(${numberIn(asking.json(metric.field))}), 0)`;
    case 'value':
      return `(array_agg(${numberIn(asking.json(metric.field))} order by happened_at desc))[1]`;
    default:
      return `${metric.kind}(${numberIn(asking.json(metric.field))})`;
  }
}

const numberIn = (json: string): string => `case when jsonb_typeof(${json}) = 'number' then (${json})::float8 end`;

/** A statement and its values, as it is put together. */
class Asking {
  readonly values: unknown[] = [];

  about(select: string, { eventType, group }: Scope, { from, to }: Span): string {
    const type = eventType.endsWith('*')
      ? `starts_with(type, ${this.value(eventType.slice(0, -1), 'text')})`
      : `type = ${this.value(eventType, 'text')}`;
    const moment = (at: number) => `to_timestamp(${this.value(at, 'float8')} / 1000)`;
    return `select ${select} from automation.pattern_events
      where tenant = engine.tenant() and ${type} and happened_at > ${moment(from)}
        ${to === null ? '' : `and happened_at <= ${moment(to)}`}
        ${group === null ? '' : `and ${this.isOf(group)}`}`;
  }

  /** A field as JSON; what is null is nothing. */
  json(field: Field): string {
    if ('own' in field) return `to_jsonb(${COLUMNS[field.own]})`;
    return `nullif(data #> ${this.value(field.path, 'text[]')}, 'null')`;
  }

  /** Own fields are texts with an index; anything else is compared as JSON. */
  private isOf({ field, value }: { field: Field; value: Json }): string {
    if ('own' in field && typeof value === 'string') return `${COLUMNS[field.own]} = ${this.value(value, 'text')}`;
    return `${this.json(field)} = ${this.value(JSON.stringify(value), 'jsonb')}`;
  }

  value(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}
