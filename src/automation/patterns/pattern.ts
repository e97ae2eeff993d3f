/** A pattern over events, in the words in which it is written (R002-28 to R002-33). */
import type { Json } from '../../engine/core/driver.js';

/** By field: a value to be equal to, or operators. A field is a name in the event's data, deeper ones with dots. */
export type Conditions = { readonly [field: string]: Json };

/** One event, by its type and what it says. */
export interface EventPattern {
  type: 'event';
  /** A name; `user.*` is every name that begins with `user.`, `*` every name. */
  eventType: string;
  conditions?: Conditions;
}

export const INTERVALS = ['1m', '5m', '15m', '1h', '1d'] as const;

/** A query that is asked now and then; rows that were not there before are a match. */
export interface SqlPattern {
  type: 'sql';
  query: string;
  interval: (typeof INTERVALS)[number];
}

/** One event of a sequence. */
export interface Element {
  eventType: string;
  conditions?: Conditions;
  /** How long after the one before it, or after the earliest when the order is free. */
  within?: string;
}

/** Several events that belong together. */
export interface SequencePattern {
  type: 'sequence';
  events: readonly Element[];
  /** True when left out. */
  ordered?: boolean;
  /** What they have in common; the user, else the session, else the tenant, when left out. */
  correlateBy?: string;
}

export const OPERATORS = ['>', '<', '>=', '<=', '==', '!='] as const;
/** How a metric is held against a value. */
export type Operator = (typeof OPERATORS)[number];

/** What is measured over a window of time, or of each event. */
interface Measured {
  eventType: string;
  metric: string;
  window: string;
  /** Each value of this field is measured by itself. */
  groupBy?: string;
  /** How long it is quiet after it has fired; the window when left out. */
  cooldown?: string;
}

/** A metric that crosses a value. */
export interface ThresholdPattern extends Measured {
  type: 'threshold';
  operator: Operator;
  value: number;
}

export const SENSITIVITIES = ['low', 'medium', 'high'] as const;
export const DIRECTIONS = ['above', 'below', 'both'] as const;

/** A metric that is not what it was in the seven windows before. */
export interface AnomalyPattern extends Measured {
  type: 'anomaly';
  sensitivity: (typeof SENSITIVITIES)[number];
  /** `above` when left out. */
  direction?: (typeof DIRECTIONS)[number];
}

export const PATTERN_TYPES = ['event', 'sql', 'sequence', 'threshold', 'anomaly'] as const;
export type Pattern = EventPattern | SqlPattern | SequencePattern | ThresholdPattern | AnomalyPattern;

/** The names of events that a pattern waits for, each once; none for a query. */
export function awaited(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'sql':
      return [];
    case 'sequence':
      return [...new Set(pattern.events.map(({ eventType }) => eventType))];
    default:
      return [pattern.eventType];
  }
}

/** Whether a name of a pattern takes the name of an event. */
export const takes = (eventType: string, name: string): boolean =>
  eventType.endsWith('*') ? name.startsWith(eventType.slice(0, -1)) : eventType === name;
