/**
 * How wide a text is drawn, in pixels; without a browser, by the advance widths of DejaVu Sans, the widest of the usual
 * faces: text that fits its box here fits everywhere.
 */
export function textWidth(text: string, size: number, weight: 'regular' | 'bold' = 'regular'): number {
  const perThousand = [...text].reduce((sum, character) => sum + advance(character), 0);
  return (perThousand / 1000) * size * (weight === 'bold' ? BOLD : 1);
}

/** Breaks a text into lines no wider than the given pixels; a single word that is wider stays whole. */
export function wrap(text: string, size: number, maxWidth: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`, size) <= maxWidth)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Thousandths of the font size. */
const ADVANCES: readonly [characters: string, width: number][] = [
  ["ijl'|", 300],
  [' .,:;!I()[]fJ/\\-', 370],
  ['rt*"', 440],
  ['csz_?LFT', 560],
  ['mMW@%', 950],
  ['wNOQDGHU&+=<>~→×«»', 800],
];
const WIDTHS = new Map(ADVANCES.flatMap(([characters, width]) => [...characters].map((one) => [one, width] as const)));
const ORDINARY = 640;
const WIDE = 1000;
const BOLD = 1.12;

const LAST_NARROW_CODE_POINT = 0x24f;
const advance = (character: string): number =>
  WIDTHS.get(character) ?? ((character.codePointAt(0) ?? 0) <= LAST_NARROW_CODE_POINT ? ORDINARY : WIDE);
