/** What has to be done to the clocks of an item, given what it waits for. Pure; the same for a transition and for the hourly look. */
import type { Terms } from './sla.terms.js';

/** Something an item waits for, with a rule that counts now; the rule's fields are null when none does. */
export interface Waiting extends Partial<Nullable<Terms>> {
  metric: string;
  stage: string | null;
  /** Where its clock starts, milliseconds. */
  since: number;
  /** The state that can make the clock stand still. */
  at_stage: string;
  owner_id: string | null;
  rule_id: number | null;
  pause_stages: string[] | null;
}
type Nullable<T> = { [Key in keyof T]: T[Key] | null };

/** A clock that has not ended. */
export interface Running {
  workflow_instance_id: string;
  rule_id: number;
  metric: string;
  stage: string | null;
  state: string;
  reason: string | null;
  started_at: number;
  rule_revision: number;
  calendar: string;
}

export interface Start extends Terms {
  rule_id: number;
  metric: string;
  since: number;
  owner_id: string | null;
  /** The state that makes it stand still from the start; null when it goes. */
  paused_by: string | null;
}

export type Act =
  | { kind: 'start'; clock: Start }
  | { kind: 'tell'; instanceId: string; event: 'sla.met' | 'sla.withdrawn' | 'sla.paused'; reason: string }
  | { kind: 'tell'; instanceId: string; event: 'sla.resumed' | 'sla.rescheduled' };

/** A pause that a state made, and that ends with it; what people paused, people resume. */
const BY_STAGE = 'stage: ';

/** @param calendar hash of the tenant's calendar  @param why what ended the waiting, in the words of the item */
export function plan(waiting: readonly Waiting[], running: readonly Running[], calendar: string, why: string): Act[] {
  const asked = waiting.filter(isAsked);
  const acts = running.flatMap((clock): Act[] => {
    const wish = asked.find(({ rule_id, since }) => rule_id === clock.rule_id && isSame(since, clock.started_at));
    return wish ? adjust(clock, wish, calendar) : end(clock, waiting, why);
  });
  const missing = asked.filter(
    ({ rule_id, since }) => !running.some((clock) => clock.rule_id === rule_id && isSame(since, clock.started_at)),
  );
  return [...acts, ...missing.map((wish): Act => ({ kind: 'start', clock: startOf(wish) }))];
}

// What went through a number of seconds and back may be a microsecond off.
const isSame = (left: number, right: number): boolean => Math.abs(left - right) < 1;

type Asked = Waiting & Terms & { rule_id: number; pause_stages: string[] };

const isAsked = (wish: Waiting): wish is Asked => wish.rule_id !== null;

const pauseOf = ({ pause_stages, at_stage }: Asked): string | null =>
  pause_stages.includes(at_stage) ? `${BY_STAGE}${at_stage}` : null;

const startOf = (wish: Asked): Start => ({
  rule_id: wish.rule_id,
  metric: wish.metric,
  since: wish.since,
  owner_id: wish.owner_id,
  threshold_hrs: wish.threshold_hrs,
  clock: wish.clock,
  warn_pct: wish.warn_pct,
  revision: wish.revision,
  paused_by: pauseOf(wish),
});

function adjust(clock: Running, wish: Asked, calendar: string): Act[] {
  if (clock.state === 'breached') return [];
  const instanceId = clock.workflow_instance_id;
  const isOutdated =
    clock.rule_revision !== wish.revision || clock.calendar !== (wish.clock === 'business' ? calendar : '');
  const pause = pauseOf(wish);
  const acts: Act[] = isOutdated ? [{ kind: 'tell', instanceId, event: 'sla.rescheduled' }] : [];
  if (clock.state === 'running' && pause !== null)
    acts.push({ kind: 'tell', instanceId, event: 'sla.paused', reason: pause });
  if (clock.state === 'paused' && pause === null && clock.reason?.startsWith(BY_STAGE))
    acts.push({ kind: 'tell', instanceId, event: 'sla.resumed' });
  return acts;
}

function end(clock: Running, waiting: readonly Waiting[], why: string): Act[] {
  const instanceId = clock.workflow_instance_id;
  const still = waiting.find(({ metric, stage }) => metric === clock.metric && stage === clock.stage);
  if (!still) return [{ kind: 'tell', instanceId, event: 'sla.met', reason: why }];
  if (!isSame(still.since, clock.started_at))
    return [{ kind: 'tell', instanceId, event: 'sla.withdrawn', reason: 'begun anew' }];
  // The rule is gone; a breach that happened while it counted stays until the item is dealt with.
  return clock.state === 'breached'
    ? []
    : [{ kind: 'tell', instanceId, event: 'sla.withdrawn', reason: 'the rule is not active' }];
}
