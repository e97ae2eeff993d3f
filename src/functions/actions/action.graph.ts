/** Which of many actions can be done when: those that stand on others wait for them (R004-46, R004-47). Pure. */
import type { Fields } from '../../../machines/function.types.js';
import { ActionError } from '../failure.js';

/** What becomes of the others when one fails. */
export const ERROR_STRATEGIES = ['stop', 'continue', 'retry', 'compensate'] as const;
export type ErrorStrategy = (typeof ERROR_STRATEGIES)[number];

/** One of many actions. */
export interface PlannedAction {
  id: string;
  /** The action. */
  name: string;
  /** Ids, groups or sync points that come first: all of them. */
  dependsOn?: readonly string[];
  /** Where in a larger plan it stands; kept with its result. */
  path?: string;
  group?: string;
  syncPoint?: string;
  /** The executor's when left out. */
  errorStrategy?: ErrorStrategy;
  /** What undoes it, in this order. */
  compensationActions?: readonly { name: string; params?: Fields }[];
  /** Done also when something failed that it depends on. */
  runOnFailure?: boolean;
  params?: Fields;
}

/** An action with the ids of all that come first. */
export interface Step {
  action: PlannedAction;
  after: readonly string[];
  /** Each of them, and by what the action depends on it. */
  reasons: readonly Reason[];
}
interface Reason {
  on: string;
  by: 'action' | 'group' | 'sync_point';
}

/** The actions with what each waits for. @throws ActionError DUPLICATE_ACTION, UNKNOWN_DEPENDENCY, DEPENDENCY_CYCLE before anything is done */
export function plan(actions: readonly PlannedAction[]): Step[] {
  const ids = new Set(actions.map(({ id }) => id));
  if (ids.size < actions.length) throw new ActionError('DUPLICATE_ACTION', 'Two actions have the same id');
  const steps = actions.map((action) => {
    const all = (action.dependsOn ?? []).flatMap((name) => named(actions, action, name));
    const reasons = all.filter(({ on }, index) => all.findIndex((other) => other.on === on) === index);
    return { action, after: reasons.map(({ on }) => on), reasons };
  });
  refuseCycles(steps);
  return steps;
}

/** What a dependency stands for: an action, or all of a group or a sync point. */
function named(actions: readonly PlannedAction[], { id: from }: PlannedAction, name: string): Reason[] {
  const found = actions.flatMap(({ id, group, syncPoint }): Reason[] => {
    if (id === name) return [{ on: id, by: 'action' }];
    if (group === name) return [{ on: id, by: 'group' }];
    return syncPoint === name ? [{ on: id, by: 'sync_point' }] : [];
  });
  if (found.length === 0) throw new ActionError('UNKNOWN_DEPENDENCY', `${from} depends on ${name}, which is not there`);
  return found;
}

function refuseCycles(steps: readonly Step[]): void {
  const done = new Set<string>();
  for (let left = [...steps]; left.length > 0;) {
    const ready = left.filter(({ after }) => after.every((id) => done.has(id)));
    if (ready.length === 0) {
      const ids = left.map(({ action }) => action.id).join(', ');
      throw new ActionError('DEPENDENCY_CYCLE', `These wait for each other, or for those that do: ${ids}`);
    }
    ready.forEach(({ action }) => done.add(action.id));
    left = left.filter((step) => !ready.includes(step));
  }
}
