/** What a pattern would have found in events that have happened: the same decisions as live, over a list (R002-27). Pure. */
import type { Json } from '../../engine/core/driver.js';
import { canonicalText } from '../../engine/core/json.js';
import { BASELINE_WINDOWS, baselineOf, isAnomaly, pointsOf } from './baseline.js';
import { matches } from './conditions.js';
import { cross, type Standing } from './crossing.js';
import type { Seen } from './event.js';
import { correlationOf, groupOf } from './groups.js';
import { growsWithTime, holds, measured, metricIn, numberOf } from './metric.js';
import type { AnomalyPattern, Pattern, SequencePattern, ThresholdPattern } from './pattern.js';
import { collect, limitsOf, type Collected } from './sequence.js';
import { lasting } from './windows.js';

/** A match that would have been. */
export interface Replayed {
  /** When, milliseconds since 1970. */
  at: number;
  events: Seen[];
  detail: { [name: string]: Json };
}

/** How long before a time events matter for it, milliseconds. */
export const leadOf = (pattern: Pattern): number =>
  pattern.type === 'anomaly'
    ? (BASELINE_WINDOWS + 1) * lasting(pattern.window)
    : pattern.type === 'threshold'
      ? lasting(pattern.window)
      : 0;

/** Shows events to a pattern, as if each had come when it happened. @param events oldest first @param since when it began to watch */
export function replay(pattern: Pattern, events: readonly Seen[], since: number): Replayed[] {
  switch (pattern.type) {
    case 'sql':
      return [];
    case 'event':
      return events
        .filter((event) => event.at >= since && matches(event, pattern.eventType, pattern.conditions))
        .map((event) => ({ at: event.at, events: [event], detail: {} }));
    case 'sequence':
      return sequences(pattern, events);
    case 'threshold':
    case 'anomaly':
      return crossings(pattern, events, since);
  }
}

function sequences(pattern: SequencePattern, events: readonly Seen[]): Replayed[] {
  const limits = limitsOf(pattern);
  const known = new Map(events.map((event) => [event.id, event]));
  const states = new Map<string, Collected>();
  return events.flatMap((event) => {
    const elements = pattern.events.flatMap(({ eventType, conditions }, index) =>
      matches(event, eventType, conditions) ? [index] : [],
    );
    const correlation = correlationOf(event, pattern);
    if (elements.length === 0 || correlation === undefined) return [];
    const key = canonicalText(correlation);
    const before = states.get(key) ?? { parts: [], endedAt: null };
    const { found, after } = collect(limits, before, { id: event.id, at: event.at, elements });
    states.set(key, after);
    return found.map((parts) => ({
      at: event.at,
      events: parts.flatMap(({ id }) => known.get(id) ?? []),
      detail: { correlation },
    }));
  });
}

function crossings(pattern: ThresholdPattern | AnomalyPattern, events: readonly Seen[], since: number): Replayed[] {
  const metric = metricIn(pattern.metric);
  if (!metric) return [];
  const windowMs = lasting(pattern.window);
  const cooldownMs = pattern.cooldown === undefined ? windowMs : lasting(pattern.cooldown);
  const before = new Map<string, Seen[]>();
  const standings = new Map<string, Standing>();
  return events.flatMap((event): Replayed[] => {
    const group = matches(event, pattern.eventType) ? groupOf(event, pattern.groupBy) : undefined;
    if (group === undefined) return [];
    const key = canonicalText(group);
    const all = before.get(key) ?? [];
    before.set(key, all);
    all.push(event);
    const value =
      metric.kind === 'value' ? numberOf(event, metric) : measured(metric, after(all, event.at - windowMs), windowMs);
    const isEarly =
      pattern.type === 'threshold' &&
      pattern.operator.startsWith('<') &&
      growsWithTime(metric) &&
      event.at - since < windowMs;
    if (value === undefined || event.at < since || isEarly) return [];
    const { isTrue, usual } = judged(pattern, value, () =>
      // What happened on the very edge belongs to no window, and tells that the first one was watched.
      pointsOf(metric, after(all, event.at - leadOf(pattern) - 1), event.at, windowMs),
    );
    const { standing, fires } = cross(standings.get(key), isTrue, event.at, cooldownMs);
    standings.set(key, standing);
    const detail = { metric: pattern.metric, value, window: pattern.window, group, ...usual };
    return fires ? [{ at: event.at, events: [event], detail }] : [];
  });
}

function judged(
  pattern: ThresholdPattern | AnomalyPattern,
  value: number,
  points: () => number[],
): { isTrue: boolean; usual: { [name: string]: Json } } {
  if (pattern.type === 'threshold')
    return {
      isTrue: holds(value, pattern.operator, pattern.value),
      usual: { operator: pattern.operator, limit: pattern.value },
    };
  const usual = baselineOf(points());
  return { isTrue: isAnomaly(value, usual, pattern), usual: { ...usual } };
}

/** The events that happened after a moment, of a list that is in order. */
function after(events: readonly Seen[], moment: number): Seen[] {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.at ?? 0) > moment) high = middle;
    else low = middle + 1;
  }
  return events.slice(low);
}
