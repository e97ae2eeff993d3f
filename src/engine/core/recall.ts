/** What an instance was at some point of its history: the history folded up to there. Pure. */
import type { Driver, Json } from './driver.js';
import { again, type ReplayEntry } from './replay.js';
import { field } from './machine.js';

/** What a fold came to: the snapshot, and the version that the instance was on. */
export interface Recalled {
  snapshot: Json;
  version: number;
}

/**
 * Folds rows from the first on. A move to another version brings its own snapshot, and from then on the other version decides.
 * @param current the version of the instance now @throws EngineFault when a row cannot be decided again
 */
export async function recall(
  driverOf: (version: number) => Driver,
  current: number,
  entries: readonly ReplayEntry[],
  until: number,
): Promise<Recalled> {
  const firstMove = entries.find(({ kind }) => kind === 'migrate');
  let version = firstMove ? Number(field(firstMove.payload, 'from')) : current;
  let snapshot: Json = null;
  const past = entries.filter(({ seq }) => seq <= until);
  // A move keeps the snapshot it led to: nothing before it has to be known again.
  const from = past.findLastIndex(({ kind }) => kind === 'migrate');
  for (const entry of past.slice(Math.max(from, 0))) {
    if (entry.kind === 'migrate') version = Number(field(entry.payload, 'to'));
    snapshot = await again(driverOf(version), snapshot, entry);
  }
  return { snapshot, version };
}

/** A value that is different. */
export interface Change {
  /** `terms.equityPercentage`; a list counts as one value. */
  path: string;
  before: Json;
  after: Json;
}

/** What is different between two values, place by place, at most `most`. */
export function changesBetween(before: Json, after: Json, most: number, path = ''): Change[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names
      .flatMap((name) =>
        changesBetween(before[name] ?? null, after[name] ?? null, most, path === '' ? name : `${path}.${name}`),
      )
      .slice(0, most);
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
