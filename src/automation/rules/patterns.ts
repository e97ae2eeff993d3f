/** Regular expressions that cannot run away: RE2 takes linear time, and how much that is at most is known before it starts. */
import { RE2JS } from 're2js';

/** Characters. */
const LONGEST_PATTERN = 200;
/** Instructions of a compiled pattern; counted repetitions multiply them. */
const LARGEST_PROGRAM = 500;
/** Characters of a text that are looked at; what is behind them is not seen. */
const LONGEST_TEXT = 2_000;
/** Instructions and characters that cost as much as one step of a condition. */
const CHEAP = 100;
/** Compiled patterns kept. */
const KEPT = 500;

const compiled = new Map<string, RE2JS>();

/** Why a pattern cannot be used, or undefined. */
export function patternObjection(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string' || pattern.length > LONGEST_PATTERN)
    return `a pattern is text of at most ${LONGEST_PATTERN} characters, written out`;
  try {
    return compile(pattern).programSize() > LARGEST_PROGRAM ? 'the pattern repeats too much' : undefined;
  } catch (error) {
    return `not a pattern of RE2: ${error instanceof Error ? error.message : String(error)}`.slice(0, 200);
  }
}

/** Whether the pattern is found in the text. @returns also what that cost, in steps of a condition */
export function find(pattern: string, text: string): { found: boolean; cost: number } {
  const re2 = compile(pattern);
  const seen = text.slice(0, LONGEST_TEXT);
  return { found: re2.matcher(seen).find(), cost: Math.ceil((re2.programSize() * seen.length) / CHEAP) };
}

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  const re2 = RE2JS.compile(pattern);
  if (compiled.size >= KEPT) compiled.clear();
  compiled.set(pattern, re2);
  return re2;
}
