import { readdirSync } from 'node:fs';
import { catalogue } from '../../machines/index.js';
import { describe as describeLifecycle } from '../../src/engine/core/describe.js';
import { testedOf } from '../../src/diagrams/tested.js';

const written = readdirSync('docs/tested').map((file) => file.replace(/\.json$/, ''));

describe('what the generated tests have written down', () => {
  it.each(written)('of %s is about transitions that there are', (name) => {
    const lifecycle = catalogue[name];
    if (!lifecycle) throw new Error(`docs/tested/${name}.json is of no lifecycle`);
    const ids = describeLifecycle(lifecycle).transitions.map(({ id }) => id);
    const taken = Object.keys(testedOf(name, lifecycle.version)?.taken ?? {});
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('says nothing of other versions, and of what has no tests', () => {
    expect(testedOf('nda', 0)).toBeUndefined();
    expect(testedOf('nothing', 1)).toBeUndefined();
    expect(testedOf('../errors', 1)).toBeUndefined();
  });
});
