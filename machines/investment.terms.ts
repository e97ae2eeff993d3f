/** The arithmetic an investment decides on: amounts, the terms of each kind of deal, the limits. Pure. */

/** Kinds of investment (R000-13). */
export const INVESTMENT_TYPES = ['equity', 'debt', 'convertible', 'revenue_share'] as const;
/** One of INVESTMENT_TYPES. */
export type InvestmentType = (typeof INVESTMENT_TYPES)[number];

/** All money is US cents (R000-40). */
export const CURRENCY = 'usd';
const CENTS = 100;
/** Smallest investment, cents (R000-14). */
export const MIN_INVESTMENT_MINOR = 1_000 * CENTS;
/** The most that one charge can carry, cents; anything above comes by wire (R000-47). */
export const MAX_CHARGE_MINOR = 999_999_99;

const DAY_MS = 86_400_000;

/** Cents of an amount with at most two decimals, read from its digits: `19.99 * 100` would not be 1999 (R000-47). */
export function toMinor(amount: number): number {
  const [whole = '0', cents = ''] = amount.toFixed(2).split('.');
  return Number(whole + cents);
}

/** Cents as people write them: `1999` is `19.99`. */
export function toDecimal(minor: number): string {
  const digits = String(minor).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Milliseconds as an ISO timestamp. */
export const toTimestamp = (ms: number): string => new Date(ms).toISOString();

/** What both parties sign: the terms every deal has, and those of its kind (R000-35). Amounts are decimal strings, days ISO dates. */
export type Terms = {
  investmentAmount: string;
  investmentType: InvestmentType;
  closingDate: string;
  governingLaw: string;
} & { [term: string]: string | number | boolean };

/**
 * The term sheet of an agreed amount.
 * @param at the day it is drawn up, milliseconds; every date in it counts from there
 */
export const draftTerms = (type: InvestmentType, amountMinor: number, at: number): Terms => ({
  investmentAmount: toDecimal(amountMinor),
  investmentType: type,
  closingDate: dayAfter(at, 30),
  governingLaw: 'Delaware, USA',
  ...SPECIFIC[type](amountMinor, at),
});

const DEFAULT_VALUATION_MINOR = 5_000_000 * CENTS;
const BOARD_SEAT_ABOVE_MINOR = 1_000_000 * CENTS;
const PRO_RATA_ABOVE_MINOR = 500_000 * CENTS;

const SPECIFIC: Record<InvestmentType, (amountMinor: number, at: number) => Record<string, string | number | boolean>> =
  {
    equity: (amountMinor) => ({
      // To four decimals, computed in whole numbers.
      equityPercentage: Math.round((amountMinor * 1_000_000) / DEFAULT_VALUATION_MINOR) / 10_000,
      votingRights: 'Class A Common',
      boardSeats: amountMinor > BOARD_SEAT_ABOVE_MINOR ? 1 : 0,
      proRataRights: amountMinor > PRO_RATA_ABOVE_MINOR,
    }),
    debt: (_, at) => ({
      interestRate: 8.5,
      maturityDate: dayAfter(at, 3 * 365),
      paymentSchedule: 'quarterly',
      collateral: 'None',
    }),
    convertible: (_, at) => ({
      conversionDiscount: 20,
      valuationCap: '10000000.00',
      interestRate: 5,
      maturityDate: dayAfter(at, 18 * 30),
    }),
    revenue_share: (amountMinor, at) => ({
      revenuePercentage: 5,
      paymentCap: toDecimal(Math.round((amountMinor * 5) / 2)),
      paymentSchedule: 'monthly',
      startDate: dayAfter(at, 90),
    }),
  };

const dayAfter = (at: number, days: number): string => toTimestamp(at + days * DAY_MS).slice(0, 'yyyy-mm-dd'.length);
