/** What is true of every production deal, wherever it is. Pure. */
import type { Invariant } from '../src/engine/authoring.js';
import type { ProductionContext } from './production.types.js';

/** Steps that would end one of these are refused; a force over one says so. */
export const invariants: readonly Invariant<ProductionContext>[] = [
  {
    name: 'termsAreOnTheTable',
    says: 'nothing is negotiated, signed or produced without terms',
    holds: ({ state, context: { terms } }) =>
      !['NEGOTIATION', 'CONTRACT', 'PRODUCTION', 'COMPLETED'].includes(state) || terms !== null || { code: 'NO_TERMS' },
  },
  {
    name: 'pitchIsItsOwn',
    says: 'a company negotiates and signs only while the pitch is its own',
    holds: ({ state, context: { exclusiveUntil } }) =>
      !['NEGOTIATION', 'CONTRACT'].includes(state) || exclusiveUntil !== null || { code: 'PITCH_NOT_ITS_OWN' },
  },
];
