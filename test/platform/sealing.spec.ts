import { isSealed, seal, unseal } from '../../src/platform/sealing.js';

const OLD = { version: 1, key: Buffer.alloc(32, 1) };
const NEW = { version: 2, key: Buffer.alloc(32, 2) };

describe('a sealed text', () => {
  it('is read by the key that sealed it, also when a newer one seals by now', () => {
    const sealed = seal([OLD], ['demo', 'keys'], 'a secret, ünïcödé');
    expect(sealed).not.toContain('secret');
    expect(isSealed(sealed)).toBe(true);
    expect(unseal([NEW, OLD], ['demo', 'keys'], sealed)).toBe('a secret, ünïcödé');
    expect(seal([NEW, OLD], ['demo', 'keys'], 'a secret')).toMatch(/^sealed:2:/);
  });

  it('is another each time, so that nobody sees that two are the same', () =>
    expect(seal([OLD], ['demo'], 'same')).not.toBe(seal([OLD], ['demo'], 'same')));

  it.each([
    ['in another place', [OLD], ['other', 'keys'], (sealed: string) => sealed],
    ['in places that only look the same', [OLD], ['demo","keys'], (sealed: string) => sealed],
    ['without its key', [NEW], ['demo', 'keys'], (sealed: string) => sealed],
    ['by another key of its version', [{ ...NEW, version: 1 }], ['demo', 'keys'], (sealed: string) => sealed],
    ['when a letter is changed', [OLD], ['demo', 'keys'], (sealed: string) => changed(sealed, 20)],
    ['when its end is cut off', [OLD], ['demo', 'keys'], (sealed: string) => sealed.slice(0, 12)],
  ])('does not open %s', (_, keys, place, harm) =>
    expect(() => unseal(keys, place, harm(seal([OLD], ['demo', 'keys'], 'a secret')))).toThrow(),
  );
});

const changed = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
