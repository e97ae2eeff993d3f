import { type Driver, EngineFault, type Json } from './driver.js';
import { machineEvent, type EventEntry } from './event.js';
import { errorToJson } from './json.js';
import { field } from './machine.js';

/** A history row, with payload and facts parsed. */
export interface ReplayEntry extends EventEntry {
  seq: number;
  kind: string;
}

/** What a history leads to, and whether that is what was stored. */
export type Replayed =
  | { ok: true; snapshot: Json }
  /** `reason` names the row that could not be decided again, or the first place where the snapshots differ. */
  | { ok: false; snapshot: Json; reason: string };

/**
 * Folds a history through its definition and compares the result with the stored snapshot, field by field.
 * Facts and times come from the rows, so nothing else is needed. A migrated instance is replayed from its last
 * migration, whose row holds the snapshot it led to.
 */
export async function replay(driver: Driver, entries: readonly ReplayEntry[], stored: Json): Promise<Replayed> {
  const migrated = entries.findLastIndex(({ kind }) => kind === 'migrate');
  let snapshot: Json = null;
  for (const entry of entries.slice(Math.max(migrated, 0))) {
    try {
      snapshot = await again(driver, snapshot, entry);
    } catch (error) {
      return { ok: false, snapshot, reason: `row ${entry.seq} (${entry.type}): ${errorToJson(error).message}` };
    }
  }
  const place = firstDifference(snapshot, stored, 'snapshot');
  return place === undefined
    ? { ok: true, snapshot }
    : { ok: false, snapshot, reason: `the history leads to another ${place}` };
}

const PAST = { isPast: true } as const;

/** The snapshot that one row leads to. @throws EngineFault when it cannot be decided again */
export async function again(driver: Driver, snapshot: Json, entry: ReplayEntry): Promise<Json> {
  switch (entry.kind) {
    case 'start':
      return (await driver.start(entry.payload, PAST)).snapshot;
    case 'migrate':
      return migratedSnapshot(entry);
    case 'force': {
      const to = String(field(entry.payload, 'to'));
      // What the force did in the world is not part of the snapshot.
      return (await driver.force(snapshot, to, machineEvent(entry), { suppressEffects: true })).snapshot;
    }
    case 'pause':
    case 'resume':
    case 'compensated':
      return snapshot;
    default: {
      // Only what was accepted is in the history.
      const step = await driver.step(snapshot, machineEvent(entry), PAST);
      if (!step.handled) throw new EngineFault('UNSUPPORTED', 'it would be refused now');
      return step.snapshot;
    }
  }
}

function migratedSnapshot({ payload }: ReplayEntry): Json {
  const kept =
    typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload['snapshot'] : undefined;
  if (kept === undefined) throw new EngineFault('UNSUPPORTED', 'the migration does not say what it led to');
  return kept;
}

/** Where two values differ first, whatever the order of their keys; undefined when they are equal. */
function firstDifference(a: unknown, b: unknown, place: string): string | undefined {
  if (a === b) return undefined;
  if (
    typeof a !== 'object' ||
    typeof b !== 'object' ||
    a === null ||
    b === null ||
    Array.isArray(a) !== Array.isArray(b)
  )
    return place;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const difference = firstDifference(field(a, key), field(b, key), `${place}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
