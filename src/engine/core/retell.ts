import { type Driver, EngineFault, type Json } from './driver.js';
import { machineEvent } from './event.js';
import { errorToJson } from './json.js';
import { field } from './machine.js';
import type { ReplayEntry } from './replay.js';

/** A row of a history, and where it led. */
export interface ToldEntry extends ReplayEntry {
  to_state: string;
  phase: string | null;
}

/** Where a history and the same events under another definition part for the first time. */
export interface Parting {
  seq: number;
  event: string;
  /** Where both were before; null at the start. */
  from: string | null;
  recorded: string;
  instead: string;
}

/**
 * What became of a history: it ends in the same place, on the same way or by a `detour`; it ends `elsewhere`; or it is `unknown`, because what the
 * other definition decides on was not recorded.
 */
export type Retold =
  | { verdict: 'same'; end: string; parting: null }
  | { verdict: 'detour' | 'elsewhere'; end: string; parting: Parting }
  | { verdict: 'unknown'; reason: string };

/** The definition that histories are told by, and what each begins with otherwise (RFC 7386). */
export interface Instead {
  driver: Driver;
  input: Json;
}

/**
 * Plays what was recorded through another definition. Events that it does not take are passed over, as its sender would have been refused; what
 * would have happened instead, nobody knows.
 * @param breathe called before each row, so that others have their turn
 */
export async function retell(
  { driver, input }: Instead,
  entries: readonly ToldEntry[],
  breathe: () => Promise<void>,
): Promise<Retold> {
  let snapshot: Json = null;
  let [at, parting]: [string | null, Parting | null] = [null, null];
  for (const entry of entries) {
    await breathe();
    const next = await taken(driver, input, snapshot, entry);
    if ('reason' in next) return { verdict: 'unknown', reason: next.reason };
    const from: string | null = at;
    if (next.step) [snapshot, at] = [next.step.snapshot, path(next.step.state, next.step.phase)];
    const [recorded, instead] = [path(entry.to_state, entry.phase), at ?? ''];
    if (!parting && recorded !== instead) parting = { seq: entry.seq, event: entry.type, from, recorded, instead };
  }
  const last = entries.at(-1);
  if (!last || at === null) return { verdict: 'unknown', reason: 'there is no history' };
  if (!parting) return { verdict: 'same', end: at, parting };
  return { verdict: at === path(last.to_state, last.phase) ? 'detour' : 'elsewhere', end: at, parting };
}

type Taken = { step: { snapshot: Json; state: string; phase: string | null } | null } | { reason: string };

async function taken(driver: Driver, input: Json, snapshot: Json, entry: ToldEntry): Promise<Taken> {
  const past = { isPast: true };
  try {
    switch (entry.kind) {
      case 'start':
        return { step: await driver.start(merged(entry.payload, input), past) };
      case 'pause':
      case 'resume':
      case 'compensated':
        return { step: null };
      case 'migrate':
        return { reason: 'it was moved to another version' };
      case 'force': {
        const to = String(field(entry.payload, 'to'));
        return { step: await driver.force(snapshot, to, machineEvent(entry), { suppressEffects: true }) };
      }
      default: {
        const known = typeof entry.facts === 'object' && entry.facts !== null ? Object.keys(entry.facts) : [];
        const missing = driver.factsNeeded(snapshot, entry.type).filter((name) => !known.includes(name));
        if (missing.length > 0) return { reason: `${entry.type} needs what was not recorded: ${missing.join(', ')}` };
        const step = await driver.step(snapshot, machineEvent(entry), past);
        return { step: step.handled ? step : null };
      }
    }
  } catch (error) {
    // A force into a state that is not there is refused like an event.
    if (error instanceof EngineFault && error.code === 'UNKNOWN_STATE') return { step: null };
    if (error instanceof EngineFault)
      return { reason: `${entry.type} cannot be decided: ${errorToJson(error).message}` };
    throw error;
  }
}

const path = (state: string, phase: string | null): string => (phase === null ? state : `${state}.${phase}`);

/** A JSON merge patch (RFC 7386): null takes a field away, a list takes the place of a list. */
export function merged(value: Json, patch: Json): Json {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch ?? value;
  const base = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const kept = Object.entries(base).filter(([name]) => patch[name] !== null);
  const changed = Object.entries(patch).flatMap(([name, part]) =>
    part === null ? [] : [[name, merged(base[name] ?? null, part)] as const],
  );
  return Object.fromEntries([...kept, ...changed]);
}
