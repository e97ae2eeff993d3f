import { createRequire } from 'node:module';
import type HolidaysOfAll from 'date-holidays';

// Loaded by whoever sets a place: the rules of all countries are three megabytes.
const load = () => createRequire(import.meta.url)('date-holidays') as typeof HolidaysOfAll;

const DAY_MS = 86_400_000;
/** Days of a place and a year, worked out once: the rules behind them take milliseconds. */
const known = new Map<string, ReadonlySet<string>>();

/** The public holidays of a country, a state or a region (`DE`, `DE-BY`, `US-LA-NO`) in one year, as local days `YYYY-MM-DD`. */
export function publicHolidays(place: string, year: number): ReadonlySet<string> {
  const key = `${place}:${year}`;
  const days = known.get(key) ?? new Set(daysOf(place, year));
  known.set(key, days);
  return days;
}

/** Is there such a country, state or region? */
export function isHolidayPlace(place: string): boolean {
  const [country = '', state, region] = place.split('-');
  const all = new (load())();
  if (!Object.hasOwn(all.getCountries(), country)) return false;
  if (state === undefined) return true;
  if (!Object.hasOwn(all.getStates(country) ?? {}, state)) return false;
  return region === undefined || Object.hasOwn(all.getRegions(country, state) ?? {}, region);
}

function daysOf(place: string, year: number): string[] {
  const Holidays = load();
  const [country = '', state, region] = place.split('-');
  const calendar =
    region !== undefined && state !== undefined
      ? new Holidays(country, state, region)
      : state !== undefined
        ? new Holidays(country, state)
        : new Holidays(country);
  return calendar
    .getHolidays(year)
    .filter(({ type }) => type === 'public')
    .flatMap(({ date, start, end }) => {
      // The date is local. Feasts of several days are one entry with a long span.
      const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
      const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
      return Array.from({ length: days }, (_, day) => new Date(first + day * DAY_MS).toISOString().slice(0, 10));
    });
}
