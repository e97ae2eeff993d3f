/** Moves what is stored of an instance from one version of its lifecycle to another, without running anything. Pure. */
import { EngineFault, type Effect, type Json, type MachineEvent, type Step } from '../driver.js';
import { restore } from '../interpret.js';
import { errorToJson, toJson } from '../json.js';
import type { Lifecycle, Migration } from '../lifecycle.js';
import { field } from '../machine.js';
import { stateOf } from '../place.js';
import { movedPlaces, uninvited, Unmovable, valueOf } from './places.js';
import { reconcile, type Pending } from './work.js';

/** What moving an instance comes to: a step, or why it cannot be made. */
export type Move =
  | { verdict: 'auto'; step: Step }
  /** `needs-mapping`: a migration that says more would help. `blocked`: only time, or an administrator, does. */
  | { verdict: 'needs-mapping' | 'blocked'; reason: string };

/**
 * The step from one version into another. States, context and deadlines are what they were unless the migration says otherwise; nothing is
 * exited or entered, so nothing happens in the world but for work that only the new version waits for.
 * @param event what the engine stamps on the move: inputs and delays that are new are worked out from it
 */
export function migrate(from: Lifecycle, to: Lifecycle, stored: Json, pending: Pending, event: MachineEvent): Move {
  const rule = to.migrations?.find((migration) => migration.from === from.version && migration.to === to.version);
  return tried(() => {
    if (field(stored, 'status') !== 'active') throw new Unmovable('blocked', 'it has ended');
    restore(from.machine, stored);
    if (Object.keys(field(stored, 'historyValue') ?? {}).length > 0)
      throw new Unmovable('blocked', 'it remembers states that it would go back to');
    const moved = movedPlaces(from.machine, to.machine, field(stored, 'value') as Json, rule?.states ?? {});
    const end = moved.find(({ to: { type, parent } }) => type === 'final' && parent === to.machine.root);
    if (end) throw new Unmovable('blocked', `it would end in ${end.to.key}: force it there instead`);
    const context = contextOf(rule, field(stored, 'context'));
    const resolved = to.machine.resolveState({ value: valueOf(moved) as never, context, status: 'active' });
    const active = resolved._nodes;
    const stranger = uninvited(active, moved);
    if (stranger) throw new Unmovable('needs-mapping', `${stranger.path.join('.')} is new: say that it is entered`);
    const children = field(stored, 'children') as Json;
    const work = reconcile(to.machine, active, moved, { context, event, pending, children });
    const { status, output, error, value, historyValue } = resolved;
    const snapshot = toJson(
      { status, output, error, value, historyValue, context, children: work.children },
      'snapshot',
    );
    return stepTo(to, snapshot, work.effects);
  });
}

/** What an instance was before its last move: everything it waited for then it waits for again. */
export interface Before {
  snapshot: Json;
  /** Deadlines that were running, and how far off they are now, milliseconds; those behind us are due at once. */
  timers: readonly { id: string; inMs: number }[];
}

/** The step back into the version that an instance was moved from, with nothing done in between. */
export function migrateBack(to: Lifecycle, before: Before, pending: Pending): Move {
  return tried(() => {
    const effects: Effect[] = [];
    const left = new Map(pending.jobs.map((job) => [job.id, job]));
    const active = restore(to.machine, before.snapshot)._nodes;
    for (const { id, src } of active.flatMap((node) => node.invoke)) {
      if (!left.delete(id)) throw new Unmovable('blocked', `${String(src)} was called off, and would not come back`);
    }
    for (const { id, type, begun } of left.values()) {
      if (begun) throw new Unmovable('blocked', `${type} has begun since`);
      effects.push({ kind: 'cancelJob', id });
    }
    for (const { id } of pending.timers) effects.push({ kind: 'cancelTimer', id });
    for (const { id, inMs } of before.timers)
      effects.push({ kind: 'timer', id, delayMs: Math.max(0, inMs), event: { type: id } });
    return stepTo(to, before.snapshot, effects);
  });
}

/** @throws EngineFault when the version cannot take up what was put together */
function stepTo({ machine }: Lifecycle, snapshot: Json, effects: Effect[]): Step {
  const restored = restore(machine, snapshot);
  return {
    snapshot,
    status: 'active',
    ...stateOf(machine, field(snapshot, 'value') as Json),
    tags: [...restored.tags],
    output: undefined,
    effects,
    handled: true,
  };
}

function contextOf(rule: Migration | undefined, context: unknown): object {
  const before = context as Record<string, unknown>;
  if (!rule?.context) return before;
  // A copy: what is stored stays what it was, whatever the migration does to what it is given.
  return toJson(rule.context(structuredClone(before)), 'context') as object;
}

function tried(work: () => Step): Move {
  try {
    return { verdict: 'auto', step: work() };
  } catch (error) {
    if (error instanceof Unmovable) return { verdict: error.kind, reason: error.message };
    const code = error instanceof EngineFault ? error.code : 'MIGRATION_THREW';
    return { verdict: 'blocked', reason: `${code}: ${errorToJson(error).message}` };
  }
}
