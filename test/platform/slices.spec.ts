import { Refused } from '../../src/platform/errors.js';
import { SlicedWork } from '../../src/platform/slices.js';

/** Work that asks for nothing but time, and ends when it is told to. */
function* until(isOver: () => boolean): Generator<void, string> {
  while (!isOver()) yield;
  return 'done';
}

describe('long work in slices', () => {
  it('lets others have their turn while it goes on', async () => {
    let turns = 0;
    const others = (): void => {
      if (++turns < 3) setImmediate(others);
    };
    setImmediate(others);
    const work = new SlicedWork({ mostAtOnce: 1, longestMs: 60_000 });
    expect(await work.run(until(() => turns === 3))).toBe('done');
  });

  it('is given up when it takes too long', async () => {
    expect(await new SlicedWork({ mostAtOnce: 1, longestMs: 0 }).run(until(() => false))).toBeUndefined();
  });

  it('is refused while as much as may be is under way, and taken again after that', async () => {
    let isOver = false;
    const work = new SlicedWork({ mostAtOnce: 1, longestMs: 60_000 });
    const first = work.run(until(() => isOver));
    await expect(work.run(until(() => true))).rejects.toBeInstanceOf(Refused);
    isOver = true;
    expect(await first).toBe('done');
    expect(await work.run(until(() => true))).toBe('done');
  });
});
