import { nextOccurrence, scheduleObjection } from '../../src/automation/schedules/occurrences.js';
import type { RuleSchedule } from '../../src/automation/rules/rule.js';

const BERLIN = 'Europe/Berlin';

/** The next moments of a schedule, counted from `since`. */
function times(schedule: RuleSchedule, from: string, count: number, since = from): (string | null)[] {
  const found: (string | null)[] = [];
  let at = Date.parse(from);
  while (found.length < count) {
    const next = nextOccurrence(schedule, at, Date.parse(since));
    found.push(next === null ? null : new Date(next).toISOString().slice(0, 16));
    if (next === null) break;
    at = next;
  }
  return found;
}

describe('a schedule', () => {
  it('keeps its local time when the clocks change (R001-75)', () => {
    const cron = { cron: '0 9 * * *', timezone: BERLIN };
    const rrule = { rrule: 'FREQ=DAILY;BYHOUR=9;BYMINUTE=0', timezone: BERLIN };
    for (const schedule of [cron, rrule]) {
      expect(times(schedule, '2026-03-27T12:00:00Z', 3)).toEqual([
        '2026-03-28T08:00',
        '2026-03-29T07:00',
        '2026-03-30T07:00',
      ]);
      expect(times(schedule, '2026-10-23T12:00:00Z', 3)).toEqual([
        '2026-10-24T07:00',
        '2026-10-25T08:00',
        '2026-10-26T08:00',
      ]);
    }
  });

  it('is due once on a day whose hour comes twice, and once on a day that skips it', () => {
    const cron = { cron: '30 2 * * *', timezone: BERLIN };
    const rrule = { rrule: 'FREQ=DAILY;BYHOUR=2;BYMINUTE=30', timezone: BERLIN };
    for (const schedule of [cron, rrule]) {
      expect(times(schedule, '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30']);
      const [skipped, next] = times(schedule, '2026-03-28T12:00:00Z', 2);
      expect(skipped).toMatch(/^2026-03-29T01:/);
      expect(next).toBe('2026-03-30T00:30');
    }
  });

  it('counts weeks, months and numbers from its beginning', () => {
    const fortnight = { rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=8;BYMINUTE=0', timezone: 'UTC' };
    expect(times(fortnight, '2026-01-05T09:00:00Z', 2, '2026-01-05T00:00:00Z')).toEqual([
      '2026-01-19T08:00',
      '2026-02-02T08:00',
    ]);
    const lastFriday = { rrule: 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17;BYMINUTE=0', timezone: 'UTC' };
    expect(times(lastFriday, '2026-01-01T00:00:00Z', 2)).toEqual(['2026-01-30T17:00', '2026-02-27T17:00']);
    const twice = { rrule: 'FREQ=DAILY;COUNT=2;BYHOUR=8;BYMINUTE=0', timezone: 'UTC' };
    expect(times(twice, '2026-01-01T00:00:00Z', 3)).toEqual(['2026-01-01T08:00', '2026-01-02T08:00', null]);
    const until = { rrule: 'FREQ=DAILY;UNTIL=20260103T000000Z;BYHOUR=8;BYMINUTE=0', timezone: 'UTC' };
    expect(times(until, '2026-01-01T00:00:00Z', 3)).toEqual(['2026-01-01T08:00', '2026-01-02T08:00', null]);
  });

  it.each([
    ['an expression with a part too many', { cron: '0 0 9 * * *', timezone: 'UTC' }],
    ['an expression that is none', { cron: 'every day at 9', timezone: 'UTC' }],
    ['a minute that is none', { cron: '61 * * * *', timezone: 'UTC' }],
    ['a day that never comes', { cron: '0 0 31 2 *', timezone: 'UTC' }],
    ['a recurrence by the minute', { rrule: 'FREQ=MINUTELY', timezone: 'UTC' }],
    [
      'a recurrence with a zone of its own',
      { rrule: 'DTSTART;TZID=Europe/Berlin:20260101T000000\nRRULE:FREQ=DAILY', timezone: 'UTC' },
    ],
    [
      'a recurrence more often than hourly',
      { rrule: 'FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40', timezone: 'UTC' },
    ],
    ['a recurrence at seconds', { rrule: 'FREQ=DAILY;BYSECOND=1,2', timezone: 'UTC' }],
    ['a part that is none', { rrule: 'FREQ=DAILY;EVIL=1', timezone: 'UTC' }],
    ['a zone that is none', { cron: '0 9 * * *', timezone: 'Nowhere/Land' }],
    ['neither', { timezone: 'UTC' }],
  ])('is refused with %s (R001-75)', (_, schedule) => {
    expect(scheduleObjection(schedule)).toEqual(expect.any(String));
  });
});
