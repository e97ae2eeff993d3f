import { refuse } from '../platform/errors.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};
const SPAN = /^(\d{1,6}) (minute|hour|day|week)s?$/;
const MOMENT = /^[12]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
const LATEST_MS = 3_650 * 86_400_000;

/**
 * When a task is due (R004-64), milliseconds: `2026-03-01`, `2026-03-01T12:00:00Z`, or a time from now such as `2 days`;
 * without either after the days its kind gives.
 * @throws WF006 when that is no moment, has passed, or is more than ten years away
 */
export function dueAt(given: string | undefined, at: number, usualDays: number): number {
  const due = given === undefined ? at + usualDays * 86_400_000 : momentOf(given, at);
  if (due > at && due <= at + LATEST_MS) return due;
  throw refuse('WF006', {
    errors: [
      {
        field: 'dueDate',
        message: Number.isNaN(due)
          ? 'dueDate must be like 2026-03-01T12:00:00Z or 2 days'
          : 'dueDate must be ahead, at most ten years',
      },
    ],
  });
}

function momentOf(given: string, at: number): number {
  const [, count, unit] = SPAN.exec(given) ?? [];
  if (unit !== undefined) return at + Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  return MOMENT.test(given) ? Date.parse(given) : Number.NaN;
}
