/** Which events a pattern keeps apart, and which belong together. Pure. */
import type { Json } from '../../engine/core/driver.js';
import { fieldOf, valueAt, type Seen } from './event.js';
import type { SequencePattern } from './pattern.js';

/** The one group of a pattern that keeps nothing apart. */
export const ALL = null;

/** The group of an event: ALL without `groupBy`; undefined when the event belongs to none. Lists and objects are no groups. */
export function groupOf(event: Seen, groupBy: string | undefined): Json | undefined {
  if (groupBy === undefined) return ALL;
  const value = valueAt(event, fieldOf(groupBy));
  return typeof value === 'object' ? undefined : value;
}

/** What an event has in common with others of a sequence: its user, else its session, else its tenant (R002-31). */
export function correlationOf(event: Seen, { correlateBy }: Pick<SequencePattern, 'correlateBy'>): Json | undefined {
  if (correlateBy !== undefined) return groupOf(event, correlateBy);
  if (event.userId !== null) return ['user', event.userId];
  return event.sessionId === null ? ['tenant'] : ['session', event.sessionId];
}
