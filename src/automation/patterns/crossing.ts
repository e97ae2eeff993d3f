/** When a condition that holds for a while fires: once, when it begins to (R002-32). Pure. */

/** What is remembered of a condition. */
export interface Standing {
  isTrue: boolean;
  /** When it last fired, milliseconds since 1970. */
  firedAt: number | null;
}

/**
 * It fires when it begins to hold, unless it fired a moment ago. It is armed again once it does not hold.
 * @param before undefined when it was never looked at: it did not hold then
 */
export function cross(
  before: Standing | undefined,
  isTrue: boolean,
  at: number,
  cooldownMs: number,
): { standing: Standing; fires: boolean } {
  const firedAt = before?.firedAt ?? null;
  const begins = isTrue && !(before?.isTrue ?? false);
  const isQuiet = firedAt !== null && at - firedAt < cooldownMs;
  const fires = begins && !isQuiet;
  return { standing: { isTrue, firedAt: fires ? at : firedAt }, fires };
}
