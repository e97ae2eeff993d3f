import { createHash } from 'node:crypto';
import { ArrayMaxSize, IsArray, Matches, registerDecorator } from 'class-validator';
import { isZone, type Calendar, type Hours } from './business.calendar.js';
import { isHolidayPlace, publicHolidays } from './holidays.js';

const SHIFT = /^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;
const DAY = /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const MOST_SHIFTS = 6;
const NINE_TO_FIVE = ['09:00-17:00'];

/** A rule for a field that only this file needs. */
const Must = (message: string, check: (value: unknown) => boolean): PropertyDecorator =>
  function (target, propertyName) {
    registerDecorator({
      name: 'must',
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message },
      validator: { validate: check },
    });
  };

const ShiftsOfDay = () =>
  Must(`$property must be at most ${MOST_SHIFTS} shifts like 09:00-17:00, in order and apart`, areShifts);

/** When a tenant works: by it business time is counted and days begin and end (R001-87). */
export class CalendarSettings {
  /** IANA zone. */
  @Must('zone must be an IANA time zone like Europe/Berlin', (value) => typeof value === 'string' && isZone(value))
  zone: string = 'UTC';
  /** Hours by the local clock, `24:00` is the end of the day; no hours mean closed. */
  @ShiftsOfDay() monday: string[] = NINE_TO_FIVE;
  @ShiftsOfDay() tuesday: string[] = NINE_TO_FIVE;
  @ShiftsOfDay() wednesday: string[] = NINE_TO_FIVE;
  @ShiftsOfDay() thursday: string[] = NINE_TO_FIVE;
  @ShiftsOfDay() friday: string[] = NINE_TO_FIVE;
  @ShiftsOfDay() saturday: string[] = [];
  @ShiftsOfDay() sunday: string[] = [];
  /** Country, state or region whose public holidays are kept: `DE`, `DE-BY`; empty for none. */
  @Must('holidays must be a country, state or region like DE or DE-BY, or empty', (value) =>
    value === '' ? true : typeof value === 'string' && isHolidayPlace(value),
  )
  holidays: string = '';
  /** Days on which the place is closed besides, `YYYY-MM-DD`. */
  @IsArray() @ArrayMaxSize(400) @Matches(DAY, { each: true }) closedDays: string[] = [];
}

/** The calendar as the arithmetic takes it. */
export function calendarOf(settings: CalendarSettings): Calendar {
  const closed = new Set(settings.closedDays);
  const isHoliday = (day: string) =>
    settings.holidays !== '' && publicHolidays(settings.holidays, Number(day.slice(0, 4))).has(day);
  return {
    zone: settings.zone,
    week: weekOf(settings).map((shifts) => shifts.map(minutesOf)),
    isClosed: (day) => closed.has(day) || isHoliday(day),
  };
}

/** The same for the same calendar: clocks remember by which one they were set. */
export const hashOf = (settings: CalendarSettings): string =>
  createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);

/** Is there a shift in the week at all? */
export const isEverOpen = (settings: CalendarSettings): boolean => weekOf(settings).some(({ length }) => length > 0);

const weekOf = (of: CalendarSettings): string[][] => [
  of.monday,
  of.tuesday,
  of.wednesday,
  of.thursday,
  of.friday,
  of.saturday,
  of.sunday,
];

function areShifts(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MOST_SHIFTS) return false;
  const shifts = value.map((shift: unknown) =>
    typeof shift === 'string' && SHIFT.test(shift) ? minutesOf(shift) : null,
  );
  return shifts.every((shift, at) => {
    const before = shifts[at - 1]?.[1] ?? 0;
    return shift !== null && shift[0] >= before && shift[0] < shift[1] && shift[1] <= 1_440;
  });
}

function minutesOf(shift: string): Hours[number] {
  const [, fromHour, fromMinute, untilHour, untilMinute] = SHIFT.exec(shift) ?? [];
  return [Number(fromHour) * 60 + Number(fromMinute), Number(untilHour) * 60 + Number(untilMinute)];
}
