import { GENESIS, hashEntry, verifyChain, type ChainedRow } from '../../src/engine/core/hash.js';

describe('the hash chain', () => {
  const chain = (texts: string[][]): ChainedRow[] => {
    let prevHash = GENESIS;
    return texts.map((fields, index) => {
      const row = { seq: index + 1, prevHash, hash: hashEntry(prevHash, fields), fields };
      prevHash = row.hash;
      return row;
    });
  };
  const rows = chain([
    ['start', '{"a":1}'],
    ['pay', '{}'],
    ['deliver', '{}'],
  ]);
  const [first, second, third] = rows as [ChainedRow, ChainedRow, ChainedRow];

  it('holds for rows as they were stored', () => expect(verifyChain(rows)).toEqual({ ok: true, head: third.hash }));

  it.each<[string, ChainedRow[], object]>([
    ['changed', [first, { ...second, fields: ['pay', '{ }'] }, third], { seq: 2, reason: 'row 2 was changed' }],
    ['removed', [first, third], { seq: 2, reason: 'row 2 is missing' }],
    [
      'replaced with its hash',
      [first, { ...second, fields: [], hash: hashEntry(first.hash, []) }, third],
      { seq: 3, reason: 'row 3 does not follow the row before it' },
    ],
  ])('names the first row that was %s', (_, tampered, found) =>
    expect(verifyChain(tampered)).toEqual({ ok: false, ...found }),
  );

  it('tells fields apart by where they end, and null from nothing', () => {
    const hashes = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', null], ['abc', '']].map((fields) =>
      hashEntry(GENESIS, fields),
    );
    expect(new Set(hashes).size).toBe(5);
  });
});
