import { IsInt, Max, Min } from 'class-validator';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 3_650 * DAY_MS;

/** A deadline, milliseconds; at least a second, so that nobody is cut off by a slip of the keyboard. */
export const Deadline = (): PropertyDecorator => (target, field) => {
  IsInt()(target, String(field));
  Min(1_000)(target, String(field));
  Max(LONGEST_MS)(target, String(field));
};
