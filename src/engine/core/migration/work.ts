/** What goes on, begins and ends when an instance changes its version: deadlines and work in the world. */
import type { AnyStateMachine } from 'xstate';
import { EngineFault, type Effect, type Json, type MachineEvent } from '../driver.js';
import { delayOf } from '../describe.js';
import { toJson } from '../json.js';
import { AFTER, declarationOf, field, type Node } from '../machine.js';
import { counterpart, Unmovable, type Moved } from './places.js';

/** What an instance waits for, as it is stored. */
export interface Pending {
  /** Work that has not ended; what was begun may have done something by now. */
  jobs: readonly { id: string; type: string; begun: boolean }[];
  /** Deadlines that have not passed, and how far off they are, milliseconds. */
  timers: readonly { id: string; inMs: number }[];
}

/** What the new version waits for, and what follows from that. */
export interface Reconciled {
  effects: Effect[];
  /** XState's own description of the work that is waited for. */
  children: { [id: string]: Json };
}

/** @param active every state the instance is in, in the new version @throws Unmovable */
export function reconcile(
  machine: AnyStateMachine,
  active: readonly Node[],
  moved: readonly Moved[],
  given: { context: unknown; event: MachineEvent; pending: Pending; children: Json },
): Reconciled {
  const jobs = reconcileJobs(machine, active, given);
  return { children: jobs.children, effects: [...jobs.effects, ...reconcileTimers(machine, active, moved, given)] };
}

function reconcileJobs(
  machine: AnyStateMachine,
  active: readonly Node[],
  { context, event, pending, children: before }: Parameters<typeof reconcile>[3],
): Reconciled {
  const effects: Effect[] = [];
  const children: { [id: string]: Json } = {};
  const left = new Map(pending.jobs.map((job) => [job.id, job]));
  const drop = ({ id, type, begun }: Pending['jobs'][number]): void => {
    if (begun) throw new Unmovable('blocked', `${type} is under way, and nothing waits for it in the new version`);
    effects.push({ kind: 'cancelJob', id });
  };
  for (const { id, src, input } of active.flatMap((node) => node.invoke)) {
    const declaration = declarationOf(machine.implementations.actors[String(src)]);
    if (!declaration) throw new EngineFault('NOT_DURABLE', `invoke ${id} is not declared with durable()`);
    const running = left.get(id);
    left.delete(id);
    if (running?.type === declaration.effect) {
      children[id] = childOf(src, field(field(field(before, id), 'snapshot'), 'input'));
      continue;
    }
    if (running) drop(running);
    const asked = typeof input === 'function' ? (input as (args: object) => unknown)({ context, event }) : input;
    const json = toJson(asked ?? null, `input of ${id}`);
    const { compensate, ordered } = declaration.options;
    effects.push({
      ...{ kind: 'job', id, type: declaration.effect, input: json },
      ...(compensate === undefined ? {} : { compensate }),
      ...(ordered === undefined ? {} : { ordered }),
    });
    children[id] = childOf(src, asked);
  }
  for (const job of left.values()) drop(job);
  return { effects, children };
}

/** As XState persists work that is waited for. */
export const childOf = (src: unknown, input: unknown): Json =>
  toJson({ snapshot: { status: 'active', input }, src, syncSnapshot: false }, 'children');

/** A deadline that both versions have runs on; one that has passed does not come again; one that is new begins now. */
function reconcileTimers(
  machine: AnyStateMachine,
  active: readonly Node[],
  moved: readonly Moved[],
  { context, event, pending }: Parameters<typeof reconcile>[3],
): Effect[] {
  const running = new Map(pending.timers.map(({ id, inMs }) => [id, inMs]));
  const armed: Effect[] = [];
  for (const node of active) {
    const old = counterpart(node, moved);
    for (const id of new Set(node.after.map(({ eventType }) => eventType))) {
      const before = old?.after.map(({ eventType }) => eventType).find((type) => delayOf(type) === delayOf(id));
      const left = before === undefined ? delayMs(machine, delayOf(id), { context, event }) : running.get(before);
      if (before !== undefined && left !== undefined) running.delete(before);
      if (left !== undefined && before !== id)
        armed.push({ kind: 'timer', id, delayMs: Math.max(0, left), event: { type: id } });
      if (left !== undefined && before !== undefined && before !== id)
        armed.unshift({ kind: 'cancelTimer', id: before });
    }
  }
  return [...[...running.keys()].map((id): Effect => ({ kind: 'cancelTimer', id })), ...armed];
}

function delayMs(machine: AnyStateMachine, name: string, args: { context: unknown; event: MachineEvent }): number {
  const delay: unknown = machine.implementations.delays[name];
  const ms: unknown = typeof delay === 'function' ? (delay as (args: object) => unknown)(args) : delay;
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return ms;
  throw new EngineFault('BAD_DELAY', `${AFTER}${name} would fire after ${String(ms)} ms`);
}
