/** Finds sequences among the events of one correlation (R002-31). Pure. */
import type { SequencePattern } from './pattern.js';
import { DAY_MS, lasting } from './windows.js';
import { findUnordered } from './sequence.unordered.js';

/** An event that may be part of a sequence. */
export interface Part {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  /** The elements that it can be, by their place in the pattern. */
  elements: readonly number[];
}

/** What is remembered of a correlation. */
export interface Collected {
  /** In the order in which they happened; of two at the same moment the one that came first. */
  parts: readonly Part[];
  /** Where the last sequence ended: what happened before is over. */
  endedAt: number | null;
}

/** How long a sequence may take, understood. */
export interface Limits {
  isOrdered: boolean;
  /** For each element, since the one before it or since the earliest. */
  gaps: readonly number[];
  /** From the first to the last. */
  total: number;
}

/** Events remembered for one correlation; of more the oldest are forgotten. */
export const MOST_PARTS = 500;

/** The limits of a pattern: an element without one of its own has 24 hours, and all of them together when none has one. */
export function limitsOf({ events, ordered = true }: SequencePattern): Limits {
  const gaps = events.map(({ within }) => (within === undefined ? DAY_MS : lasting(within)));
  const isFree = events.every(({ within }, index) => within === undefined || (ordered && index === 0));
  const sum = ordered ? gaps.slice(1).reduce((total, gap) => total + gap, 0) : Math.max(...gaps);
  return { isOrdered: ordered, gaps, total: isFree ? DAY_MS : sum };
}

/** Takes one more event and answers the sequences that are complete now, each as its parts in the pattern's order, and what remains. */
export function collect(limits: Limits, before: Collected, part: Part): { found: Part[][]; after: Collected } {
  if (before.endedAt !== null && part.at < before.endedAt) return { found: [], after: before };
  let parts = inserted(before.parts, part);
  let { endedAt } = before;
  const found: Part[][] = [];
  for (;;) {
    const sequence = limits.isOrdered ? findOrdered(limits, parts) : findUnordered(limits, parts);
    if (!sequence) break;
    found.push(sequence);
    const last = Math.max(...sequence.map((one) => parts.indexOf(one)));
    endedAt = parts[last]?.at ?? endedAt;
    // Sequences do not overlap: what happened up to the end of this one is no part of another.
    parts = parts.slice(last + 1);
  }
  const newest = parts.at(-1)?.at ?? 0;
  const live = parts.filter(({ at }) => newest - at <= limits.total).slice(-MOST_PARTS);
  return { found, after: { parts: live, endedAt } };
}

function inserted(parts: readonly Part[], part: Part): Part[] {
  const place = parts.findIndex(({ at }) => at > part.at);
  return place === -1 ? [...parts, part] : [...parts.slice(0, place), part, ...parts.slice(place)];
}

interface Chain {
  /** When it began; the later, the more time is left. */
  start: number;
  index: number;
  before: Chain | null;
}

/** The sequence that is complete first. For each element the best way to have come to each event. */
function findOrdered({ gaps, total }: Limits, parts: readonly Part[]): Part[] | undefined {
  const chains: (Chain | undefined)[][] = gaps.map(() => []);
  for (const [index, { at, elements }] of parts.entries()) {
    for (const [element, gap] of gaps.entries()) {
      if (!elements.includes(element)) continue;
      const chain =
        element === 0 ? { start: at, index, before: null } : continued(chains[element - 1], parts, at, gap, index);
      if (!chain || at - chain.start > total) continue;
      if (element === gaps.length - 1) return partsOf(chain, parts);
      const row = chains[element];
      if (row) row[index] = chain;
    }
  }
  return undefined;
}

/** The chain that began last among those that this event can continue. */
function continued(
  chains: readonly (Chain | undefined)[] | undefined,
  parts: readonly Part[],
  at: number,
  gap: number,
  index: number,
): Chain | undefined {
  let best: Chain | undefined;
  for (const chain of chains ?? []) {
    if (!chain || chain.index === index || at - (parts[chain.index]?.at ?? 0) > gap) continue;
    if (!best || chain.start >= best.start) best = chain;
  }
  return best && { start: best.start, index, before: best };
}

function partsOf(chain: Chain, parts: readonly Part[]): Part[] {
  const found: Part[] = [];
  for (let link: Chain | null = chain; link; link = link.before) {
    const part = parts[link.index];
    if (part) found.unshift(part);
  }
  return found;
}
