import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import type { Description } from '../engine/core/driver.js';
import { Reading } from '../engine/reading.js';
import { livedInstances, livedSteps, type LivedStep } from '../engine/store/steps.js';
import { Database } from '../platform/database.js';
import type { Coverage, TestedAndLived } from './answers.dto.js';
import { testedOf } from './tested.js';
import { takenBy, withAncestors, type Trail } from './trail.js';

/** Which transitions of a lifecycle the tenant's instances have really taken. */
@Injectable()
export class LivedCoverage {
  constructor(
    private readonly database: Database,
    private readonly reading: Reading,
  ) {}

  /** @param most how many instances are looked at, the newest first @throws NOT_FOUND */
  of(caller: Caller, name: string, version: number | undefined, most: number): Promise<Coverage> {
    const description = this.reading.describe(name, version);
    return this.database.transaction(caller.tenant, async (tx) => {
      const steps = await livedSteps(tx, name, description.version, most);
      const instances = await livedInstances(tx, name, description.version, most);
      return { ...counted(description, steps), instances };
    });
  }
}

/** Whether a transition is tested, lived, both or neither. */
export type Mark = 'both' | 'tested' | 'lived' | 'neither';

const markOf = ({ taken, tested }: { taken: number; tested: number | null }): Mark =>
  taken > 0 ? (tested ? 'both' : 'lived') : tested ? 'tested' : 'neither';

/** The mark of each transition. */
export const marksOf = ({ transitions }: Coverage): ReadonlyMap<string, Mark> =>
  new Map(transitions.map((transition) => [transition.id, markOf(transition)]));

/** The same as what a picture shows of it. */
export function trailOfCoverage({ transitions }: Coverage): Trail {
  const lived = transitions.filter(({ taken }) => taken > 0);
  return {
    states: new Set(lived.flatMap(({ source, targets }) => [source, ...targets]).flatMap(withAncestors)),
    transitions: new Set(lived.map(({ id }) => id)),
  };
}

const NOT_THE_MACHINES: ReadonlySet<string> = new Set(['pause', 'resume', 'compensated']);

function counted(description: Description, steps: readonly LivedStep[]): Omit<Coverage, 'instances'> {
  const taken = new Map<string, { count: number; last: Date }>();
  const unexplained: Coverage['unexplained'] = [];
  for (const step of steps) {
    if (NOT_THE_MACHINES.has(step.kind)) continue;
    const before = step.from === null ? null : step.fromPhase === null ? step.from : `${step.from}.${step.fromPhase}`;
    const found = step.kind === 'force' || step.kind === 'migrate' ? [] : takenBy(description, before, step);
    const { kind, type, from, to, count, last } = step;
    // Nothing is taken by a start that stops in the first state.
    if (found.length === 0 && kind !== 'start') unexplained.push({ kind, type, from, to, count });
    for (const { id } of found) {
      const known = taken.get(id);
      taken.set(id, { count: (known?.count ?? 0) + count, last: known && known.last > last ? known.last : last });
    }
  }
  const tested = testedOf(description.name, description.version);
  const transitions = description.transitions.map(({ id, label, event, source, targets }) => ({
    ...{ id, label, event, source, targets },
    taken: taken.get(id)?.count ?? 0,
    tested: tested ? (tested.taken[id] ?? 0) : null,
    lastAt: taken.get(id)?.last.toISOString() ?? null,
  }));
  const { name: lifecycle, version, fingerprint } = description;
  return {
    ...{ lifecycle, version, fingerprint },
    steps: steps.reduce((sum, { count }) => sum + count, 0),
    transitions,
    tested: tested ? tally(transitions.map(markOf)) : null,
    neverTaken: transitions.filter((transition) => transition.taken === 0).length,
    unexplained,
  };
}

function tally(marks: readonly Mark[]): TestedAndLived {
  const counts: TestedAndLived = { both: 0, tested: 0, lived: 0, neither: 0 };
  for (const mark of marks) counts[mark]++;
  return counts;
}
