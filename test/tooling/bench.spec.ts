/** The benchmark's arithmetic. What it measures is measured by the command alone: no test depends on how fast this machine is. */
import { pathToFileURL } from 'node:url';

// Plain JavaScript without declarations; the benchmark is no part of the build.
const part = (file: string) => import(pathToFileURL(`bench/src/${file}`).href);
const { Book, median, percentile } = await part('stats.mjs');
const { check } = await part('targets.mjs');
const { figure, table } = await part('table.mjs');
const { results } = await part('document.mjs');
const { transitions } = await part('report.mjs');

const bookOf = (samples: Record<string, Record<string, number>[]>) => {
  const book = new Book();
  for (const [name, rounds] of Object.entries(samples)) for (const sample of rounds) book.add(name, sample);
  return book;
};
const rates = (...values: number[]) => values.map((perSecond) => ({ perSecond }));

describe('the arithmetic of the benchmark', () => {
  it('takes the middle of the rounds, so that one slow round says nothing', () => {
    expect(median([5, 1, 900])).toBe(5);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(() => median([])).toThrow('nothing was measured');
  });

  it('answers a percentile that was really measured', () => {
    const took = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect([percentile(took, 0), percentile(took, 0.5), percentile(took, 0.99), percentile(took, 1)]).toEqual([
      1, 50, 99, 100,
    ]);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('divides within each round, so that a machine that becomes slower does not change a ratio', () => {
    const book = bookOf({ ours: rates(500, 50, 5), limit: rates(1_000, 100, 10) });
    expect(book.ratio('ours', 'limit')).toBe(0.5);
  });

  it('divides the medians where the rounds do not pair', () => {
    expect(bookOf({ ours: rates(30), limit: rates(10, 20, 90) }).ratio('ours', 'limit')).toBe(1.5);
  });

  it('has no ratio to what was not measured', () => {
    expect(bookOf({ ours: rates(30) }).ratio('ours', 'limit')).toBeUndefined();
  });
});

describe('the targets', () => {
  const target = (more: object) => ({
    what: 'speed',
    unit: '× L',
    measure: (book: { ratio(name: string, base: string): number }) => book.ratio('ours', 'limit'),
    ...more,
  });
  const book = bookOf({ ours: rates(50), limit: rates(100) });

  it('hold when the measurement reaches them, to the dot', () => {
    expect(check(book, [target({ least: 0.5 })])).toEqual([
      { what: 'speed', wanted: '≥ 0.5 × L', measured: '0.5 × L', holds: 'yes' },
    ]);
    expect(check(book, [target({ least: 0.51 }), target({ most: 0.49 }), target({ most: 0.5 })])).toMatchObject([
      { holds: 'no' },
      { holds: 'no' },
      { holds: 'yes' },
    ]);
  });

  it('say why they were not measured', () => {
    const empty = new Book();
    empty.miss('peer', 'it does not run here');
    expect(check(empty, [target({ least: 0.5 }), target({ least: 0.5, needs: ['peer'] })])).toMatchObject([
      { holds: 'not measured' },
      { holds: 'not run: it does not run here' },
    ]);
  });

  it('are held against the faster of a peer’s ways', () => {
    const both = bookOf({ 'http.c64': rates(800), 'naive.c16': rates(50), 'naive.c64': rates(200) });
    const [against] = check(both).filter(({ what }: { what: string }) => what.includes('naive'));
    expect(against).toMatchObject({ measured: '4 ×', holds: 'no' });
  });
});

describe('the tables', () => {
  it('line up, in Markdown', () => {
    const text: string = table(
      ['way', '÷ L'],
      [
        ['ours', '0.5'],
        ['a peer', '–'],
      ],
    );
    expect(text).toBe(['| way    | ÷ L |', '| ------ | --- |', '| ours   | 0.5 |', '| a peer | –   |'].join('\n'));
  });

  it('show three digits that count', () => {
    expect([0.043_72, 1.234, 45.67, 7_890.1, 12_345, undefined].map(figure)).toEqual([
      '0.0437',
      '1.23',
      '45.7',
      '7,890',
      '12,345',
      '–',
    ]);
  });

  it('leave out what was not asked for', () => {
    const text: string = results(bookOf({ 'limit.c8': rates(100), pipeline: [{ seconds: 0.9 }] }), { cpu: 'any' });
    expect(text.match(/^## .*/gm)).toEqual([
      '## The machine',
      '## Targets',
      '## Transitions',
      '## Effects and jobs',
      '## Absolute figures, which drift',
    ]);
    expect(text).not.toContain('Restate +');
    expect(text).toMatch(/pipeline: .* \| ≤ 1 s +\| 0\.9 s +\| yes/);
  });

  it('say why a peer was not run', () => {
    const book = bookOf({ 'limit.c8': rates(100), 'http.c64': rates(50) });
    book.miss('restate', 'there is no server for this system');
    const text: string = transitions(book);
    expect(text).toMatch(/Restate .*, 64 at once +\| not run: there is no server for this system/);
    expect(text).toMatch(/ours over HTTP\*\*, 64 at once +\| 0\.5 +\| 1 /);
  });
});

describe('the lifecycles of the benchmark', () => {
  it('are lifecycles that the engine takes', async () => {
    const { order } = await part('product/order.mjs');
    const { deadline } = await part('product/lifecycles.mjs');
    expect([order, deadline].map(({ name }) => name)).toEqual(['bench-order', 'bench-deadline']);
  });

  it('give an order the size that orders have', async () => {
    const { orderOf } = await part('product/order.mjs');
    const bytes = JSON.stringify(orderOf('order_1')).length;
    expect(bytes).toBeGreaterThan(1_500);
    expect(bytes).toBeLessThan(2_000);
  });
});
