import { TokenBuckets } from '../../src/auth/token.bucket.js';

describe('a token bucket', () => {
  let now = 0;
  const buckets = (perSecond: number, burst: number) => new TokenBuckets(perSecond, burst, () => now);

  it('lets a burst through, then so many each second', () => {
    const limit = buckets(2, 4);
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([0, 0, 0, 0]);
    expect(limit.take('a')).toBeCloseTo(0.5);
    now += 500;
    expect(limit.take('a')).toBe(0);
    expect(limit.take('a')).toBeGreaterThan(0);
  });

  it('keeps one user out of the way of another', () => {
    const limit = buckets(1, 1);
    limit.take('a');
    expect(limit.take('a')).toBeGreaterThan(0);
    expect(limit.take('b')).toBe(0);
  });

  it('tells how long to wait without taking anything', () => {
    const limit = buckets(1, 1);
    expect([limit.wait('a'), limit.wait('a'), limit.take('a')]).toEqual([0, 0, 0]);
    expect(limit.wait('a')).toBeCloseTo(1);
  });

  it('forgets whoever was away for longest when there are too many', () => {
    const limit = buckets(1, 1);
    for (let user = 0; user < 10_001; user++) limit.take(`user ${user}`);
    expect(limit.take('user 0')).toBe(0);
    expect(limit.take('user 10000')).toBeGreaterThan(0);
  });
});
