import { pathToFileURL } from 'node:url';

// Plain JavaScript without declarations; the soak is no part of the build.
const { trendOf, verdictOf } = await import(pathToFileURL('scripts/soak/trend.mjs').href);

const HOUR_MS = 3_600_000;
const every = (ms: number, values: readonly number[]) => values.map((value, index) => ({ atMs: index * ms, value }));

describe('a trend', () => {
  it('of a straight line is its slope, without doubt', () => {
    const { perHour, low, high, mean } = trendOf(every(HOUR_MS / 4, [10, 11, 12, 13, 14]));
    expect([perHour, low, high, mean].map((number) => Number(number.toFixed(9)))).toEqual([4, 4, 4, 12]);
  });

  it('is the same whenever the clock began', () => {
    const samples = every(60_000, [3, 1, 4, 1, 5, 9, 2, 6]);
    const later = samples.map(({ atMs, value }) => ({ atMs: atMs + 1e9, value }));
    expect(trendOf(later).perHour).toBeCloseTo(trendOf(samples).perHour, 4);
  });

  it('agrees with the textbook', () => {
    // y = 1, 2, 2 at x = 0, 1, 2: slope 1/2, residuals -1/6, 1/3, -1/6, standard error sqrt((1/6) / 1 / 2).
    const { perHour, low } = trendOf(every(HOUR_MS, [1, 2, 2]));
    expect(perHour).toBeCloseTo(0.5, 9);
    expect(perHour - low).toBeCloseTo(2 * Math.sqrt(1 / 6 / 2), 9);
  });

  it('of noise alone has zero between its bounds', () => {
    const { low, high } = trendOf(
      every(
        1_000,
        Array.from({ length: 200 }, (_, i) => Math.sin(i * 12.9898) * 100),
      ),
    );
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });

  it('cannot be had from two measurements, or from one moment', () => {
    expect(() => trendOf(every(1, [1, 2]))).toThrow('at least three');
    expect(() => trendOf(every(0, [1, 2, 3]))).toThrow('different times');
  });
});

describe('a verdict', () => {
  it.each([
    [{ low: 6, high: 8 }, 'growing'],
    [{ low: -1, high: 4 }, 'flat'],
    [{ low: -9, high: -2 }, 'flat'],
    [{ low: 2, high: 9 }, 'unclear'],
  ])('on %j against a limit of 5 is %s', (trend, verdict) => expect(verdictOf(trend, 5)).toBe(verdict));

  it('finds a leak of 10 MB an hour in ten noisy minutes', () => {
    const noisy = Array.from({ length: 200 }, (_, i) => 100 + (10 * i * 3) / 3_600 + Math.sin(i * 78.233) * 0.5);
    expect(verdictOf(trendOf(every(3_000, noisy)), 5)).toBe('growing');
    const steady = noisy.map((value, i) => value - (10 * i * 3) / 3_600);
    expect(verdictOf(trendOf(every(3_000, steady)), 5)).toBe('flat');
  });
});
