import { validateSync } from 'class-validator';
import { IsDay, IsDecimal } from '../../src/platform/validation.js';

class Priced {
  @IsDecimal(2) price: unknown;
  @IsDay() day: unknown;
}
const wrong = (price: unknown, day: unknown = '2026-03-31') =>
  validateSync(Object.assign(new Priced(), { price, day })).map(({ property }) => property);

describe('a number with at most two decimals', () => {
  it.each([0, -0, 1, -1.5, 0.29, 19.99, 999_999_999_999.99, 1e21])('may be %p', (price) =>
    expect(wrong(price)).toEqual([]),
  );
  it.each([0.001, 1.005, 0.1 + 0.2, 1e-7, 1e-320, NaN, Infinity, '1', null, undefined, {}, []])('is not %p', (price) =>
    expect(wrong(price)).toEqual(['price']),
  );
});

describe('a day', () => {
  it.each(['2026-03-31', '2024-02-29', '1999-12-31'])('may be %p', (day) => expect(wrong(1, day)).toEqual([]));
  it.each([
    '2026-02-30',
    '2025-02-29',
    '2026-3-1',
    '2026-03-31T00:00:00Z',
    '0000-01-01',
    '+275760-09-13',
    '',
    null,
    20260331,
  ])('is not %p', (day) => expect(wrong(1, day)).toEqual(['day']));
});
