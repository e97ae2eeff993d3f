import { bulk } from '../../machines/bulk.js';
import { lint } from '../../src/engine/core/lint.js';
import { given } from '../support/given.js';

const job = (more: object = {}) =>
  given(bulk, 'working', {
    task: 'spotlight.rescore',
    params: {},
    total: 3,
    processed: 0,
    failed: 0,
    after: null,
    ...more,
  });

describe('a bulk job', () => {
  it('is a sound lifecycle', () => expect(lint(bulk)).toEqual([]));

  it('goes on behind the chunk that is done', () =>
    job({ processed: 200 })
      .when({ done: 'chunk', output: { after: '417', processed: 199, failed: 1 } })
      .then({ state: 'working', effects: ['workstream.chunk'], context: { after: '417', processed: 399, failed: 1 } }));

  it('ends when there is no more', () =>
    job()
      .when({ done: 'chunk', output: { after: null, processed: 3, failed: 0 } })
      .then({ state: 'done', status: 'done', effects: [], context: { processed: 3 } }));

  it('gives up when a chunk does', () =>
    job()
      .when({ failed: 'chunk', error: { code: 'X', message: 'no such spotlight' } })
      .then({ state: 'failed', status: 'done', context: { error: 'no such spotlight' } }));

  it('can be stopped', () => job().when({ type: 'bulk.cancel' }).then({ state: 'cancelled', status: 'done' }));
});
