import { refuse } from './errors.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
/** Ten years: more is a slip of the keyboard. */
const LONGEST_MS = 3_650 * 86_400_000;

/** Milliseconds of `500ms`, `30s`, `15m`, `48h`, `7d` or `2w`. @throws WF006 */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (!(ms <= LONGEST_MS))
    throw refuse('WF006', { detail: 'A duration is a whole number and a unit: 500ms, 30s, 15m, 48h, 7d or 2w.' });
  return ms;
}
