import {
  after,
  between,
  dayOf,
  isZone,
  type Calendar,
  type Hours,
} from '../../src/workstream/sla/business.calendar.js';

const HOUR = 3_600_000;
const NINE_TO_FIVE: Hours = [[9 * 60, 17 * 60]];
const ALL_DAY: Hours = [[0, 24 * 60]];
const CLOSED: Hours = [];

const office = (zone: string, more: Partial<Calendar> = {}): Calendar => ({
  zone,
  week: [...Array.from({ length: 5 }, () => NINE_TO_FIVE), CLOSED, CLOSED],
  isClosed: () => false,
  ...more,
});
const always = (zone: string) => office(zone, { week: Array.from({ length: 7 }, () => ALL_DAY) });
const every = (zone: string, opens: number, closes: number) =>
  office(zone, { week: Array.from({ length: 7 }, (): Hours => [[opens, closes]]) });
const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString();

describe('working hours', () => {
  const berlin = office('Europe/Berlin');

  it.each([
    // Winter: Berlin is UTC+1.
    ['within a day', '2026-01-05T09:00:00Z', 2, '2026-01-05T11:00:00.000Z'],
    ['to the last minute of a day', '2026-01-05T09:00:00Z', 7, '2026-01-05T16:00:00.000Z'],
    ['over a night', '2026-01-05T15:00:00Z', 2, '2026-01-06T09:00:00.000Z'],
    ['from before opening', '2026-01-05T05:00:00Z', 1, '2026-01-05T09:00:00.000Z'],
    ['from after closing', '2026-01-05T20:00:00Z', 1, '2026-01-06T09:00:00.000Z'],
    ['over a weekend', '2026-01-09T15:30:00Z', 1, '2026-01-12T08:30:00.000Z'],
    ['from a Saturday', '2026-01-10T12:00:00Z', 8, '2026-01-12T16:00:00.000Z'],
    ['over a whole week', '2026-01-05T08:00:00Z', 40, '2026-01-09T16:00:00.000Z'],
    ['over a year', '2026-01-05T08:00:00Z', 40 * 52, '2027-01-01T16:00:00.000Z'],
  ])('are counted %s', (_, from, hours, until) => {
    expect(iso(after(berlin, at(from), hours * HOUR))).toBe(until);
    expect(between(berlin, at(from), at(until))).toBe(hours * HOUR);
  });

  it('pass a moment at once when there is nothing to wait for', () => {
    expect(after(berlin, 5, 0)).toBe(5);
    expect(after(berlin, 5, -1)).toBe(5);
    expect(between(berlin, 5, 5)).toBe(0);
    expect(between(berlin, 5, 4)).toBe(0);
  });

  it('may have a break', () => {
    const split = office('UTC', {
      week: Array.from({ length: 7 }, (): Hours => [
        [540, 720],
        [780, 1020],
      ]),
    });
    expect(iso(after(split, at('2026-01-05T11:30:00Z'), HOUR))).toBe('2026-01-05T13:30:00.000Z');
    expect(between(split, at('2026-01-05T00:00:00Z'), at('2026-01-06T00:00:00Z'))).toBe(7 * HOUR);
  });

  it('leave out holidays by the local day', () => {
    const closed = office('Pacific/Auckland', { isClosed: (day) => day === '2026-02-06' });
    // Thursday 16:00 in Auckland, UTC+13; Friday is a holiday.
    expect(iso(after(closed, at('2026-02-05T03:00:00Z'), 2 * HOUR))).toBe('2026-02-08T21:00:00.000Z');
  });

  it('of a place that never opens are searched for ten years and no longer', () => {
    const never = office('UTC', { week: [] });
    expect(after(never, 1_000, HOUR)).toBe(1_000);
    const rarely = office('UTC', { week: [[[0, 1]]] });
    expect(after(rarely, at('2026-01-05T00:00:00Z'), 1_000 * HOUR)).toBeLessThan(at('2036-02-01T00:00:00Z'));
  });
});

describe('nights in which the clocks change', () => {
  it.each([
    // A wall day that is open around the clock has 23 hours in spring and 25 in autumn.
    ['Europe/Berlin', '2026-03-28T23:00:00Z', 23, '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T22:00:00Z', 25, '2026-10-25T23:00:00.000Z'],
    ['America/New_York', '2026-03-08T05:00:00Z', 23, '2026-03-09T04:00:00.000Z'],
    ['America/New_York', '2026-11-01T04:00:00Z', 25, '2026-11-02T05:00:00.000Z'],
    ['Australia/Sydney', '2026-10-03T14:00:00Z', 23, '2026-10-04T13:00:00.000Z'],
    ['Australia/Sydney', '2026-04-04T13:00:00Z', 25, '2026-04-05T14:00:00.000Z'],
    // Half an hour of summer time.
    ['Australia/Lord_Howe', '2026-10-03T13:30:00Z', 23.5, '2026-10-04T13:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-04T13:00:00Z', 24.5, '2026-04-05T13:30:00.000Z'],
    // The clock is put forward at midnight: the day begins at one.
    ['Africa/Cairo', '2026-04-23T22:00:00Z', 23, '2026-04-24T21:00:00.000Z'],
    // Never changes.
    ['Asia/Kolkata', '2026-03-28T18:30:00Z', 24, '2026-03-29T18:30:00.000Z'],
  ])('in %s the day from %s has %d hours', (zone, from, hours, until) => {
    const day = every(zone, 0, 1440);
    expect(iso(after(day, at(from), hours * HOUR))).toBe(until);
    expect(between(day, at(from), at(until))).toBe(hours * HOUR);
    expect(dayOf(zone, at(from))).not.toBe(dayOf(zone, at(until)));
  });

  it('do not move the office hours of the local clock', () => {
    const berlin = office('Europe/Berlin');
    // Friday 16:00 before the change, one hour left; Monday opens at 09:00 local, which is an hour earlier in UTC.
    expect(iso(after(berlin, at('2026-03-27T15:00:00Z'), 2 * HOUR))).toBe('2026-03-30T08:00:00.000Z');
    expect(iso(after(berlin, at('2026-10-23T14:00:00Z'), 2 * HOUR))).toBe('2026-10-26T09:00:00.000Z');
  });

  it('begin a shift that the local clock skips when the clock is put forward', () => {
    const night = every('America/New_York', 150, 210); // 02:30 to 03:30
    expect(between(night, at('2026-03-08T05:00:00Z'), at('2026-03-09T04:00:00Z'))).toBe(HOUR / 2);
    expect(iso(after(night, at('2026-03-08T05:00:00Z'), HOUR / 2))).toBe('2026-03-08T07:30:00.000Z');
  });

  it('have no shift that lies in the skipped hour altogether', () =>
    expect(between(every('America/New_York', 130, 170), at('2026-03-08T05:00:00Z'), at('2026-03-09T04:00:00Z'))).toBe(
      0,
    ));

  it('have the repeated hour twice in a shift', () => {
    const night = every('America/New_York', 60, 120); // 01:00 to 02:00, which is read twice
    expect(between(night, at('2026-11-01T04:00:00Z'), at('2026-11-02T05:00:00Z'))).toBe(2 * HOUR);
  });

  it('leave days that a place has skipped to nobody', () => {
    // Samoa went from the 29th straight to the 31st of December 2011.
    const apia = every('Pacific/Apia', 540, 1020);
    expect(between(apia, at('2011-12-29T10:00:00Z'), at('2012-01-01T10:00:00Z'))).toBe(
      // 29th 09-17 is 19:00Z-03:00Z; the 31st 19:00Z on the 30th to 03:00Z; 1st of January likewise.
      3 * 8 * HOUR,
    );
  });

  it('have no effect on time by the wall', () => {
    const from = at('2026-03-28T23:00:00Z');
    expect(after(always('UTC'), from, 24 * HOUR) - from).toBe(24 * HOUR);
  });
});

describe('counting forward and back', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Cairo', 'UTC'];

  it.each(zones)('agree in %s at any moment of a year', (zone) => {
    const calendar = office(zone, { isClosed: (day) => day.endsWith('-13') });
    const begin = at('2026-01-01T00:00:00Z');
    for (let step = 0; step < 300; step++) {
      // A stride that meets every hour of the day, and amounts of all sizes.
      const from = begin + step * 29.37 * HOUR;
      const ms = Math.round(((step * 7919) % 100) * HOUR * 0.37) + 1;
      const until = after(calendar, from, ms);
      expect(between(calendar, from, until)).toBe(ms);
      expect(between(calendar, from, until - 1)).toBe(ms - 1);
      // Counting in two parts is counting at once.
      const middle = from + Math.floor((until - from) / 3);
      expect(after(calendar, middle, ms - between(calendar, from, middle))).toBe(until);
    }
  });
});

describe('zones', () => {
  it('are IANA names', () => {
    expect(['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'UTC'].map(isZone)).toEqual([true, true, true]);
    expect(['Mars/Olympus', '', 'Europe/Berlin; drop table'].map(isZone)).toEqual([false, false, false]);
  });

  it('know the day of a moment', () => {
    expect(dayOf('Pacific/Kiritimati', at('2026-01-01T10:00:00Z'))).toBe('2026-01-02');
    expect(dayOf('Pacific/Pago_Pago', at('2026-01-01T10:00:00Z'))).toBe('2025-12-31');
  });
});
