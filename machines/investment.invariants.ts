/** What is true of every investment, wherever it is. Pure. */
import type { Invariant } from '../src/engine/authoring.js';
import type { InvestmentContext } from './investment.types.js';

const PAST_AGREEMENT = ['DUE_DILIGENCE', 'COMMITMENT', 'ESCROW', 'CLOSING', 'FUNDED', 'COMPLETED'];
const PAST_ESCROW = ['CLOSING', 'FUNDED', 'COMPLETED'];

/** Steps that would end one of these are refused; a force over one says so. */
export const invariants: readonly Invariant<InvestmentContext>[] = [
  {
    name: 'amountIsAgreed',
    says: 'nobody is asked for money before both sides agreed on an amount',
    holds: ({ state, context: { agreedMinor } }) =>
      !PAST_AGREEMENT.includes(state) || (agreedMinor !== null && agreedMinor > 0) || { code: 'AMOUNT_NOT_AGREED' },
  },
  {
    name: 'moneyIsSetAside',
    says: 'nothing is signed or handed over at closing before the money is set aside',
    holds: ({ state, context: { transactionId } }) =>
      !PAST_ESCROW.includes(state) || transactionId !== null || { code: 'NO_MONEY_SET_ASIDE' },
  },
  {
    name: 'creatorIsPaid',
    says: 'a deal is complete only when the creator has been paid',
    holds: ({ state, context: { transferId } }) =>
      state !== 'COMPLETED' || transferId !== null || { code: 'CREATOR_NOT_PAID' },
  },
];
