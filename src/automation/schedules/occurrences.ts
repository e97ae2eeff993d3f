/** When a schedule is due: cron expressions and recurrences, in a time zone, right across changes of its clocks. Pure. */
import { Cron } from 'croner';
import { DateTime, IANAZone } from 'luxon';
import rruleModule from 'rrule';
import type { RuleSchedule } from '../rules/rule.js';

const { RRule } = rruleModule;

/** What is not due within this time is never due. */
const FARTHEST = { years: 10 };
/** A recurrence is counted from its beginning every time, so it may not have come more often than this in ten years. */
const MOST_A_DAY = 24;
const DAILY_OR_RARER = new Set([RRule.DAILY, RRule.WEEKLY, RRule.MONTHLY, RRule.YEARLY]);
const MOST_INTERVAL = 1_000;
const RRULE_PARTS = new Set([
  'FREQ',
  'INTERVAL',
  'COUNT',
  'UNTIL',
  'WKST',
  'BYMONTH',
  'BYMONTHDAY',
  'BYDAY',
  'BYWEEKNO',
  'BYYEARDAY',
  'BYSETPOS',
  'BYHOUR',
  'BYMINUTE',
]);

/** Why a schedule cannot be used, or undefined. */
export function scheduleObjection({ cron, rrule, timezone }: RuleSchedule): string | undefined {
  if (!IANAZone.isValidZone(timezone)) return `${timezone.slice(0, 64)} is no time zone`;
  if ((cron === undefined) === (rrule === undefined)) return 'has either a cron expression or a recurrence';
  try {
    return cron === undefined ? rruleObjection(rrule ?? '') : cronObjection(cron, timezone);
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, 200);
  }
}

/**
 * The first moment after `after` at which it is due; null when there is none. Milliseconds since 1970.
 * @param since what recurrences are counted from
 */
export const nextOccurrence = (schedule: RuleSchedule, after: number, since: number): number | null =>
  schedule.cron === undefined
    ? nextOfRrule(schedule.rrule ?? '', schedule.timezone, after, since)
    : nextOfCron(schedule.cron, schedule.timezone, after);

const cronOf = (expression: string, timezone: string) =>
  new Cron(expression, { timezone, mode: '5-part', paused: true });

function cronObjection(expression: string, timezone: string): string | undefined {
  if (expression.trim().split(/\s+/).length !== 5) return 'a cron expression has five parts';
  return cronOf(expression, timezone).nextRun() === null ? 'is never due' : undefined;
}

function nextOfCron(expression: string, timezone: string, after: number): number | null {
  const next = cronOf(expression, timezone).nextRun(new Date(after));
  return next === null ? null : next.getTime();
}

function rruleObjection(text: string): string | undefined {
  if (/[\r\n]|DTSTART|TZID|^RRULE:/i.test(text)) return 'a recurrence is the rule alone: FREQ=…;…';
  const unknown = text.split(';').find((part) => !RRULE_PARTS.has(part.split('=')[0] ?? ''));
  if (unknown !== undefined) return `${unknown.slice(0, 50)} is no part of a recurrence here`;
  const { freq, interval = 1, byhour, byminute, count } = RRule.parseString(text);
  if (freq === undefined || !DAILY_OR_RARER.has(freq)) return 'FREQ is DAILY, WEEKLY, MONTHLY or YEARLY';
  if (!(interval >= 1 && interval <= MOST_INTERVAL)) return `INTERVAL is 1 to ${MOST_INTERVAL}`;
  if (count !== undefined && count !== null && !(count >= 1 && count <= 100_000)) return 'COUNT is 1 to 100000';
  if (lengthOf(byhour) * lengthOf(byminute) > MOST_A_DAY) return `is due more than ${MOST_A_DAY} times a day`;
  // Made once to see whether it can be made.
  return new RRule({ ...RRule.parseString(text), dtstart: new Date(0) }).options.bysecond.length > 1
    ? 'is due every second'
    : undefined;
}

const lengthOf = (list: number | number[] | null | undefined): number => (Array.isArray(list) ? list.length : 1);

/** The library counts in local time, told as if it were UTC; what time that is, is for the zone to say. */
function nextOfRrule(text: string, timezone: string, after: number, since: number): number | null {
  const from = DateTime.fromMillis(after, { zone: timezone });
  const { until, ...parts } = RRule.parseString(text);
  const last = pretended(from.plus(FARTHEST));
  // UNTIL is a moment; the others are local.
  const end = until ? pretended(DateTime.fromJSDate(until, { zone: timezone })) : last;
  const rule = new RRule({
    ...parts,
    bysecond: [0],
    dtstart: pretended(DateTime.fromMillis(since, { zone: timezone }).startOf('minute')),
    until: end < last ? end : last,
  });
  for (let at = pretended(from); ;) {
    const next = rule.after(at, false);
    if (next === null) return null;
    const moment = real(next, timezone);
    // The first of an hour that comes twice may lie behind us.
    if (moment > after) return moment;
    at = next;
  }
}

const pretended = ({ year, month, day, hour, minute, second }: DateTime): Date =>
  new Date(Date.UTC(year, month - 1, day, hour, minute, second));

/** A time that the clocks skip is put forward by as much; of one that comes twice it is the first. */
function real(local: Date, zone: string): number {
  const time = DateTime.fromObject(
    {
      year: local.getUTCFullYear(),
      month: local.getUTCMonth() + 1,
      day: local.getUTCDate(),
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
    },
    { zone },
  );
  return Math.min(...time.getPossibleOffsets().map((moment) => moment.toMillis()));
}
