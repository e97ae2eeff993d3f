import { draftTerms, toDecimal, toMinor } from '../../machines/investment.terms.js';
import { NOON } from '../support/given.js';

describe('terms (R000-35)', () => {
  const common = (investmentType: string) => ({
    investmentAmount: '1000000.01',
    investmentType,
    closingDate: '2026-02-04',
    governingLaw: 'Delaware, USA',
  });

  it.each([
    ['equity', { equityPercentage: 20, votingRights: 'Class A Common', boardSeats: 1, proRataRights: true }],
    ['debt', { interestRate: 8.5, maturityDate: '2029-01-04', paymentSchedule: 'quarterly', collateral: 'None' }],
    [
      'convertible',
      { conversionDiscount: 20, valuationCap: '10000000.00', interestRate: 5, maturityDate: '2027-06-29' },
    ],
    [
      'revenue_share',
      { revenuePercentage: 5, paymentCap: '2500000.03', paymentSchedule: 'monthly', startDate: '2026-04-05' },
    ],
  ] as const)('has its own terms for %s (R000-100)', (type, own) =>
    expect(draftTerms(type, 1_000_000_01, NOON)).toEqual({ ...common(type), ...own }),
  );

  it.each([
    [500_000_00, { boardSeats: 0, proRataRights: false }],
    [500_000_01, { boardSeats: 0, proRataRights: true }],
    [1_000_000_00, { boardSeats: 0, proRataRights: true }],
  ])('gives %d cents their rights', (amount, rights) =>
    expect(draftTerms('equity', amount, NOON)).toMatchObject(rights),
  );
});

describe('amounts (R000-47)', () => {
  it.each([
    [19.99, 19_99, '19.99'],
    [0.29, 29, '0.29'],
    [0.07, 7, '0.07'],
    [1_000, 1_000_00, '1000.00'],
    [9_999_999.99, 9_999_999_99, '9999999.99'],
  ])('knows %d as whole cents and back', (amount, minor, decimal) => {
    expect(toMinor(amount)).toBe(minor);
    expect(toDecimal(minor)).toBe(decimal);
  });
});
