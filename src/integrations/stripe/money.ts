/** Amounts between how people write them and how providers count them: whole minor units (R000-47). Pure. */

/** Currencies without minor unit. */
const NO_DECIMALS = set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF');
/** Whole amounts only, yet counted in hundredths: 5 ISK is 500. */
const WHOLE_IN_HUNDREDTHS = set('ISK UGX');
/** Counted in thousandths of which the last digit must be 0. */
const THREE_DECIMALS = set('BHD JOD KWD OMR TND');

/**
 * Minor units of a decimal amount, read from its digits because `0.29 * 100` is not 29.
 * @throws RangeError when the amount is negative, no plain decimal, or finer than the currency allows
 */
export function toMinor(amount: string | number, currency: string): number {
  const [, whole, decimals = ''] = /^(\d+)(?:\.(\d+))?$/.exec(String(amount)) ?? [];
  if (whole === undefined) throw new RangeError(`${amount} is no amount of money`);
  const { allowed, counted } = unitsOf(currency);
  const fraction = decimals.replace(/0+$/, '');
  if (fraction.length > allowed) throw new RangeError(`${amount} is finer than ${currency.toUpperCase()} allows`);
  const minor = Number(whole + fraction.padEnd(counted, '0'));
  if (!Number.isSafeInteger(minor)) throw new RangeError(`${amount} is too much to be exact`);
  return minor;
}

/** A decimal amount with all the digits of its currency: 1999 of `usd` is `19.99`. @throws RangeError unless minor is a whole number >= 0 */
export function toDecimal(minor: number, currency: string): string {
  if (!Number.isSafeInteger(minor) || minor < 0) throw new RangeError(`${minor} is no number of minor units`);
  const { counted } = unitsOf(currency);
  const digits = String(minor).padStart(counted + 1, '0');
  return counted === 0 ? digits : `${digits.slice(0, -counted)}.${digits.slice(-counted)}`;
}

/** How many decimals an amount may have, and how many its minor units count. */
function unitsOf(currency: string): { allowed: number; counted: number } {
  const code = currency.toUpperCase();
  if (NO_DECIMALS.has(code)) return { allowed: 0, counted: 0 };
  if (WHOLE_IN_HUNDREDTHS.has(code)) return { allowed: 0, counted: 2 };
  if (THREE_DECIMALS.has(code)) return { allowed: 2, counted: 3 };
  return { allowed: 2, counted: 2 };
}

function set(codes: string): ReadonlySet<string> {
  return new Set(codes.split(' '));
}
