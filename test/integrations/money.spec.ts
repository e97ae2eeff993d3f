import { toDecimal, toMinor } from '../../src/integrations/stripe/money.js';

describe('money', () => {
  it.each([
    [19.99, 'usd', 1999],
    ['19.99', 'usd', 1999],
    [0.29, 'usd', 29],
    ['0.1', 'EUR', 10],
    [1_000_000, 'usd', 100_000_000],
    ['007.50', 'usd', 750],
    ['1.500', 'usd', 150],
    [500, 'jpy', 500],
    ['5.12', 'kwd', 5120],
    ['5.120', 'KWD', 5120],
    [5, 'isk', 500],
    [5, 'ugx', 500],
  ])('counts %p %s as %i minor units (R000-47)', (amount, currency, minor) => {
    expect(toMinor(amount, currency)).toBe(minor);
  });

  it.each([
    [19.999, 'usd'],
    [0.1 + 0.2, 'usd'],
    [1.5, 'jpy'],
    [1.5, 'isk'],
    ['5.124', 'kwd'],
    [-1, 'usd'],
    [1e21, 'usd'],
    [NaN, 'usd'],
    ['1,000.00', 'usd'],
    ['', 'usd'],
    ['90071992547409.93', 'usd'],
  ])('refuses %p %s rather than round it', (amount, currency) => {
    expect(() => toMinor(amount, currency)).toThrow(RangeError);
  });

  it.each([
    [1999, 'usd', '19.99'],
    [5, 'usd', '0.05'],
    [500, 'jpy', '500'],
    [5120, 'kwd', '5.120'],
    [500, 'isk', '5.00'],
  ])('writes %i of %s as %s', (minor, currency, decimal) => {
    expect(toDecimal(minor, currency)).toBe(decimal);
    expect(toMinor(decimal, currency)).toBe(minor);
  });
});
