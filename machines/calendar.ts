/** Arithmetic with calendar months, in UTC. Pure. */

/** The same day and time of day so many months later; the last day of that month where it has no such day. */
export function addMonths(at: number, months: number): number {
  const day = new Date(at);
  const wanted = day.getUTCDate();
  day.setUTCDate(1);
  day.setUTCMonth(day.getUTCMonth() + months);
  day.setUTCDate(Math.min(wanted, lastDayOf(day)));
  return day.getTime();
}

/** Day 0 of the next month. */
const lastDayOf = (day: Date): number =>
  new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
