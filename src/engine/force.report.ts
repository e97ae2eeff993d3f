/** What an administrator steps over, ends, begins and leaves behind by a force: told before it, and with it. */
import type { Tx } from '../platform/database.js';
import { consequences, type Consequences } from './consequences.js';
import type { GuardTree, Step } from './core/driver.js';
import { EngineFault, type Json } from './core/driver.js';
import type { Broken } from './core/invariants.js';
import { asEvent, type Decisions } from './decisions.js';
import { path, type Forced } from './force.plan.js';
import type { Happened } from './recording.js';
import type { Hosted } from './registry.js';
import type { Locked } from './store/instances.js';
import { dependents, openEffects, undoable, type Dependent, type OpenEffect } from './store/leftovers.js';

/** A transition of the definition that leads where the force leads, and that the force does not ask. */
export interface SkippedWay {
  event: string;
  label: string;
  source: string;
  /** What the guard says right now; an event's own payload is not known, so a condition on it counts as not fulfilled. */
  guard: GuardTree;
  /** Who would have had to send it; empty for timers and for the answers of work. */
  senders: string[];
}

/** What a force does, and what it passes over. */
export interface ForceReport extends Consequences {
  from: string;
  to: string;
  status: Step['status'];
  /** Whether the definition has a transition of its own from here to there. */
  isForeseen: boolean;
  skipped: SkippedWay[];
  /** What the lifecycle says is always true, and what would not be. */
  invariantsBroken: Broken[];
  /** What was not true before, and would be again. */
  invariantsMended: string[];
  /** What entering would have done in the world; filled when entry effects are left out. */
  leftOut: Consequences['effects'];
  /** Who is told by which message. */
  told: { to: string; template: string }[];
  /** Effects that earlier steps wrote down, and that will still be done. */
  stillRunning: OpenEffect[];
  /** Effects that are called off although a worker has begun them: they may have happened. */
  calledOffMidway: OpenEffect[];
  /** What will be undone, because the state it leads to undoes what was done. */
  undone: string[];
  /** Other instances that live because of this one, and stay as they are. */
  dependents: Dependent[];
}

/** Reads everything a report says; writes nothing. */
export async function reportOn(
  tx: Tx,
  decisions: Decisions,
  hosted: Hosted,
  instance: Locked,
  { step, whole, happened, cause }: Forced,
): Promise<ForceReport> {
  const said = consequences(step.effects);
  const skipped = await waysTo(tx, decisions, hosted, instance, path(step), { happened, cause });
  const [before, after] = [hosted.driver.broken(placed(instance)), hosted.driver.broken(step)];
  const done = new Set(step.effects.map((effect) => JSON.stringify(effect)));
  const open = await openEffects(tx, instance.id);
  const isCalledOff = ({ job }: OpenEffect): boolean =>
    job !== null && (step.status !== 'active' || said.jobsCancelled.includes(job));
  return {
    from: path(instance),
    to: path(step),
    status: step.status,
    isForeseen: skipped.length > 0,
    ...said,
    skipped,
    invariantsBroken: after,
    invariantsMended: before
      .filter(({ name }) => !after.some((broken) => broken.name === name))
      .map(({ says }) => says),
    leftOut: consequences(whole.effects.filter((effect) => !done.has(JSON.stringify(effect)))).effects,
    told: said.effects.flatMap(messageOf),
    stillRunning: open.filter((effect) => !isCalledOff(effect)),
    calledOffMidway: open.filter((effect) => isCalledOff(effect) && effect.begun),
    undone: step.status !== 'active' && step.tags.includes('compensate') ? await undoable(tx, instance.id) : [],
    dependents: await dependents(tx, instance.id),
  };
}

const placed = ({ snapshot, state, phase, tags, status }: Locked) => ({
  ...{ snapshot, state, phase, tags },
  status: status === 'done' || status === 'failed' ? ('done' as const) : ('active' as const),
});

/** The definition's own transitions from where the instance is to where it is forced, each with what its guard says now. */
async function waysTo(
  tx: Tx,
  decisions: Decisions,
  hosted: Hosted,
  instance: Locked,
  to: string,
  { happened, cause }: Pick<Forced, 'happened' | 'cause'>,
): Promise<SkippedWay[]> {
  const [state = to] = to.split('.');
  const leads = (target: string): boolean => target === to || target === state || target.startsWith(`${state}.`);
  const types = new Set(
    hosted.description.transitions
      .filter(({ kind, targets }) => kind !== 'always' && targets.some(leads))
      .map(({ event }) => event),
  );
  const ways: SkippedWay[] = [];
  for (const type of types) {
    const supposed: Happened = { ...happened, type, payload: {}, facts: {} };
    supposed.facts = await factsOf(tx, () =>
      decisions.facts(tx, hosted, instance, asEvent(supposed, cause), happened.at),
    );
    for (const { event, label = event, source, target, guard } of candidatesOf(
      hosted,
      instance,
      asEvent(supposed, cause),
    )) {
      const senders = [...(hosted.lifecycle.events[event]?.from ?? [])];
      if (target.some(leads)) ways.push({ event, label, source, guard, senders });
    }
  }
  return ways;
}

/** A loader that cannot do without the payload must not stand in the way of the force. */
async function factsOf(tx: Tx, load: () => Promise<Json>): Promise<Json> {
  await tx.run('savepoint asked');
  try {
    const facts = await load();
    await tx.run('release savepoint asked');
    return facts;
  } catch {
    await tx.run('rollback to savepoint asked');
    return {};
  }
}

/** None of an instance that is over: nothing leads out of an end. */
function candidatesOf({ driver }: Hosted, { snapshot }: Locked, event: ReturnType<typeof asEvent>) {
  try {
    return driver.explain(snapshot, event).candidates;
  } catch (error) {
    if (error instanceof EngineFault) return [];
    throw error;
  }
}

/** A message to somebody is an effect that names whom it is for and in which words. */
function messageOf({ params }: Consequences['effects'][number]): { to: string; template: string }[] {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return [];
  const { to, template } = params;
  return typeof to === 'string' && typeof template === 'string' ? [{ to, template }] : [];
}
