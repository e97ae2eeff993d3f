/** What must be true of an instance wherever it is: judged on each step, told where an administrator steps over it. */
import type { Refusal } from '../authoring.js';
import type { Json, Step } from './driver.js';
import { field } from './machine.js';
import type { Lifecycle } from './lifecycle.js';
import { behind } from './veil.js';

/** Where an instance is, and what it remembers. */
export interface Situated<Context = unknown> extends Pick<Step, 'state' | 'phase' | 'status' | 'tags'> {
  context: Context;
}

/** Something that must be true after every step. Pure: what it reads is handed to it. */
export interface Invariant<Context = unknown> {
  /** A name that says what holds: `moneyIsAgreed`. */
  name: string;
  /** The same as a sentence, for people. */
  says: string;
  /** `true`, or why not. */
  holds(at: Situated<Context>): true | Refusal;
}

/** An invariant that does not hold. */
export interface Broken {
  name: string;
  says: string;
  reason: Refusal;
  /** Which of the confidential fields it is judged on. */
  reads?: readonly string[];
}

/** What is not as the lifecycle says it always is. One that throws does not hold. */
export function brokenIn({ invariants = [], confidential = [] }: Judged, at: Placed): Broken[] {
  const situated = { ...at, context: field(at.snapshot, 'context') };
  return invariants.flatMap((invariant) => {
    const verdict = judge(invariant, situated);
    if (verdict === true) return [];
    const reads = confidential.filter(
      (name) =>
        behind(new Set([name]), { context: situated.context, event: undefined }, ({ context }) =>
          judge(invariant, { ...situated, context }),
        ).isVeiled,
    );
    return [{ name: invariant.name, says: invariant.says, reason: verdict, ...(reads.length > 0 ? { reads } : {}) }];
  });
}

/** What a step broke that was whole before it. An instance that was forced over an invariant can still go on, and mend it. */
export function newlyBroken(lifecycle: Judged, before: () => Placed, after: Placed): Broken[] {
  const broken = brokenIn(lifecycle, after);
  if (broken.length === 0) return broken;
  const known = new Set(brokenIn(lifecycle, before()).map(({ name }) => name));
  return broken.filter(({ name }) => !known.has(name));
}

/** For people, in one line. */
export const tellBroken = (broken: readonly Broken[]): string => broken.map(({ says }) => says).join('; ');

type Judged = Pick<Lifecycle, 'invariants' | 'confidential'>;
type Placed = Pick<Step, 'state' | 'phase' | 'status' | 'tags'> & { snapshot: Json };

function judge(invariant: Invariant, situated: Situated): true | Refusal {
  try {
    return invariant.holds(situated);
  } catch (error) {
    return { code: 'INVARIANT_THREW', message: error instanceof Error ? error.message : String(error) };
  }
}
