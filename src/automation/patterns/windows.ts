/** Windows and durations of patterns: a whole number and s, m, h or d (R002-34). Pure. */

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** The longest window. */
export const YEAR_MS = 365 * 86_400_000;
export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** Milliseconds; undefined when it is no window, is nothing or is more than 365 days. */
export function windowMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Number(amount) * (UNIT_MS[unit] ?? 0);
  return ms > 0 && ms <= YEAR_MS ? ms : undefined;
}

/** The same of what was checked when it was written. @throws when it was not */
export function lasting(text: string): number {
  const ms = windowMs(text);
  if (ms === undefined) throw new Error(`Invalid time window: ${text}`);
  return ms;
}
