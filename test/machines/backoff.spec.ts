import { backoff } from '../../src/engine/core/backoff.js';

describe('the pause before another attempt', () => {
  const policy = { backoffMs: 1_000, maxBackoffMs: 10_000 };

  it('doubles each time, up to the maximum', () =>
    expect([1, 2, 3, 4, 5, 60].map((attempt) => backoff(attempt, policy, 0.999_999))).toEqual([
      1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
    ]));

  it('is spread over the upper half, so that not all come at once', () => {
    expect(backoff(3, policy, 0)).toBe(2_000);
    expect(backoff(3, policy, 0.5)).toBe(3_000);
  });
});
