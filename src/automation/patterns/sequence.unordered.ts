/** Sequences whose order is free: every element has an event of its own, each soon enough after the earliest (R002-31). Pure. */
import type { Limits, Part } from './sequence.js';

/** The parts, one for each element in the pattern's order, beginning with the earliest event that a sequence can begin with. */
export function findUnordered({ gaps }: Limits, parts: readonly Part[]): Part[] | undefined {
  for (const [start, earliest] of parts.entries()) {
    for (const element of earliest.elements) {
      const found = completed(gaps, parts.slice(start), earliest, element);
      if (found) return found;
    }
  }
  return undefined;
}

/** Gives each other element an event, moving earlier choices where two want the same. */
function completed(
  gaps: readonly number[],
  parts: readonly Part[],
  earliest: Part,
  element: number,
): Part[] | undefined {
  const takenBy = new Map<number, number>([[0, element]]);
  const others = gaps.map((_, other) => other).filter((other) => other !== element);
  for (const other of others) if (!place(gaps, parts, earliest, other, takenBy, new Set([0]))) return undefined;
  const chosen = new Map([...takenBy].map(([index, taker]) => [taker, parts[index]]));
  return gaps.flatMap((_, one) => chosen.get(one) ?? []);
}

function place(
  gaps: readonly number[],
  parts: readonly Part[],
  earliest: Part,
  element: number,
  takenBy: Map<number, number>,
  looked: Set<number>,
): boolean {
  const limit = gaps[element] ?? 0;
  for (const [index, { at, elements }] of parts.entries()) {
    if (looked.has(index) || !elements.includes(element) || at - earliest.at > limit) continue;
    looked.add(index);
    const holder = takenBy.get(index);
    if (holder === undefined || place(gaps, parts, earliest, holder, takenBy, looked)) {
      takenBy.set(index, element);
      return true;
    }
  }
  return false;
}
