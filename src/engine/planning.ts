import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { SlicedWork } from '../platform/slices.js';
import type { Refusal } from './authoring.js';
import { AFTER, allArrows, DONE_ACTOR, ERROR_ACTOR, type Transition } from './core/machine.js';
import { maySend } from './core/permission.js';
import { searching, type Hop, type Outlook, type Place } from './core/plan/search.js';
import { skeletonOf, type Condition } from './core/plan/skeleton.js';
import { namedCondition, weigh, type Now, type Standing, type Weighed } from './core/plan/weigh.js';
import { path } from './forcing.js';
import { Registry, type Hosted } from './registry.js';
import * as instances from './store/instances.js';
import type { Instance } from './store/instances.js';
import * as timers from './store/timers.js';
import { veilOf, visible } from './visibility.js';

/** Something that has to be so for a step. */
export interface Need {
  condition: string;
  params?: unknown;
  /** What it has to be: true for most; false where another way would be taken otherwise. */
  mustBe: boolean;
  /** What it is on the instance as it is now. */
  now: Standing;
  /** Fields of the payload that decide it. */
  fields: string[];
  /** Why it fails now. */
  reason?: Refusal;
  /** Who can clear it. */
  clearedBy: string[];
}

export interface PlanStep {
  /** Event type, timer or answer of work. */
  event: string;
  label: string;
  /** `event`: somebody sends it. `time`: a deadline passes. `work`: work in the world succeeds. `failure`: it fails. */
  by: 'event' | 'time' | 'work' | 'failure';
  /** Who may send it: parties, roles, sources. */
  senders: string[];
  /** The users behind those senders that are parties of the instance. */
  users: string[];
  /** Whether whoever asks may send it. */
  byCaller: boolean;
  /** When the deadline passes, if it runs already. */
  dueAt: string | null;
  from: string;
  to: string;
  needs: Need[];
}

/** The shortest way from where an instance is to a goal, as far as it can be known beforehand. */
export interface InstancePlan {
  instanceId: string;
  goal: string;
  from: string;
  revision: number;
  /** `there`: it is there. `way`: there is one. `none`: there is none, whatever happens. `unknown`: the search was given up. */
  verdict: 'there' | 'way' | 'none' | 'unknown';
  steps: PlanStep[];
  /** What could not be decided beforehand, one sentence each. */
  undecided: string[];
  /** Situations that were looked at. */
  looked: number;
}

/** Of one process at once, and after how many milliseconds each is given up; alone it takes half a second at most. */
const SEARCHES = { mostAtOnce: 4, longestMs: 5_000 };
const GIVEN_UP = 'the search was given up; a goal that is nearer, or the plan from a later state, may be found';

/** Says what has to happen for an instance to get where somebody wants it. Nothing is written. */
@Injectable()
export class Planning {
  private readonly searches = new SlicedWork(SEARCHES);

  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
  ) {}

  /** @param goal a state, `STATE.phase` or a tag @throws WF001, WF006, INSTANCE_QUARANTINED, OVERLOADED */
  async plan(caller: Caller, id: string, goal: string): Promise<InstancePlan> {
    const known = await this.database.transaction(caller.tenant, async (tx) => {
      const { instance, hosted } = visible(this.registry, caller, await instances.find(tx, id));
      if (instance.status === 'quarantined') throw refuse('INSTANCE_QUARANTINED');
      const { states } = hosted.description;
      if (!states.some((state) => state.id === goal || state.tags.includes(goal)))
        throw refuse('WF006', { detail: `${goal} is no state and no tag of ${hosted.lifecycle.name}.` });
      const told = { instanceId: id, goal, from: path(instance), revision: instance.revision };
      if (isThere(instance, goal)) return { ...told, verdict: 'there' as const, steps: [], undecided: [], looked: 0 };
      const weighed = await this.conditions(tx, hosted, instance, caller);
      const running = await timers.ofInstance(tx, id);
      const due = new Map(
        running.flatMap((one) => (one.fired_at === null ? [[one.timer_id, one.due_at] as const] : [])),
      );
      return { told, hosted, instance, weighed, due };
    });
    if ('verdict' in known) return known;
    // What it takes is in memory by then: no connection is held for it.
    const { told, hosted, instance, weighed, due } = known;
    const { machine } = hosted.lifecycle;
    const work = searching(machine, instance.snapshot, (place) => isThere(place, goal), outlookOf(weighed));
    const found = await this.searches.run(work);
    const { way = null, isComplete = false, looked = 0 } = found ?? {};
    if (!way) {
      const [verdict, undecided] = isComplete ? (['none', []] as const) : (['unknown', [GIVEN_UP]] as const);
      return { ...told, verdict, steps: [], undecided: [...undecided], looked };
    }
    const steps = way.map((hop) => stepOf(hop, hosted, instance, caller, { weighed, due }));
    return { ...told, verdict: 'way', steps, undecided: undecidedIn(steps), looked };
  }

  /** How each condition of the lifecycle stands now, by its key and the type of an event. */
  private async conditions(tx: Tx, hosted: Hosted, instance: Instance, caller: Caller): Promise<Weighing> {
    const { context } = instance.snapshot as { context?: unknown };
    const { conditions } = skeletonOf(hosted.lifecycle.machine);
    const at = await instances.businessTime(tx);
    const facts: Record<string, unknown> = {};
    const needed = new Set([...conditions.values()].flatMap(({ leaf }) => [...(leaf.predicate?.needs ?? [])]));
    for (const name of needed) await load(tx, hosted, instance, name, at, facts);
    const veil = veilOf(hosted, caller);
    const now: Now = { context, facts, at, caller: { id: caller.userId, roles: caller.roles }, veil };
    const known = new Map<string, Known>();
    return (key, type) => {
      const condition = conditions.get(key);
      const earlier = known.get(`${type} ${key}`);
      if (!condition || earlier) return earlier;
      const found = { condition, ...weigh(condition, type, now) };
      known.set(`${type} ${key}`, found);
      return found;
    };
  }
}

type Known = Weighed & { condition: Condition };
type Weighing = (key: string, type: string) => Known | undefined;

/** A condition on what is known outside may come to be so; one on what the instance remembers changes by steps of its own only. */
const DOUBT = { outside: 0.1, own: 1.5 };

const outlookOf = (weighed: Weighing): Outlook => ({
  doubt: (key, type, value) => {
    const { standing, isOwn } = weighed(key, type) ?? { standing: 'unknown', isOwn: false };
    const isSo = standing === 'holds' ? value : standing === 'fails' ? !value : true;
    return isSo ? 0 : isOwn ? DOUBT.own : DOUBT.outside;
  },
  // What is sent decides: then it is one decision, or one party, and not two.
  excludes: (key, other, type) => {
    const [one, two] = [weighed(key, type), weighed(other, type)];
    const isSent = one?.standing === 'payload' && two?.standing === 'payload';
    return isSent && key !== other && one.condition.leaf.name === two.condition.leaf.name;
  },
});

/** A fact that cannot be told without the event stays untold. */
async function load(
  tx: Tx,
  hosted: Hosted,
  instance: Instance,
  name: string,
  at: number,
  facts: Record<string, unknown>,
): Promise<void> {
  const { context } = instance.snapshot as { context: never };
  const question = { instanceId: instance.id, tenant: tx.tenant, context, event: { type: 'plan' }, at };
  await tx.run('savepoint fact');
  try {
    facts[name] = await hosted.host.facts[name]?.(tx, question);
    await tx.run('release savepoint fact');
  } catch {
    await tx.run('rollback to savepoint fact');
  }
}

function stepOf(
  { event, from, to, supposing, taken }: Hop,
  { lifecycle, description }: Hosted,
  { parties }: Instance,
  { userId, roles }: Caller,
  { weighed, due }: { weighed: Weighing; due: ReadonlyMap<string, Date> },
): PlanStep {
  const rule = lifecycle.events[event];
  const senders = [...(rule?.from ?? [])];
  const ids = idsOf(lifecycle.machine, taken);
  const label = description.transitions.find((one) => ids.includes(one.id) && one.event === event)?.label ?? event;
  return {
    event,
    label,
    by: broughtBy(event),
    senders,
    users: senders.flatMap((name) => (Object.hasOwn(parties, name) ? [parties[name] ?? ''] : [])),
    byCaller: rule !== undefined && maySend(rule, parties, { id: userId, roles }),
    dueAt: due.get(event)?.toISOString() ?? null,
    from: path(from),
    to: path(to),
    needs: Object.entries(supposing).flatMap(([key, mustBe]) => {
      const found = weighed(key, event);
      return found ? [needOf(found, mustBe)] : [];
    }),
  };
}

const needOf = (
  { condition, standing, fields, reason }: Weighed & { condition: Condition },
  mustBe: boolean,
): Need => ({
  ...namedCondition(condition),
  mustBe,
  now: standing,
  fields,
  ...(reason && mustBe ? { reason } : {}),
  clearedBy: mustBe ? [...(reason?.clearedBy ?? [])] : [],
});

const broughtBy = (event: string): PlanStep['by'] =>
  event.startsWith(AFTER)
    ? 'time'
    : event.startsWith(DONE_ACTOR)
      ? 'work'
      : event.startsWith(ERROR_ACTOR)
        ? 'failure'
        : 'event';

/** Ids of the definition's transitions that were taken in its skeleton, which has the same ones in the same places. */
function idsOf(machine: Hosted['lifecycle']['machine'], taken: readonly Transition[]): string[] {
  const ids = new Map(allArrows(skeletonOf(machine).machine).map(({ transition, id }) => [transition, id]));
  return taken.flatMap((transition) => ids.get(transition) ?? []);
}

/** What was supposed, for people: the payload decides, or what is remembered by then, or it cannot be told. */
function undecidedIn(steps: readonly PlanStep[]): string[] {
  const told = steps.flatMap(({ event, needs }, index) =>
    needs.flatMap(({ condition, mustBe, now, fields }) => {
      const wanted = mustBe ? condition : `not ${condition}`;
      if (now === 'payload') return [`${event}: ${wanted} is decided by what is sent with it (${fields.join(', ')})`];
      if (now === 'withheld') return [`${event}: ${wanted} is decided on what you may not see`];
      if (now === 'unknown') return [`${event}: ${wanted} cannot be asked before the event is there`];
      if (index > 0) return [`${event}: ${wanted} is asked again when it comes, on what is known by then`];
      return [];
    }),
  );
  return [...new Set(told)];
}

const isThere = ({ state, phase, tags }: Pick<Place, 'state' | 'phase' | 'tags'>, goal: string): boolean => {
  const place = path({ state, phase });
  return place === goal || place.startsWith(`${goal}.`) || tags.includes(goal);
};
