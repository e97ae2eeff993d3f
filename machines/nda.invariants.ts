/** What is true of every NDA, wherever it is. Pure. */
import type { Invariant } from '../src/engine/authoring.js';
import type { NdaContext } from './nda.types.js';

/** Steps that would end one of these are refused; a force over one says so. */
export const invariants: readonly Invariant<NdaContext>[] = [
  {
    name: 'somebodyApproved',
    says: 'an NDA is binding only after it was approved, be it by policy',
    holds: ({ state, context: { approval } }) =>
      !['SIGNED', 'ACTIVE'].includes(state) || approval !== null || { code: 'NOBODY_APPROVED' },
  },
  {
    name: 'endsAfterItBegins',
    says: 'an NDA in force has an end that lies behind its beginning',
    holds: ({ state, context: { effectiveAt, expiresAt } }) =>
      state !== 'ACTIVE' ||
      (effectiveAt !== null && expiresAt !== null && expiresAt > effectiveAt) || { code: 'NO_END' },
  },
];
