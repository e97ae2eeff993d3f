/** What patterns find, event by event, with what they remember in the database. */
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import { isAnomaly } from './baseline.js';
import { matches } from './conditions.js';
import { cross, type Standing } from './crossing.js';
import { fieldOf, shown, type Field, type Seen } from './event.js';
import { eventsOf } from './events.store.js';
import { correlationOf, groupOf } from './groups.js';
import type { Found } from './matches.js';
import { baseline, enough, measure, type Scope } from './measuring.js';
import { growsWithTime, holds, metricIn, numberOf, type Metric } from './metric.js';
import type { AnomalyPattern, EventPattern, SequencePattern, ThresholdPattern } from './pattern.js';
import type { PatternRow } from './patterns.store.js';
import { summedUp, valueOf, type Running } from './running.js';
import { collect, limitsOf, type Collected } from './sequence.js';
import { keepState, keyOf, lockState } from './states.js';
import { lasting } from './windows.js';

/** The event itself, when it is the one that is meant (R002-29). */
export const findEvent = (pattern: EventPattern, event: Seen): Found[] =>
  matches(event, pattern.eventType, pattern.conditions) ? [{ key: event.id, events: [event], detail: {} }] : [];

/** The sequences that the event completes (R002-31). */
export async function findSequences(tx: Tx, row: PatternRow, pattern: SequencePattern, event: Seen): Promise<Found[]> {
  const elements = pattern.events.flatMap(({ eventType, conditions }, index) =>
    matches(event, eventType, conditions) ? [index] : [],
  );
  const correlation = correlationOf(event, pattern);
  if (elements.length === 0 || correlation === undefined) return [];
  const key = keyOf(correlation);
  const before = (await lockState<Collected>(tx, row, key)) ?? { parts: [], endedAt: null };
  const { found, after } = collect(limitsOf(pattern), before, { id: event.id, at: event.at, elements });
  await keepState(tx, row, key, { ...after, group: correlation });
  const all: Found[] = [];
  for (const parts of found) {
    const ids = parts.map(({ id }) => id);
    const events = await eventsOf(tx, ids);
    all.push({ key: keyOf(ids), events, detail: { correlation }, input: { events: events.map(shown) } });
  }
  return all;
}

/**
 * A metric that crosses its value or leaves what is usual, with the event that it is measured at; without one, by the clock (R002-32, R002-33).
 * @param wasThere the event happened before the pattern was made, and has been measured since
 */
export async function findCrossing(
  tx: Tx,
  row: PatternRow,
  pattern: ThresholdPattern | AnomalyPattern,
  group: Json,
  at: number,
  event: Seen | null,
  wasThere = false,
): Promise<Found[]> {
  const metric = metricIn(pattern.metric);
  if (!metric) return [];
  const windowMs = lasting(pattern.window);
  const scope: Scope = {
    eventType: pattern.eventType,
    group: pattern.groupBy === undefined ? null : { field: fieldOf(pattern.groupBy), value: group },
  };
  const key = keyOf(group);
  const before = await lockState<Standing & { running?: Running }>(tx, row, key);
  const span = { from: at - windowMs, to: null };
  // At every event only what decides is counted: a window may hold a million of them, and the threshold is five.
  const most = pattern.type === 'threshold' ? enough(metric, pattern.value, windowMs) : undefined;
  const since = row.watching_since.getTime();
  const running = isSummed(pattern, metric)
    ? await summedUp(tx, scope, metric.field, before?.running, {
        ...{ from: span.from, at, since },
        event: wasThere ? null : event,
      })
    : undefined;
  const value =
    isSummed(pattern, metric) && running
      ? valueOf(metric.kind, running)
      : metric.kind === 'value'
        ? event && numberOf(event, metric)
        : await measure(tx, scope, metric, span, windowMs, most);
  // An event without the number says nothing about it, and neither does the clock.
  if (metric.kind === 'value' && typeof value !== 'number') return [];
  if (pattern.type === 'threshold' && isTooEarly(pattern, metric, row, at)) return [];
  const { isTrue, usual } = await judged(tx, pattern, metric, scope, value ?? undefined, at);
  const cooldownMs = pattern.cooldown === undefined ? windowMs : lasting(pattern.cooldown);
  const { standing, fires } = cross(before, isTrue, at, cooldownMs);
  await keepState(tx, row, key, { ...standing, group, ...(running && { running }) });
  if (!fires) return [];
  const exact = most === undefined ? value : await measure(tx, scope, metric, span, windowMs);
  const detail = { metric: pattern.metric, value: exact ?? null, window: pattern.window, group, ...usual };
  return [
    {
      key: `${key}@${event?.id ?? new Date(at).toISOString()}`,
      events: event ? [event] : [],
      detail,
      ...(!event && { input: detail }),
    },
  ];
}

async function judged(
  tx: Tx,
  pattern: ThresholdPattern | AnomalyPattern,
  metric: Metric,
  scope: Scope,
  value: number | undefined,
  at: number,
): Promise<{ isTrue: boolean; usual: { [name: string]: Json } }> {
  if (pattern.type === 'threshold') {
    const { operator, value: limit } = pattern;
    return { isTrue: value !== undefined && holds(value, operator, limit), usual: { operator, limit } };
  }
  if (value === undefined) return { isTrue: false, usual: {} };
  const usual = await baseline(tx, scope, metric, at, lasting(pattern.window));
  return { isTrue: isAnomaly(value, usual, pattern), usual: { ...usual } };
}

/** Sums and means of thresholds are kept up; a window may hold a million events. */
const isSummed = (
  { type }: ThresholdPattern | AnomalyPattern,
  metric: Metric,
): metric is Metric & { kind: 'sum' | 'avg'; field: Field } =>
  type === 'threshold' && (metric.kind === 'sum' || metric.kind === 'avg');

/** That a count is small says nothing before a whole window was watched. */
const isTooEarly = (
  { operator, window }: ThresholdPattern,
  metric: Metric,
  { watching_since }: PatternRow,
  at: number,
): boolean => operator.startsWith('<') && growsWithTime(metric) && at - watching_since.getTime() < lasting(window);

/** The group that an event is measured in; undefined when it is in none. */
export const measuredGroup = (pattern: ThresholdPattern | AnomalyPattern, event: Seen): Json | undefined =>
  groupOf(event, pattern.groupBy);
