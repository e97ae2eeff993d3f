import type { AnyStateMachine } from 'xstate';
import { digestOf } from '../fingerprint.js';
import { declarationOf } from '../machine.js';
import type { Lifecycle } from '../lifecycle.js';

/** `guard isPaid`, `action close`, `work charge`, `delay ANSWER`, `invariant goodsArePaid` → a hash of what it is made of. */
export type Parts = Readonly<Record<string, string>>;

/** The named parts of a lifecycle. Of work that is done elsewhere only the declaration counts. */
export function partsOf({ machine, invariants = [] }: Lifecycle): Parts {
  const { guards, actions, actors, delays } = machine.implementations;
  return {
    ...digests('guard', guards),
    ...digests('action', actions),
    ...digests('work', actors),
    ...digests('delay', delays),
    ...Object.fromEntries(invariants.map((invariant) => [`invariant ${invariant.name}`, digestOf(invariant)])),
  };
}

const digests = (kind: string, table: AnyStateMachine['implementations']['actions'] | object): Parts =>
  Object.fromEntries(
    Object.entries(table).map(([name, part]) => {
      const declaration = declarationOf(part);
      return [`${kind} ${name}`, digestOf(declaration ? [declaration.effect, declaration.options] : part)];
    }),
  );
