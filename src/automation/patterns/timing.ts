/** When a pattern is looked at without an event. Pure. */
import { metricIn } from './metric.js';
import type { Pattern } from './pattern.js';
import { lasting, MINUTE_MS } from './windows.js';

/** How often thresholds and anomalies are looked at: silence tells nobody (R002-32). */
const LOOK_MS = MINUTE_MS;

/** Milliseconds from one look to the next; null when events are all that it waits for. */
export function lookEvery(pattern: Pattern): number | null {
  switch (pattern.type) {
    case 'sql':
      return lasting(pattern.interval);
    case 'threshold':
    case 'anomaly':
      return metricIn(pattern.metric)?.kind === 'value' ? null : LOOK_MS;
    case 'event':
    case 'sequence':
      return null;
  }
}

/** Milliseconds until the first look: what is few within a window is few only when a whole window has been watched. */
export function firstLook(pattern: Pattern): number | null {
  const every = lookEvery(pattern);
  return every !== null && pattern.type === 'threshold' ? Math.max(every, lasting(pattern.window)) : every;
}
