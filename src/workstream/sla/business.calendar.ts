/**
 * Arithmetic of working time. Pure: a calendar and moments in, moments out.
 *
 * A place is open while its own clock reads a time within the day's hours, on days that are no holidays. Moments are instants, so
 * the length of a night in which the clocks change is what it really was: `00:00` to `24:00` has 23 or 25 hours then.
 */
import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A calendar that is open too rarely ends here instead of being searched for ever. */
const MOST_DAYS = 3_660;

/** Opening and closing, minutes after midnight by the local clock; 1440 is the end of the day. */
export type Hours = readonly (readonly [opens: number, closes: number])[];

export interface Calendar {
  /** IANA name, e.g. `Europe/Berlin`. */
  zone: string;
  /** Monday first; each day's hours in order, without overlaps. */
  week: readonly Hours[];
  /** Is the place closed on this local day, `YYYY-MM-DD`? */
  isClosed: (day: string) => boolean;
}

/** The moment at which `ms` of open time have passed since `from`; `from` itself when there is nothing to wait for. */
export function after(calendar: Calendar, from: number, ms: number): number {
  if (ms <= 0) return from;
  let left = ms;
  let last = from;
  for (const [opens, closes] of spans(calendar, from)) {
    if (left <= closes - opens) return opens + left;
    left -= closes - opens;
    last = closes;
  }
  return last;
}

/** How much open time lies between two moments, milliseconds; 0 when the second is not later. */
export function between(calendar: Calendar, from: number, until: number): number {
  let open = 0;
  for (const [opens, closes] of spans(calendar, from)) {
    if (opens >= until) break;
    open += Math.min(closes, until) - opens;
  }
  return open;
}

/** The local day of a moment, `YYYY-MM-DD`. */
export const dayOf = (zone: string, at: number): string => isoDay(at + offsetOf(zoneOf(zone), at));

/** Is there such a zone? */
export const isZone = (name: string): boolean => IANAZone.isValidZone(name);

/** Open times from `from` on, one after the other, as instants. */
function* spans({ zone, week, isClosed }: Calendar, from: number): Generator<readonly [number, number]> {
  const place = zoneOf(zone);
  // Midnight of the local day, written as if the place were in Greenwich: days are counted on paper, not by the clock.
  const first = Math.floor((from + offsetOf(place, from)) / DAY_MS) * DAY_MS;
  for (let day = 0; day < MOST_DAYS; day++) {
    const midnight = first + day * DAY_MS;
    if (isClosed(isoDay(midnight))) continue;
    for (const [opens, closes] of week[weekdayOf(midnight)] ?? []) {
      const start = Math.max(from, instantOf(place, midnight + opens * MINUTE_MS, 'first'));
      const end = instantOf(place, midnight + closes * MINUTE_MS, 'last');
      if (start < end) yield [start, end];
    }
  }
}

/**
 * The instant at which the local clock reads this. Read twice, because the clock was put back: the first or the last time.
 * Never read, because it was put forward: the moment it was.
 */
function instantOf(zone: IANAZone, local: number, which: 'first' | 'last'): number {
  // Offsets change at most once in two days, so the ones around are the only ones that can apply.
  const offsets = [offsetOf(zone, local - DAY_MS), offsetOf(zone, local + DAY_MS)];
  const read = offsets.map((offset) => local - offset).filter((at) => at + offsetOf(zone, at) === local);
  if (read.length > 0) return which === 'first' ? Math.min(...read) : Math.max(...read);
  return changeBetween(zone, local - Math.max(...offsets), local - Math.min(...offsets));
}

/** The minute in which the offset changes, between a moment before and one after. */
function changeBetween(zone: IANAZone, before: number, afterwards: number): number {
  const old = offsetOf(zone, before);
  let [low, high] = [before, afterwards];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetOf(zone, middle) === old) low = middle;
    else high = middle;
  }
  return high;
}

const zoneOf = (name: string): IANAZone => IANAZone.create(name);

/** Milliseconds that local time is ahead of UTC. */
const offsetOf = (zone: IANAZone, at: number): number => zone.offset(at) * MINUTE_MS;

const isoDay = (local: number): string => new Date(local).toISOString().slice(0, 10);

/** 0 is Monday. */
const weekdayOf = (local: number): number => (new Date(local).getUTCDay() + 6) % 7;
