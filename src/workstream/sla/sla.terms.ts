/** What a rule means in moments. Pure. */
import type { Schedule } from '../../../machines/sla.js';
import { after, between, type Calendar } from './business.calendar.js';

const HOUR_MS = 3_600_000;

/** A rule, as far as moments depend on it. */
export interface Terms {
  threshold_hrs: number;
  clock: 'wall' | 'business';
  /** Share of the threshold after which somebody is warned. */
  warn_pct: number;
  revision: number;
}

/** A calendar, and what it is remembered by. */
export interface KnownCalendar {
  calendar: Calendar;
  hash: string;
}

/** The moments of a clock that goes since `since` and has counted so much before. */
export function scheduleOf(
  terms: Terms,
  { calendar, hash }: KnownCalendar,
  since: number,
  countedMs: number,
): Schedule {
  const thresholdMs = Math.round(terms.threshold_hrs * HOUR_MS);
  const momentOf = (ms: number) =>
    terms.clock === 'wall' ? since + Math.max(0, ms) : after(calendar, since, Math.round(ms));
  return {
    thresholdMs,
    countedMs,
    since,
    warnAt: Math.round(momentOf((thresholdMs * terms.warn_pct) / 100 - countedMs)),
    dueAt: Math.round(momentOf(thresholdMs - countedMs)),
    ruleRevision: terms.revision,
    calendar: terms.clock === 'wall' ? '' : hash,
  };
}

/** Time of the rule's kind between two moments, milliseconds. */
export const passed = ({ clock }: Terms, { calendar }: KnownCalendar, from: number, until: number): number =>
  clock === 'wall' ? Math.max(0, until - from) : between(calendar, from, until);
