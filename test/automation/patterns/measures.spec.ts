import { baselineOf, isAnomaly, pointsOf } from '../../../src/automation/patterns/baseline.js';
import { cross, type Standing } from '../../../src/automation/patterns/crossing.js';
import type { Seen } from '../../../src/automation/patterns/event.js';
import { holds, measured, metricIn } from '../../../src/automation/patterns/metric.js';
import { foundRows } from '../../../src/automation/patterns/rows.js';
import { windowMs } from '../../../src/automation/patterns/windows.js';

const event = (data: Seen['data'], at = 0): Seen => ({
  ...{ id: `e${at}`, type: 't', source: 'api', userId: 'u', sessionId: null, metadata: {} },
  data,
  at,
});
const over = (text: string, values: Seen['data'][]) => {
  const metric = metricIn(text);
  if (!metric) throw new Error(`${text} is no metric`);
  return measured(
    metric,
    values.map((data, at) => event(data, at)),
    10_000,
  );
};

describe('windows (R002-34)', () => {
  it.each([
    ['1s', 1_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['365d', 31_536_000_000],
    ['366d', undefined],
    ['0s', undefined],
    ['5', undefined],
    ['5w', undefined],
    ['-5m', undefined],
    ['1.5h', undefined],
    [' 5m', undefined],
    ['99999999999999999999d', undefined],
  ])('%s is %s ms', (text, ms) => expect(windowMs(text)).toBe(ms));
});

describe('metrics (R002-32)', () => {
  const values = [{ n: 4, k: 'a' }, { n: 6, k: 'b' }, { n: '7', k: 'a' }, { k: null }];
  it.each([
    ['COUNT(*)', 4],
    ['count( * )', 4],
    ['RATE', 0.4],
    ['COUNT(DISTINCT data.k)', 2],
    ['COUNT(DISTINCT userId)', 1],
    ['SUM(data.n)', 10],
    ['AVG(n)', 5],
    ['MIN(data.n)', 4],
    ['MAX(data.n)', 6],
    ['data.n', 6],
    ['n', 6],
    ['AVG(data.missing)', undefined],
    ['SUM(data.missing)', 0],
  ])('%s is %s', (metric, value) => expect(over(metric, values)).toBe(value));

  it.each(['', 'COUNT', 'COUNT(n)', 'MEDIAN(n)', 'SUM()', 'SUM(a b)', 'n;', 'a..b', "n' or 1=1", 'AVG(AVG(n))'])(
    '%s is none',
    (text) => expect(metricIn(text)).toBeUndefined(),
  );

  it.each([
    ['>', [false, false, true]],
    ['<', [true, false, false]],
    ['>=', [false, true, true]],
    ['<=', [true, true, false]],
    ['==', [false, true, false]],
    ['!=', [true, false, true]],
  ] as const)('%s of 4, 5 and 6 with 5', (operator, expected) =>
    expect([4, 5, 6].map((value) => holds(value, operator, 5))).toEqual(expected),
  );
});

describe('a condition that holds for a while', () => {
  it('fires when it begins to, is armed again when it does not, and is quiet for its cooldown (R002-32)', () => {
    let standing: Standing | undefined;
    const fired = [
      [0, false],
      [1, true],
      [2, true],
      [3, false],
      [4, true],
      [12, true],
      [13, false],
      [14, true],
    ].map(([at, isTrue]) => {
      const crossed = cross(standing, Boolean(isTrue), Number(at), 10);
      ({ standing } = crossed);
      return crossed.fires;
    });
    expect(fired).toEqual([false, true, false, false, false, false, false, true]);
  });
});

describe('what is out of the ordinary (R002-33)', () => {
  const points = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 90 : 110));
  const usual = baselineOf(points);
  it('reckons with the sample standard deviation', () => {
    expect(baselineOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ points: 8, mean: 5, deviation: Math.sqrt(32 / 7) });
    expect(baselineOf([1_000_000_001, 1_000_000_002, 1_000_000_003]).deviation).toBe(1);
    expect(baselineOf([])).toEqual({ points: 0, mean: 0, deviation: 0 });
  });

  it.each([
    ['low', 130, false],
    ['low', 131, true],
    ['medium', 120, false],
    ['medium', 121, true],
    ['high', 115, false],
    ['high', 116, true],
  ] as const)('with %s sensitivity %d is an anomaly: %s', (sensitivity, value, expected) =>
    expect(isAnomaly(value, usual, { sensitivity })).toBe(expected),
  );

  it('looks above unless told otherwise', () => {
    const at = (value: number, direction?: 'above' | 'below' | 'both') =>
      isAnomaly(value, usual, { sensitivity: 'low', ...(direction && { direction }) });
    expect([at(60), at(60, 'below'), at(60, 'both'), at(140), at(140, 'below'), at(140, 'both')]).toEqual([
      ...[false, true, true],
      ...[true, false, true],
    ]);
  });

  it('says nothing with fewer than 20 points', () => {
    expect(isAnomaly(1e9, baselineOf(points.slice(1)), { sensitivity: 'high' })).toBe(false);
  });

  it('takes every other value for one where nothing has ever varied, but no rounding', () => {
    const flat = baselineOf(Array.from({ length: 20 }, () => 0.1));
    expect(isAnomaly(0.1 + 1e-12, flat, { sensitivity: 'low' })).toBe(false);
    expect(isAnomaly(0.1001, flat, { sensitivity: 'low' })).toBe(true);
    expect(isAnomaly(0.0999, flat, { sensitivity: 'low', direction: 'both' })).toBe(true);
    expect(isAnomaly(0.0999, flat, { sensitivity: 'low' })).toBe(false);
  });

  it('has 25 whole windows in the seven before, of those that were watched; of single values all that were said in them', () => {
    const events = Array.from({ length: 800 }, (_, n) => event({ n: 1 }, (n + 1) * 10));
    const [count, value] = [metricIn('COUNT(*)'), metricIn('n')];
    if (!count || !value) throw new Error('metrics');
    expect(pointsOf(count, events, 8_010, 1_000)).toEqual(Array.from({ length: 25 }, () => 100));
    expect(pointsOf(count, events.slice(400), 8_010, 1_000)).toHaveLength(9);
    expect(pointsOf(value, events, 8_000, 1_000)).toHaveLength(700);
  });
});

describe('the rows of a query (R002-30)', () => {
  it('are the same in whatever order they and their columns come', () => {
    const key = (rows: { [name: string]: number | string }[]) => foundRows(rows)?.key;
    expect(key([{ a: 1, b: 2 }, { a: 3 }])).toBe(key([{ a: 3 }, { b: 2, a: 1 }]));
    expect(key([{ a: 1 }])).not.toBe(key([{ a: 2 }]));
    expect(key([{ dedupe_key: 'x', n: 1 }])).toBe(key([{ dedupe_key: 'x', n: 2 }]));
    expect(foundRows([])).toBeUndefined();
  });
});
