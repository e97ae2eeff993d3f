/** The stand-ins' time: the machine's, plus how far somebody has moved it ahead. One for the process, as the machine's is. */
let aheadMs = 0;

/** Milliseconds since 1970. */
export const sandboxNow = (): number => Date.now() + aheadMs;

/** Moves time ahead, and remembers by how much; what falls due has to be looked for. */
export function moveAhead(kept: { put(id: string, value: number): void }, ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 0) throw new Error('advanceMs must be a whole number of milliseconds ahead');
  aheadMs += ms;
  kept.put('ahead', aheadMs);
}

/** Takes time up where an earlier process has moved it to. */
export const resumeClock = (kept: { get(id: string): number | undefined }): void => {
  aheadMs = kept.get('ahead') ?? 0;
};
