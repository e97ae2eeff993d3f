import { DateTime } from 'luxon';
import { addMonths } from '../../machines/calendar.js';

const iso = (text: string) => Date.parse(text);

describe('calendar months', () => {
  it.each([
    ['2026-01-31T12:00:00Z', 1, '2026-02-28T12:00:00Z'],
    ['2027-12-31T23:59:59Z', 2, '2028-02-29T23:59:59Z'],
    ['2028-02-29T00:00:00Z', 24, '2030-02-28T00:00:00Z'],
    ['2026-06-15T08:30:00.123Z', 24, '2028-06-15T08:30:00.123Z'],
    ['2026-06-15T08:30:00Z', 0, '2026-06-15T08:30:00Z'],
  ])('from %s, %i of them lead to %s (R000-75)', (from, months, to) =>
    expect(addMonths(iso(from), months)).toBe(iso(to)),
  );

  it('are those of a calendar library, on every day of four years', () => {
    for (let day = iso('2026-01-01T00:00:00Z'); day < iso('2030-01-01T00:00:00Z'); day += 86_400_000)
      for (const months of [1, 6, 11, 12, 24, 37, 120])
        expect(addMonths(day, months)).toBe(DateTime.fromMillis(day, { zone: 'utc' }).plus({ months }).toMillis());
  });
});
