import { event } from '../../machines/event.js';
import { lint } from '../../src/engine/core/lint.js';
import { given, NOON } from '../support/given.js';

const input = {
  event_id: 'evt-1',
  payload: { a: 1 },
  metadata: null,
  timestamp: '2026-01-05T11:00:00.000Z',
  correlation_id: 'corr-1',
  retry_attempt: 0,
  run_id: 'event-evt-1',
  debug: null,
};
const run = (state?: string, more: object = {}) => given(event, state, { ...input, ...more });
const error = { code: 'ATTEMPTS_EXHAUSTED', message: 'the database is away' };

it('is a sound lifecycle', () => expect(lint(event)).toEqual([]));

describe('a run', () => {
  it('takes one step after the other, each with what the step before has found (R003-2, R003-4, R003-10)', async () => {
    await run('validating')
      .when({ done: 'validate-event', output: { ...input, metadata: { tags: [] } } })
      .then({ state: 'storing', effects: ['events.store'], context: { metadata: { tags: [] } } });
    await run('storing')
      .when({
        done: 'store-event',
        output: { event_id: 'evt-1', status: 'pending', stored_at: '2026-01-05T12:00:00.000Z' },
      })
      .then({
        state: 'counting',
        effects: ['events.count'],
        context: { stored_at: '2026-01-05T12:00:00.000Z', payload: null },
      });
    await run('counting')
      .when({ done: 'update-metrics', output: { total_updated: true, pending_updated: true } })
      .then({ state: 'delivering', effects: ['events.deliver'] });
    await run('delivering')
      .when({ done: 'mark-delivered', output: null })
      .then({ state: 'delivered', status: 'done', tags: ['won'], timers: [], effects: [] });
  });

  it.each([
    ['validating', 'validate-event'],
    ['storing', 'store-event'],
    ['counting', 'update-metrics'],
    ['delivering', 'mark-delivered'],
  ])('fails in %s when the step is given up (R003-6, R003-26)', async (state, failed) => {
    await run(state)
      .when({ failed, error, facts: { isMarked: false } })
      .then({ state: 'failed', status: 'done', tags: ['failed'], context: { failure: error } });
  });

  it('has 30 seconds, whatever it waits for (R003-24)', async () => {
    for (const state of ['validating', 'storing', 'counting', 'delivering'])
      await run(state)
        .when({ timer: 'RUN_LIMIT', facts: { isMarked: false } })
        .then({ state: 'failed', context: { failure: { code: 'TIMEOUT' } } });
  });

  it('has not failed when the event is marked, and only the news of it is late (R003-22)', async () => {
    await run('delivering')
      .when({ timer: 'RUN_LIMIT', facts: { isMarked: true } })
      .then({ state: 'delivered' });
    await run('delivering')
      .when({ failed: 'mark-delivered', error, facts: { isMarked: true } })
      .then({ state: 'delivered' });
  });

  it('waits 2 seconds when it is to be held up (R003-41)', async () => {
    await run('received', { debug: 'queue_delay' }).when({ timer: 'QUEUE_DELAY' }).then({ state: 'validating' });
  });

  it('has the step that stores it refuse when that was asked for (R003-41)', async () => {
    await run('validating', { debug: 'dlq_routing' })
      .when({ done: 'validate-event', output: input })
      .then({ state: 'storing', context: { debug: 'dlq_routing', since: NOON } });
  });
});
